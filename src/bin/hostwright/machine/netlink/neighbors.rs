//! Permanent neighbors: read, added, removed.

use std::net::IpAddr;

use hostwright::artifact::Neighbor;
use hostwright::value::{InterfaceName, Mac, TextValue};
use netlink_packet_core::{NLM_F_CREATE, NLM_F_REPLACE};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::neighbour::{NeighbourAttribute, NeighbourMessage, NeighbourState};
use nix::errno::Errno;

use super::addresses::family;
use super::attributes::{Attributes, unsigned};
use super::connection::{Connection, Refused, Unless};
use super::links;
use crate::failure::{During, Failure};

/// `NDA_DST`.
pub(super) const DESTINATION: u16 = 1;
/// `NDA_LLADDR`.
pub(super) const LINK_LAYER_ADDRESS: u16 = 2;
/// `NUD_PERMANENT`.
const PERMANENT: u16 = 0x80;

/// Reads the permanent neighbors of all links, with the links' indices, in the order of their addresses.
///
/// # Errors
/// The kernel's.
pub(super) fn all(connection: &Connection) -> Result<Vec<(u32, Neighbor)>, Refused> {
    let all = RouteNetlinkMessage::GetNeighbour(NeighbourMessage::default());
    let mut found = connection.dump(&all, decode)?;
    found.sort_unstable();
    Ok(found)
}

/// Reads the permanent neighbors of all links, with the links' names. Links whose names no spec can have are left out: networkd
/// has no file of ours for them.
///
/// # Errors
/// The kernel's.
pub(super) fn by_name(connection: &Connection) -> Result<Vec<(InterfaceName, Neighbor)>, Refused> {
    let found = all(connection)?;
    // There are none mostly, and links may be many.
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let names = links::names(connection)?;
    let with_name = |(index, it): (u32, Neighbor)| Some((InterfaceName::parse(names.get(&index)?).ok()?, it));
    Ok(found.into_iter().filter_map(with_name).collect())
}

/// Adds a permanent neighbor; one that was learned becomes permanent.
///
/// # Errors
/// The link is absent, or the kernel refuses.
pub(super) fn add(connection: &Connection, name: &InterfaceName, it: &Neighbor) -> Result<(), Failure> {
    let what = || format!("add neighbor {} to {name}", it.address);
    let Some(link) = links::record(connection, name).during(what)? else {
        return Err(Failure::new(what(), "there is no such link"));
    };
    let mut message = message(link.index, it.address);
    message.header.state = NeighbourState::Permanent;
    let mac = it.link_layer_address.bytes().to_vec();
    message.attributes.push(NeighbourAttribute::LinkLayerAddress(mac));
    let message = RouteNetlinkMessage::NewNeighbour(message);
    connection.request(&message, NLM_F_CREATE | NLM_F_REPLACE).during(what)
}

/// Removes a neighbor; an absent one is a success.
///
/// # Errors
/// The kernel's.
pub(super) fn remove(connection: &Connection, name: &InterfaceName, it: &Neighbor) -> Result<(), Failure> {
    let what = || format!("remove neighbor {} from {name}", it.address);
    let Some(link) = links::record(connection, name).during(what)? else {
        return Ok(());
    };
    let message = RouteNetlinkMessage::DelNeighbour(message(link.index, it.address));
    connection.request(&message, 0).unless(Errno::ENOENT, ()).during(what)
}

/// Makes a message about a neighbor on a link.
pub(super) fn message(index: u32, address: IpAddr) -> NeighbourMessage {
    let mut message = NeighbourMessage::default();
    message.header.family = family(address);
    message.header.ifindex = index;
    message.attributes.push(NeighbourAttribute::Destination(address.into()));
    message
}

pub(super) fn decode(bytes: &[u8]) -> Option<(u32, Neighbor)> {
    let (header, rest) = bytes.split_first_chunk::<12>()?;
    let state = u16::from_ne_bytes([header[8], header[9]]);
    let attributes = Attributes::read(rest);
    let mac = attributes.get(LINK_LAYER_ADDRESS)?;
    let neighbor = Neighbor {
        address: attributes.address(DESTINATION)?,
        link_layer_address: Mac::new(mac.try_into().ok()?)?,
    };
    (state & PERMANENT != 0).then_some((unsigned(&header[4..])?, neighbor))
}
