//! Links whose other half is in another network namespace.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::fd::AsRawFd;

use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::nsid::{NsidAttribute, NsidMessage};

use super::attributes::{Attributes, signed};
use super::connection::{Connection, Refused};
use super::links;

/// Length of `struct rtgenmsg` with its padding.
const HEADER: usize = 4;
/// `NETNSA_NSID`.
const IDENTIFIER: u16 = 1;

/// Returns the links that are built on, or paired with, a link in another namespace, with that link's index there.
///
/// # Errors
/// The kernel's.
pub(super) fn in_namespace(connection: &Connection, other: &File) -> Result<BTreeMap<String, u32>, Refused> {
    // The kernel gives a namespace its number when it first names it in an answer.
    let records = links::records(connection)?;
    let halves: Vec<_> = records.into_iter().filter_map(|it| Some((it.half_elsewhere?, it.name))).collect();
    if halves.is_empty() {
        return Ok(BTreeMap::new());
    }
    let Some(identifier) = identifier(connection, other)? else { return Ok(BTreeMap::new()) };
    let half =
        |((index, namespace), name): ((u32, i32), String)| (namespace == identifier).then_some((name, index));
    Ok(halves.into_iter().filter_map(half).collect())
}

/// Returns the number that a namespace has here; absent: it has none, and so nothing here points to it.
fn identifier(connection: &Connection, other: &File) -> Result<Option<i32>, Refused> {
    let mut message = NsidMessage::default();
    message.attributes.push(NsidAttribute::Fd(other.as_raw_fd().cast_unsigned()));
    let found = connection.query(&RouteNetlinkMessage::GetNsId(message), decode)?;
    Ok(found.filter(|it| *it >= 0))
}

/// Reads the number of a namespace; a negative one is none.
pub(super) fn decode(bytes: &[u8]) -> Option<i32> {
    signed(Attributes::read(bytes.get(HEADER..)?).get(IDENTIFIER)?)
}
