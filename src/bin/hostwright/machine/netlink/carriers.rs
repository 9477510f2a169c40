//! The entries of the kernel's tables that carry flows, as the kernel finds them: by all its rules.

use std::collections::{BTreeMap, BTreeSet};

use hostwright::observed::{Flow, ObservedLink, ObservedRoute};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::route::{RouteAttribute, RouteFlags, RouteMessage};
use nix::errno::Errno;

use super::addresses::family;
use super::attributes::Names;
use super::connection::{Connection, Refused, Unless};
use super::{links, routes};

/// Bits of an address.
const WHOLE: [u8; 2] = [32, 128];

/// Finds what carries each flow; one that nothing carries stays without.
///
/// # Errors
/// The kernel's.
pub(super) fn find(
    connection: &Connection,
    flows: BTreeSet<Flow>,
    links: &BTreeMap<String, ObservedLink>,
) -> Result<BTreeSet<Flow>, Refused> {
    let names = links.iter().map(|(name, it)| (it.index, name.clone())).collect();
    flows.into_iter().map(|it| Ok(Flow { route: carrier(connection, &it, &names)?, ..it })).collect()
}

/// Finds the links that each flow leaves over.
///
/// # Errors
/// The kernel's.
pub(super) fn leave_over(connection: &Connection, flows: &[Flow]) -> Result<Vec<BTreeSet<String>>, Refused> {
    let names = links::names(connection)?;
    let devices = |it: &ObservedRoute| it.devices().into_iter().map(str::to_owned).collect();
    flows
        .iter()
        .map(|it| Ok(carrier(connection, it, &names)?.as_ref().map(devices).unwrap_or_default()))
        .collect()
}

fn carrier(connection: &Connection, flow: &Flow, names: &Names) -> Result<Option<ObservedRoute>, Refused> {
    let message = RouteNetlinkMessage::GetRoute(message(flow));
    let mut found = connection.query(&message, |it| routes::decode(it, names));
    // What a route that leads nowhere answers, what no route does, and what an own address that is not there or a link that is
    // down does.
    for nothing in [
        Errno::ENETUNREACH,
        Errno::EHOSTUNREACH,
        Errno::EACCES,
        Errno::EINVAL,
        Errno::ENODEV,
        Errno::ENETDOWN,
        Errno::EADDRNOTAVAIL,
    ] {
        found = found.unless(nothing, None);
    }
    found
}

fn message(flow: &Flow) -> RouteMessage {
    let mut message = RouteMessage::default();
    let whole = WHOLE[usize::from(flow.peer.is_ipv6())];
    message.header.address_family = family(flow.peer);
    message.header.destination_prefix_length = whole;
    message.header.flags = RouteFlags::LookupTable | RouteFlags::FibMatch;
    message.attributes.push(RouteAttribute::Destination(flow.peer.into()));
    if !flow.local.is_unspecified() && flow.local.is_ipv4() == flow.peer.is_ipv4() {
        message.header.source_prefix_length = whole;
        message.attributes.push(RouteAttribute::Source(flow.local.into()));
    }
    if flow.device != 0 {
        message.attributes.push(RouteAttribute::Oif(flow.device));
    }
    message
}
