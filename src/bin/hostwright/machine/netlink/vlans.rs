//! VLANs of bridges: which pass a port, and in which the bridge's host takes part.

use hostwright::artifact::PortVlan;
use hostwright::value::VlanId;
use netlink_packet_core::DefaultNla;
use netlink_packet_route::link::{LinkAttribute, LinkMessage};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use nix::libc;

use super::attributes::{Attributes, unsigned};
use super::connection::{Connection, Refused};

/// `IFLA_BRIDGE_FLAGS`.
const FLAGS: u16 = 0;
/// `BRIDGE_FLAGS_MASTER`: the port's entry in its bridge.
const OF_MASTER: u16 = 1;
/// `BRIDGE_FLAGS_SELF`: the bridge's own entry.
const OF_ITSELF: u16 = 2;
/// `IFLA_BRIDGE_VLAN_INFO`.
const VLAN_INFO: u16 = 2;
/// `BRIDGE_VLAN_INFO_PVID` and `BRIDGE_VLAN_INFO_UNTAGGED`.
const UNTAGGED: u16 = 2 | 4;
/// `RTEXT_FILTER_BRVLAN`.
const EVERY_VLAN: u32 = 2;

/// Whose VLANs are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Those that pass a port.
    Port,
    /// Those in which a bridge's host takes part.
    Bridge,
}

/// Reads the VLANs of all ports and bridges, with the links' indices, in the order of their numbers.
///
/// # Errors
/// The kernel's.
pub(super) fn all(connection: &Connection) -> Result<Vec<(u32, Vec<PortVlan>)>, Refused> {
    let mut message = LinkMessage::default();
    message.header.interface_family = AddressFamily::Bridge;
    let mask = DefaultNla::new(libc::IFLA_EXT_MASK, EVERY_VLAN.to_ne_bytes().to_vec());
    message.attributes.push(LinkAttribute::Other(mask));
    connection.dump(&RouteNetlinkMessage::GetLink(message), decode)
}

/// Lets pass what shall and nothing else.
///
/// # Errors
/// The kernel's.
pub(super) fn set(
    connection: &Connection,
    index: u32,
    side: Side,
    wanted: &[PortVlan],
) -> Result<(), Refused> {
    let present = all(connection)?.into_iter().find(|it| it.0 == index).map_or_else(Vec::new, |it| it.1);
    for vlan in present.iter().filter(|it| !wanted.contains(it)) {
        connection.request(&RouteNetlinkMessage::DelLink(message(index, side, *vlan)), 0)?;
    }
    for vlan in wanted.iter().filter(|it| !present.contains(it)) {
        connection.request(&RouteNetlinkMessage::SetLink(message(index, side, *vlan)), 0)?;
    }
    Ok(())
}

fn message(index: u32, side: Side, vlan: PortVlan) -> LinkMessage {
    let mut message = LinkMessage::default();
    message.header.interface_family = AddressFamily::Bridge;
    message.header.index = index;
    let side = match side {
        Side::Port => OF_MASTER,
        Side::Bridge => OF_ITSELF,
    };
    let flags = if vlan.untagged { UNTAGGED } else { 0 };
    let info = [flags.to_ne_bytes(), vlan.id.number().to_ne_bytes()].concat();
    let nest = hostwright::artifact::Bytes::from(vec![
        (FLAGS, side.into()),
        (VLAN_INFO, hostwright::artifact::Bytes(info)),
    ]);
    message.attributes.push(LinkAttribute::Other(DefaultNla::new(libc::IFLA_AF_SPEC, nest.0)));
    message
}

pub(super) fn decode(bytes: &[u8]) -> Option<(u32, Vec<PortVlan>)> {
    let (header, rest) = bytes.split_first_chunk::<16>()?;
    let details = Attributes::read(rest).nested(libc::IFLA_AF_SPEC);
    let vlans = details.iter().filter(|it| it.0 == VLAN_INFO).filter_map(|it| vlan(it.1));
    let mut vlans: Vec<_> = vlans.collect();
    vlans.sort_unstable();
    Some((unsigned(&header[4..])?, vlans))
}

/// Reads `struct bridge_vlan_info`.
fn vlan(info: &[u8]) -> Option<PortVlan> {
    let [a, b, c, d] = *info.first_chunk()?;
    let id = VlanId::new(u16::from_ne_bytes([c, d]).into()).ok()?;
    Some(PortVlan { id, untagged: u16::from_ne_bytes([a, b]) & UNTAGGED == UNTAGGED })
}
