//! Routes of all tables, of which those of others are counted as they are read: there may be hundreds of thousands.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use hostwright::observed::{ObservedRoute, is_foreign};
use nix::libc;

use super::{HEADER, PROTOCOL, TABLE, both_families, decode, hops};
use crate::machine::netlink::attributes::{Attributes, Names, unsigned};
use crate::machine::netlink::connection::{Connection, Refused};
use crate::machine::netlink::links;

/// Routes of all tables.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    /// Those of the kernel, networkd, hostwright and administrators.
    pub(crate) own: BTreeSet<ObservedRoute>,
    /// How many others have, by link; those over several links or none have no name.
    pub(crate) foreign: BTreeMap<String, usize>,
    /// Links that those over several leave over.
    pub(crate) shared: BTreeSet<String>,
    /// IPv4 addresses that those of others have as their source, each with their table.
    pub(crate) sources: BTreeSet<(u32, Ipv4Addr)>,
}

/// Reads the routes of both families and all tables.
///
/// # Errors
/// The kernel's.
pub(in crate::machine::netlink) fn observe(connection: &Connection) -> Result<Routes, Refused> {
    let names = links::names(connection)?;
    let mut routes = Routes::default();
    for message in both_families() {
        let found: Counted = connection.gather(&message, |bytes| any(bytes, &names))?;
        routes.own.extend(found.own);
        routes.sources.extend(found.sources);
        for (indices, count) in found.foreign {
            let mut devices = indices.iter().filter_map(|it| names.get(it)).cloned();
            let alone = if indices.len() == 1 { devices.next() } else { None };
            routes.shared.extend(devices);
            *routes.foreign.entry(alone.unwrap_or_default()).or_default() += count;
        }
    }
    Ok(routes)
}

/// A route, of which little is kept where it is somebody else's.
pub(in crate::machine::netlink) enum Any {
    Own(Box<ObservedRoute>),
    /// Numbers of the links that it leaves over; its table and source, where that is one of IPv4.
    Foreign(BTreeSet<u32>, Option<(u32, Ipv4Addr)>),
}

/// Routes as they are read: those of others are counted at once, for there may be hundreds of thousands.
#[derive(Default)]
struct Counted {
    own: BTreeSet<ObservedRoute>,
    /// By the numbers of the links that they leave over.
    foreign: BTreeMap<BTreeSet<u32>, usize>,
    sources: BTreeSet<(u32, Ipv4Addr)>,
}

impl Extend<Any> for Counted {
    fn extend<I: IntoIterator<Item = Any>>(&mut self, read: I) {
        for route in read {
            match route {
                Any::Own(route) => drop(self.own.insert(*route)),
                Any::Foreign(indices, source) => {
                    *self.foreign.entry(indices).or_default() += 1;
                    self.sources.extend(source);
                }
            }
        }
    }
}

pub(in crate::machine::netlink) fn any(bytes: &[u8], names: &Names) -> Option<Any> {
    if is_foreign(*bytes.get(PROTOCOL)?) {
        let attributes = Attributes::read(bytes.get(HEADER..)?);
        let table = attributes.number(libc::RTA_TABLE).unwrap_or(bytes[TABLE].into());
        return Some(Any::Foreign(outgoing(&attributes), source(&attributes).map(|it| (table, it))));
    }
    decode(bytes, names).map(Box::new).map(Any::Own)
}

fn source(attributes: &Attributes<'_>) -> Option<Ipv4Addr> {
    match attributes.address(libc::RTA_PREFSRC)? {
        IpAddr::V4(source) => Some(source),
        IpAddr::V6(_) => None,
    }
}

/// Reads the numbers of the links that a route leaves over.
fn outgoing(attributes: &Attributes<'_>) -> BTreeSet<u32> {
    let many = attributes.get(libc::RTA_MULTIPATH).map(hops).unwrap_or_default();
    let of_many = many.iter().filter_map(|(header, _)| unsigned(&header[4..]));
    attributes.number(libc::RTA_OIF).into_iter().chain(of_many).collect()
}
