//! Static routes of the main table, added and removed.

use std::net::IpAddr;

use hostwright::artifact::{Route, RouteType as Ours};
use hostwright::observed::ObservedRoute;
use hostwright::value::InterfaceName;
use ipnet::IpNet;
use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::route::{
    RouteAttribute, RouteFlags, RouteMessage, RouteProtocol, RouteScope, RouteType,
};
use nix::errno::Errno;

use super::addresses::family;
use super::attributes::Names;
use super::connection::{Connection, Refused, Unless};
use super::{links, ports, routes};
use crate::failure::{During, Failure};

/// Adds a route; one that is there stays as it is.
///
/// # Errors
/// The link is absent, the kernel refuses, or another route has destination and metric.
pub(super) fn add(connection: &Connection, name: &InterfaceName, route: &Route) -> Result<(), Failure> {
    let what = || format!("add the route {} over {name}", route.to);
    let Some(index) = index(connection, name, route).during(what)? else {
        return Err(Failure::new(what(), "there is no such link"));
    };
    let route = Complete::new(route, index);
    let message = RouteNetlinkMessage::NewRoute(route.message());
    match connection.request(&message, NLM_F_CREATE | NLM_F_EXCL) {
        Err(refused) if refused.is(Errno::EEXIST) => {
            let other = "another route with this destination and metric is there";
            let same = route.is_there().during(what)?;
            same.then_some(()).ok_or_else(|| Failure::new(what(), other))
        }
        done => done.during(what),
    }
}

/// Puts a route in the place of one with the same destination and metric, with no moment in between; where that one is
/// absent it is added.
///
/// # Errors
/// As for [`add`].
pub(super) fn replace(
    connection: &Connection,
    name: &InterfaceName,
    former: &Route,
    route: &Route,
) -> Result<(), Failure> {
    let what = || format!("replace the route {} over {name}", route.to);
    let Some(link) = links::record(connection, name).during(what)? else {
        return Err(Failure::new(what(), "there is no such link"));
    };
    let is_there = |it: &Route| Complete::new(it, link.index).is_there().during(what);
    // One of somebody else is left alone.
    if is_there(route)? || !is_there(former)? {
        return add(connection, name, route);
    }
    // IPv6 replaces only what is of the same kind.
    if route.network().addr().is_ipv6() && route.kind != former.kind {
        remove(connection, name, former)?;
        return add(connection, name, route);
    }
    let message = RouteNetlinkMessage::NewRoute(Complete::new(route, link.index).message());
    connection.request(&message, NLM_F_CREATE | NLM_F_REPLACE).during(what)
}

/// Removes a route; an absent one is a success.
///
/// # Errors
/// The kernel's.
pub(super) fn remove(connection: &Connection, name: &InterfaceName, route: &Route) -> Result<(), Failure> {
    let what = || format!("remove the route {} over {name}", route.to);
    let Some(index) = index(connection, name, route).during(what)? else {
        return Ok(());
    };
    let route = Complete::new(route, index);
    // Metric 0 means any to the kernel: it would take another route for one that is absent.
    if !route.is_there().during(what)? {
        return Ok(());
    }
    let message = RouteNetlinkMessage::DelRoute(route.message());
    connection.request(&message, 0).unless(Errno::ESRCH, ()).during(what)
}

/// Returns the index of the link that a route leaves over; one that leads nowhere needs none.
fn index(connection: &Connection, name: &InterfaceName, route: &Route) -> Result<Option<u32>, Refused> {
    if route.kind != Ours::Unicast {
        return Ok(Some(ports::NO_LINK));
    }
    Ok(links::record(connection, name)?.map(|it| it.index))
}

/// A route with all that the kernel makes of it.
struct Complete<'a> {
    route: &'a Route,
    to: IpNet,
    metric: u32,
    /// Link; absent for a route that leads nowhere.
    index: Option<u32>,
}

impl<'a> Complete<'a> {
    fn new(route: &'a Route, index: u32) -> Self {
        let to = route.network();
        let index = (route.kind == Ours::Unicast).then_some(index);
        Self { route, to, metric: route.priority(), index }
    }

    fn message(&self) -> RouteMessage {
        let mut message = self.filter();
        message.header.destination_prefix_length = self.to.prefix_len();
        message.header.kind = kind(self.route.kind);
        if self.index.is_some() && self.route.via.is_none() && self.to.addr().is_ipv4() {
            message.header.scope = RouteScope::Link;
        }
        if self.route.on_link {
            message.header.flags |= RouteFlags::Onlink;
        }
        if self.to.prefix_len() > 0 {
            let to = RouteAttribute::Destination(self.to.addr().into());
            message.attributes.push(to);
        }
        message.attributes.extend(self.route.via.map(|via| self.gateway(via)));
        let source = self.route.preferred_source.map(|it| RouteAttribute::PrefSource(it.into()));
        message.attributes.extend(source);
        message.attributes.push(RouteAttribute::Priority(self.metric));
        message
    }

    fn gateway(&self, via: IpAddr) -> RouteAttribute {
        if via.is_ipv4() == self.to.addr().is_ipv4() {
            RouteAttribute::Gateway(via.into())
        } else {
            RouteAttribute::Via(via.into())
        }
    }

    /// Begins a message on static routes of the table over the link.
    fn filter(&self) -> RouteMessage {
        let mut message = RouteMessage::default();
        message.header.address_family = family(self.to.addr());
        message.header.protocol = RouteProtocol::Static;
        message.attributes.push(RouteAttribute::Table(self.route.table));
        message.attributes.extend(self.index.map(RouteAttribute::Oif));
        message
    }

    fn is_there(&self) -> Result<bool, Refused> {
        let connection = Connection::to_routes()?.filtering()?;
        let message = RouteNetlinkMessage::GetRoute(self.filter());
        let names = Names::from([(self.index.unwrap_or(0), String::new())]);
        // A table without routes does not exist.
        let found =
            connection.dump(&message, |it| routes::decode(it, &names)).unless(Errno::ENOENT, Vec::new())?;
        // One of many nexthops passes the filter, and the kernel would delete it whole for IPv6.
        let word = format!("{} ", self.route.kind.word());
        let alone =
            |it: &ObservedRoute| it.rest.starts_with(&word) && (self.index.is_none() || it.device.is_some());
        let same = |it: &ObservedRoute| {
            alone(it)
                && (it.to, it.via, it.metric) == (self.to, self.route.via, self.metric)
                && it.source() == self.route.preferred_source
        };
        Ok(found.iter().any(same))
    }
}

fn kind(kind: Ours) -> RouteType {
    match kind {
        Ours::Unicast => RouteType::Unicast,
        Ours::Blackhole => RouteType::BlackHole,
        Ours::Unreachable => RouteType::Unreachable,
        Ours::Prohibit => RouteType::Prohibit,
        Ours::Throw => RouteType::Throw,
    }
}
