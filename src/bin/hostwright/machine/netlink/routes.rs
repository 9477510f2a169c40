//! Routes of all tables, as values that stay equal while nothing changes.

mod counted;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hostwright::observed::{ForeignRoute, ObservedRoute, is_foreign};
use ipnet::IpNet;
use netlink_packet_route::route::RouteMessage;
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use nix::libc;

use super::attributes::{Attributes, Names, Word, address, address_text, bytes, link, number_text, unsigned};
use super::connection::{Connection, Refused};
pub(crate) use counted::Routes;
#[cfg(any(test, fuzzing))]
pub(super) use counted::any;
pub(super) use counted::observe;

/// `RTM_F_CLONED`: an entry of the cache.
const CLONED: u32 = 0x200;
/// `RTNH_F_ONLINK`; the other flags tell the state of links and hardware.
const ONLINK: u32 = 4;
const TYPES: &[&str] = &[
    "unspec",
    "unicast",
    "local",
    "broadcast",
    "anycast",
    "multicast",
    "blackhole",
    "unreachable",
    "prohibit",
    "throw",
    "nat",
    "xresolve",
];
const WORDS: &[Word] = &[
    Word::left_out(libc::RTA_DST),
    Word::left_out(libc::RTA_OIF),
    Word::left_out(libc::RTA_GATEWAY),
    Word::left_out(libc::RTA_PRIORITY),
    Word::left_out(libc::RTA_CACHEINFO),
    Word::left_out(libc::RTA_TABLE),
    Word::left_out(libc::RTA_MFC_STATS),
    Word::left_out(libc::RTA_VIA),
    Word::left_out(libc::RTA_EXPIRES),
    Word::left_out(libc::RTA_PAD),
    Word::value(libc::RTA_SRC, "from", address_text),
    Word::link(libc::RTA_IIF, "iif"),
    Word::value(libc::RTA_PREFSRC, "src", address_text),
    Word::value(libc::RTA_METRICS, "metrics", metrics),
    Word::links(libc::RTA_MULTIPATH, "nexthops", nexthops),
    Word::value(libc::RTA_FLOW, "realm", number_text),
    Word::value(libc::RTA_MARK, "mark", number_text),
    Word::value(libc::RTA_PREF, "pref", number_text),
    Word::value(libc::RTA_ENCAP_TYPE, "encap-type", number_text),
    Word::value(libc::RTA_ENCAP, "encap", bytes),
    Word::value(libc::RTA_TTL_PROPAGATE, "ttl-propagate", number_text),
    Word::value(NEXTHOP_ID, "nhid", number_text),
];
/// `RTA_NH_ID`.
const NEXTHOP_ID: u16 = 30;
const HEADER: usize = 12;
/// Place of `rtm_table` in it.
const TABLE: usize = 4;
/// Place of `rtm_protocol` in it.
const PROTOCOL: usize = 5;
/// Place of `rtm_type` in it.
const KIND: usize = 7;

/// Reads the routes of others: of each where it leads, for there may be many.
///
/// # Errors
/// The kernel's.
pub(super) fn foreign(connection: &Connection) -> Result<Vec<ForeignRoute>, Refused> {
    all(connection, |bytes| {
        let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
        is_foreign(header[PROTOCOL]).then(|| destination(header, &Attributes::read(rest)))?
    })
}

fn all<T>(connection: &Connection, decode: impl Fn(&[u8]) -> Option<T>) -> Result<Vec<T>, Refused> {
    let [ipv4, ipv6] = both_families();
    let mut routes = connection.dump(&ipv4, &decode)?;
    routes.append(&mut connection.dump(&ipv6, &decode)?);
    Ok(routes)
}

fn both_families() -> [RouteNetlinkMessage; 2] {
    [AddressFamily::Inet, AddressFamily::Inet6].map(|family| {
        let mut message = RouteMessage::default();
        message.header.address_family = family;
        RouteNetlinkMessage::GetRoute(message)
    })
}

/// Reads one route; nothing for entries of the cache and other families.
pub(super) fn decode(bytes: &[u8], names: &Names) -> Option<ObservedRoute> {
    let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
    let attributes = Attributes::read(rest);
    let ForeignRoute { table, protocol, to } = destination(header, &attributes)?;
    let device = attributes.number(libc::RTA_OIF);
    Some(ObservedRoute {
        table,
        protocol,
        device: device.and_then(|index| names.get(&index)).cloned(),
        to,
        via: gateway(&attributes),
        metric: attributes.number(libc::RTA_PRIORITY).unwrap_or(0),
        rest: remainder(header, &attributes, names),
    })
}

/// Reads where a route leads, and whose it is.
fn destination(header: &[u8; HEADER], attributes: &Attributes<'_>) -> Option<ForeignRoute> {
    let [family, length, _, _, table, protocol, ..] = *header;
    if unsigned(&header[8..])? & CLONED != 0 {
        return None;
    }
    let to = match attributes.address(libc::RTA_DST) {
        Some(address) => address,
        None => unspecified(family)?,
    };
    let table = attributes.number(libc::RTA_TABLE).unwrap_or(table.into());
    Some(ForeignRoute { table, protocol, to: IpNet::new(to, length).ok()? })
}

