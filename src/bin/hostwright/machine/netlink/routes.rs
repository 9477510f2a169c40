//! Routes of all tables.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hostwright::artifact::Route;
use hostwright::observed::ObservedRoute;
use hostwright::value::{Destination, InterfaceName};
use ipnet::IpNet;
use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL};
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteFlags, RouteHeader, RouteMessage, RouteNextHop, RouteProtocol,
    RouteScope, RouteType,
};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use nix::errno::Errno;

use super::connection::{change, dump};
use super::{Netlink, index_of, index_of_present, names};
use crate::failure::{During, Failure};

impl Netlink {
    /// Lists the routes of all tables, both families.
    ///
    /// # Errors
    /// The kernel's answer.
    pub(crate) fn routes(&self) -> Result<BTreeSet<ObservedRoute>, Failure> {
        let names = names()?;
        let mut found = BTreeSet::new();
        for family in [AddressFamily::Inet, AddressFamily::Inet6] {
            let mut request = RouteMessage::default();
            request.header.address_family = family;
            let messages =
                dump(&RouteNetlinkMessage::GetRoute(request)).during(|| "list routes".to_owned())?;
            found.extend(messages.into_iter().filter_map(|message| match message {
                RouteNetlinkMessage::NewRoute(route) => observed(&route, &names),
                _ => None,
            }));
        }
        Ok(found)
    }

    /// Adds a static route; one that is there is done.
    ///
    /// # Errors
    /// The kernel's answer.
    pub(crate) fn add_route(&self, name: &InterfaceName, route: &Route) -> Result<(), Failure> {
        let message = message(index_of_present(name.as_str())?, route);
        match change(RouteNetlinkMessage::NewRoute(message), NLM_F_CREATE | NLM_F_EXCL) {
            Err(refused) if !refused.is(&[Errno::EEXIST]) => {
                Err(refused).during(|| format!("add the route {} over {name}", route.to))
            }
            _ => Ok(()),
        }
    }

    /// Removes a static route; absent is done.
    ///
    /// # Errors
    /// The kernel's answer.
    pub(crate) fn remove_route(&self, name: &InterfaceName, route: &Route) -> Result<(), Failure> {
        let Some(index) = index_of(name.as_str())? else { return Ok(()) };
        match change(RouteNetlinkMessage::DelRoute(message(index, route)), 0) {
            Err(refused) if !refused.is(&[Errno::ESRCH, Errno::ENODEV]) => {
                Err(refused).during(|| format!("remove the route {} over {name}", route.to))
            }
            _ => Ok(()),
        }
    }
}

fn message(index: u32, route: &Route) -> RouteMessage {
    let mut message = RouteMessage::default();
    let ipv4 = match (route.to, route.via) {
        (Destination::Network(net), _) => net.addr().is_ipv4(),
        (Destination::Default, via) => via.is_none_or(|it| it.is_ipv4()),
    };
    message.header.address_family = if ipv4 { AddressFamily::Inet } else { AddressFamily::Inet6 };
    message.header.table = RouteHeader::RT_TABLE_MAIN;
    message.header.protocol = RouteProtocol::Static;
    message.header.kind = RouteType::Unicast;
    message.header.scope = if ipv4 && route.via.is_none() { RouteScope::Link } else { RouteScope::Universe };
    message.attributes.push(RouteAttribute::Oif(index));
    if let Destination::Network(net) = route.to {
        message.header.destination_prefix_length = net.prefix_len();
        message.attributes.push(RouteAttribute::Destination(net.addr().into()));
    }
    message.attributes.extend(route.via.map(|it| RouteAttribute::Gateway(it.into())));
    message.attributes.extend(route.metric.map(RouteAttribute::Priority));
    message
}

/// Names of links by index.
type Names = BTreeMap<u32, String>;

/// Reads a route; absent for what the kernel made of one for a single destination.
fn observed(message: &RouteMessage, names: &Names) -> Option<ObservedRoute> {
    let header = &message.header;
    if header.flags.contains(RouteFlags::Cloned) {
        return None;
    }
    let mut route = ObservedRoute {
        table: u32::from(header.table),
        protocol: header.protocol.into(),
        device: None,
        to: unspecified(header.address_family, header.destination_prefix_length)?,
        via: None,
        metric: 0,
        rest: format!("{:?} {:?}", header.kind, header.scope),
    };
    for attribute in &message.attributes {
        match attribute {
            RouteAttribute::Table(table) => route.table = *table,
            RouteAttribute::Destination(to) => {
                route.to = IpNet::new(ip(to)?, header.destination_prefix_length).ok()?;
            }
            RouteAttribute::Gateway(via) => route.via = ip(via),
            RouteAttribute::Oif(index) => route.device = names.get(index).cloned(),
            RouteAttribute::Priority(metric) => route.metric = *metric,
            RouteAttribute::NhId(id) => route.rest.push_str(&format!(" nexthop {id}")),
            RouteAttribute::PrefSource(source) => route.rest.push_str(&format!(" source {source:?}")),
            RouteAttribute::Via(via) => route.rest.push_str(&format!(" via {via:?}")),
            RouteAttribute::MultiPath(hops) => route.rest.push_str(&paths(hops, names)),
            _ => {}
        }
    }
    Some(route)
}

fn paths(hops: &[RouteNextHop], names: &Names) -> String {
    let path = |hop: &RouteNextHop| {
        let via = hop.attributes.iter().find_map(|attribute| match attribute {
            RouteAttribute::Gateway(via) => Some(format!("{via:?}")),
            RouteAttribute::Via(via) => Some(format!("{via:?}")),
            _ => None,
        });
        let device = names.get(&hop.interface_index).map_or("none", String::as_str);
        format!(" [{} {device} {}]", via.unwrap_or_default(), hop.hops)
    };
    hops.iter().map(path).collect()
}

fn unspecified(family: AddressFamily, prefix: u8) -> Option<IpNet> {
    let zero = match family {
        AddressFamily::Inet => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        AddressFamily::Inet6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        _ => return None,
    };
    IpNet::new(zero, prefix).ok()
}

fn ip(address: &RouteAddress) -> Option<IpAddr> {
    match address {
        RouteAddress::Inet(ip) => Some(IpAddr::V4(*ip)),
        RouteAddress::Inet6(ip) => Some(IpAddr::V6(*ip)),
        _ => None,
    }
}
