//! Addresses of the host on its links.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;

use super::super::Declared;
use super::super::interfaces::Entry;
use super::{Finding, View};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Located;
use crate::value::{InterfaceAddress, is_link_local};

/// Refuses addresses on ports whose frames go to the master.
pub(in super::super) fn on_ports(declared: &Declared, diagnostics: &mut Diagnostics) {
    let masters = declared.interfaces.iter().filter(|(_, it)| it.interface.takes_frames());
    for (name, port) in masters.flat_map(|(name, it)| it.interface.ports.iter().map(move |it| (name, it))) {
        let interface = declared.interfaces.get(port.value.as_str());
        let Some(address) = interface.and_then(|it| it.ip.addresses.first()) else { continue };
        let message = format!(
            "`{}` is on `{}`, a port of `{name}`: nobody would reach it there",
            address.value, port.value
        );
        let diagnostic = Diagnostic::error(Code::AddressOnPort, address.span, message);
        diagnostics.push(diagnostic.also(port.span, "a port here").hint(format!("give it to `{name}`")));
    }
}

/// RFC 8200, section 5; the kernel takes IPv6 from a link with a smaller MTU.
const SMALLEST_OF_IPV6: u32 = 1280;

/// Refuses IPv6 addresses on links whose MTU is too small for it.
pub(in super::super) fn too_small_for_ipv6(declared: &Declared, diagnostics: &mut Diagnostics) {
    for (link, entry) in declared.interfaces.iter() {
        let (mtu, place) = declared.interfaces.mtu_from(link);
        let address = entry.interface.ip.addresses.iter().find(|it| it.value.ip().is_ipv6());
        let Some(address) = address.filter(|_| mtu.bytes() < SMALLEST_OF_IPV6) else { continue };
        let written = place.unwrap_or(entry.origin.span);
        let message = format!("MTU {mtu} of `{link}` is below {SMALLEST_OF_IPV6}, which IPv6 needs");
        let diagnostic = Diagnostic::error(Code::MtuBelowIpv6, written, message);
        let hint = "the kernel has no IPv6 on such a link: raise `mtu`, or take the address away";
        diagnostics.push(diagnostic.also(address.span, "an address of IPv6").hint(hint));
    }
}

/// A written address with its link and its table.
#[derive(Clone, Copy)]
struct Place<'a> {
    link: &'a str,
    entry: &'a Entry,
    table: u32,
    address: &'a Located<InterfaceAddress>,
}

/// Returns all written addresses in the order of the text.
fn all(declared: &Declared) -> Vec<Place<'_>> {
    let interfaces = declared.interfaces.iter();
    let mut all: Vec<_> = interfaces
        .flat_map(|(link, entry)| {
            let table = declared.interfaces.table(link);
            entry.interface.ip.addresses.iter().map(move |address| Place { link, entry, table, address })
        })
        .collect();
    all.sort_by_key(|it| it.address.span);
    all
}

/// Refuses addresses that are given twice in one table.
pub(in super::super) fn twice(declared: &Declared, diagnostics: &mut Diagnostics) {
    let mut first: BTreeMap<_, Place<'_>> = BTreeMap::new();
    for place in all(declared) {
        let ip = place.address.value.ip();
        let own = is_link_local(ip).then_some(place.link);
        let Some(other) = first.get(&(own, place.table, ip)) else {
            first.insert((own, place.table, ip), place);
            continue;
        };
        let message = if place.link == other.link {
            format!("address `{ip}` is given twice to `{}`", place.link)
        } else {
            format!("address `{ip}` is given to both `{}` and `{}`", other.link, place.link)
        };
        let diagnostic = Diagnostic::error(Code::DuplicateAddress, place.address.span, message);
        let diagnostic =
            diagnostic.also(other.address.span, format!("first by `[{}]`", other.entry.origin.value));
        diagnostics.push(diagnostic.hint("take it from one of them; links in different VRFs may share one"));
    }
}

/// Warns of addresses that lie in the network of another link.
pub(in super::super) fn overlaps(view: &View<'_>) -> Vec<Finding> {
    let places: Vec<_> = all(view.declared).into_iter().filter(shares_a_network).collect();
    let mut networks: BTreeMap<_, Vec<Place<'_>>> = BTreeMap::new();
    for place in &places {
        let ip = place.address.value.ip();
        networks.entry((place.table, network(ip, place.address.value.prefix()))).or_default().push(*place);
    }
    let prefixes: BTreeSet<_> = places.iter().map(|it| it.address.value.prefix()).collect();
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    for place in &places {
        let wider = prefixes.iter().filter_map(|it| {
            networks.get(&(place.table, network(place.address.value.ip(), *it))).map(|others| (*it, others))
        });
        for (prefix, other) in wider.flat_map(|(it, others)| others.iter().map(move |other| (it, other))) {
            let (one, two) = (place.link.min(other.link), place.link.max(other.link));
            if place.link != other.link && told.insert((one, two)) {
                found.push(overlap(place, other, prefix));
            }
        }
    }
    found
}

fn network(ip: std::net::IpAddr, prefix: u8) -> Option<IpNet> {
    IpNet::new(ip, prefix).ok().map(|it| it.trunc())
}

/// Says whether the kernel makes a route of an address, and no rule says that its packets go another way.
fn shares_a_network(place: &Place<'_>) -> bool {
    let ip = place.address.value.ip();
    let single = if ip.is_ipv4() { 32 } else { 128 };
    let routed = place.entry.interface.ip.sources.iter().any(|it| it.contains(&ip));
    place.address.value.prefix() < single && !routed && !is_link_local(ip)
}

fn overlap(place: &Place<'_>, other: &Place<'_>, prefix: u8) -> Finding {
    let network = network(other.address.value.ip(), prefix);
    let network = network.map_or_else(String::new, |it| it.to_string());
    let message = format!(
        "address `{}` of `{}` lies in `{network}`, the network of `{}`",
        place.address.value, place.link, other.link
    );
    let diagnostic = Diagnostic::warning(Code::OverlappingNetworks, place.address.span, message);
    let diagnostic = diagnostic.also(other.address.span, format!("the network of `{}`", other.link));
    let hint = "hosts of this network are on two links at once: mend one of the two prefixes, or make a bond or a VRF of the links";
    Finding {
        diagnostic: diagnostic.hint(hint),
        tables: vec![place.entry.origin.value.clone(), other.entry.origin.value.clone()],
    }
}