fn unspecified(family: u8) -> Option<IpAddr> {
    match i32::from(family) {
        libc::AF_INET => Some(Ipv4Addr::UNSPECIFIED.into()),
        libc::AF_INET6 => Some(Ipv6Addr::UNSPECIFIED.into()),
        _ => None,
    }
}

/// Returns the gateway, also one of the other family.
fn gateway(attributes: &Attributes<'_>) -> Option<IpAddr> {
    let other = || address(attributes.get(libc::RTA_VIA)?.get(2..)?);
    attributes.address(libc::RTA_GATEWAY).or_else(other)
}

fn remainder(header: &[u8; HEADER], attributes: &Attributes<'_>, names: &Names) -> String {
    let [_, _, source, tos, _, _, scope, kind, flags @ ..] = *header;
    let known = TYPES.get(usize::from(kind));
    let kind = known.map_or_else(|| kind.to_string(), |it| (*it).to_owned());
    let source = if source == 0 { String::new() } else { format!(" source-length {source}") };
    let tos = if tos == 0 { String::new() } else { format!(" tos {tos}") };
    let onlink = onlink(u32::from_ne_bytes(flags));
    let described = attributes.describe(WORDS, names);
    format!("{kind} scope {}{source}{tos}{onlink}{described}", scope_name(scope))
}

/// Writes a scope as `ip` does.
pub(super) fn scope_name(scope: u8) -> String {
    match scope {
        0 => "global".to_owned(),
        200 => "site".to_owned(),
        253 => "link".to_owned(),
        254 => "host".to_owned(),
        255 => "nowhere".to_owned(),
        other => other.to_string(),
    }
}

/// Writes the only flag of a nexthop that was configured.
pub(super) fn onlink(flags: u32) -> &'static str {
    if flags & ONLINK == 0 { "" } else { " onlink" }
}

fn metrics(value: &[u8]) -> String {
    const WORDS: &[Word] = &[
        Word::value(1, "lock", number_text),
        Word::value(2, "mtu", number_text),
        Word::value(8, "advmss", number_text),
        Word::value(10, "hoplimit", number_text),
    ];
    let described = Attributes::read(value).describe(WORDS, &Names::new());
    format!("[{}]", described.trim_start())
}

/// Writes the nexthops of a route with many.
fn nexthops(value: &[u8], names: &Names) -> String {
    let write = |(header, attributes): ([u8; 8], Attributes<'_>)| {
        let [_, _, flags, hops, index @ ..] = header;
        let via = gateway(&attributes).map_or_else(String::new, |it| format!("via {it} "));
        format!(
            "{via}dev {} weight {}{}{}",
            link(&index, names),
            u16::from(hops) + 1,
            onlink(flags.into()),
            attributes.describe(WORDS, names)
        )
    };
    let mut written: Vec<_> = hops(value).into_iter().map(write).collect();
    written.sort();
    format!("[{}]", written.join("; "))
}

/// Divides the nexthops of a route with many: `struct rtnexthop`, each with attributes.
fn hops(value: &[u8]) -> Vec<([u8; 8], Attributes<'_>)> {
    let mut found = Vec::new();
    let mut rest = value;
    while let Some((header, _)) = rest.split_first_chunk::<8>() {
        let length = usize::from(u16::from_ne_bytes([header[0], header[1]]));
        let Some(attributes) = rest.get(header.len()..length) else {
            break;
        };
        found.push((*header, Attributes::read(attributes)));
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    found
}

/// Reads where packets go over a link directly, with its number: to gateways, and into networks without one.
///
/// # Errors
/// The kernel's.
pub(super) fn direct(connection: &Connection) -> Result<BTreeSet<(u32, IpNet)>, Refused> {
    // Of thousands of routes few lead elsewhere.
    let found = RefCell::new(BTreeSet::new());
    all(connection, |bytes| {
        found.borrow_mut().extend(reached(bytes).unwrap_or_default());
        None::<()>
    })?;
    Ok(found.into_inner())
}

fn reached(bytes: &[u8]) -> Option<Vec<(u32, IpNet)>> {
    let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
    let attributes = Attributes::read(rest);
    let to = destination(header, &attributes).filter(|_| header[KIND] == libc::RTN_UNICAST)?.to;
    let next = |it: &Attributes<'_>| gateway(it).map_or(to, IpNet::from);
    let many = attributes.get(libc::RTA_MULTIPATH).map(hops).unwrap_or_default();
    let of_many = many.iter().filter_map(|(header, it)| Some((unsigned(&header[4..])?, next(it))));
    let single = attributes.number(libc::RTA_OIF).map(|index| (index, next(&attributes)));
    Some(of_many.chain(single).collect())
}
