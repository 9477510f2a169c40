//! The kernel's network configuration: links, addresses, routes, rules, sockets.

mod addresses;
#[cfg(any(test, fuzzing))]
pub(crate) mod answers;
mod attributes;
mod carriers;
mod changes;
mod connection;
mod creation;
mod functions;
mod halves;
mod links;
mod neighbors;
mod nexthops;
mod ports;
mod routes;
mod rules;
mod sessions;
mod static_routes;
#[cfg(test)]
mod tests;
mod vlans;

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::net::IpAddr;
use std::time::Instant;

use hostwright::artifact::Neighbor;
use hostwright::observed::{BgpSession, Flow, ForeignRoute, Nexthop, ObservedLink, ObservedRule, Told};
use hostwright::value::InterfaceName;

use ipnet::IpNet;
use routes::Routes;

use crate::caller::Caller;
use crate::failure::{During, Failure};
use connection::{Connection, Refused};
pub(crate) use creation::set_sysctl;
pub(crate) use links::sysctl_values;
pub(crate) use sessions::{OtherPorts, Progress};

/// The kernel, in the network namespace of the thread that first asks.
#[derive(Debug, Default)]
pub(crate) struct Netlink {
    routes: OnceCell<Connection>,
    sockets: OnceCell<Connection>,
    /// Links whose addresses were waited for without a carrier, by index, and since when.
    carrierless: RefCell<BTreeMap<u32, Instant>>,
}

impl Netlink {
    /// Returns all links, with those sysctls that are listed by link, as paths below `/proc/sys/net`.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn links(
        &self,
        sysctls: &BTreeMap<String, Vec<String>>,
    ) -> Result<BTreeMap<String, ObservedLink>, Failure> {
        self.connected().and_then(|it| links::observe(it, sysctls)).during(|| "read the links".to_owned())
    }

    /// Says whether there is a link of a name.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn has(&self, name: &InterfaceName) -> Result<bool, Failure> {
        let found = self.connected().and_then(|it| links::record(it, name));
        found.map(|it| it.is_some()).during(|| format!("look for link {name}"))
    }

    /// Returns the addresses of all links.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn own_addresses(&self) -> Result<BTreeSet<IpAddr>, Failure> {
        let all = self.connected().and_then(addresses::all).during(|| "read the addresses".to_owned())?;
        Ok(all.into_iter().map(|it| it.1.address.ip()).collect())
    }

    /// Returns the indices of links whose link-local address is still looked for elsewhere on the wire.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn detecting(&self) -> Result<BTreeSet<u32>, Failure> {
        self.connected().and_then(addresses::detecting).during(|| "read the addresses".to_owned())
    }

    /// Returns the permanent neighbors of all links, with the links' names.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn neighbors(&self) -> Result<Vec<(InterfaceName, Neighbor)>, Failure> {
        self.connected().and_then(neighbors::by_name).during(|| "read the neighbors".to_owned())
    }

    /// Returns where packets go over a link directly, with its name: to gateways, and into networks without one.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn direct(&self) -> Result<BTreeSet<(String, IpNet)>, Failure> {
        let what = || "read the gateways".to_owned();
        let names = self.connected().and_then(links::names).during(what)?;
        let routes = self.connected().and_then(routes::direct).during(what)?;
        let of_routes = routes.into_iter().filter_map(|(index, it)| Some((names.get(&index)?.clone(), it)));
        let of_objects = self.nexthops()?.into_iter().filter_map(|it| it.device.zip(it.via.map(IpNet::from)));
        Ok(of_routes.chain(of_objects).collect())
    }

    /// Returns the links that are built on, or paired with, a link in another network namespace, with that link's index there.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn halves_in(&self, other: &File) -> Result<BTreeMap<String, u32>, Failure> {
        self.connected()
            .and_then(|it| halves::in_namespace(it, other))
            .during(|| "read which links have their other half elsewhere".to_owned())
    }

    /// Returns the routes of all tables without entries of the cache.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn routes(&self) -> Result<Routes, Failure> {
        self.connected().and_then(routes::observe).during(|| "read the routes".to_owned())
    }

    /// Returns the routes of routing daemons and other programs, in no order.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn foreign_routes(&self) -> Result<Vec<ForeignRoute>, Failure> {
        self.connected().and_then(routes::foreign).during(|| "read the routes of others".to_owned())
    }

    /// Has the kernel say which entry of its tables carries each flow.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn routed(
        &self,
        flows: BTreeSet<Flow>,
        links: &BTreeMap<String, ObservedLink>,
    ) -> Result<BTreeSet<Flow>, Failure> {
        let what = || "ask for the routes to peers".to_owned();
        self.connected().and_then(|it| carriers::find(it, flows, links)).during(what)
    }

    /// Returns the links that each of some flows leaves over; none: no route leads there.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn leave_over(&self, flows: &[Flow]) -> Result<Vec<BTreeSet<String>>, Failure> {
        let what = || "ask for the routes to peers".to_owned();
        self.connected().and_then(|it| carriers::leave_over(it, flows)).during(what)
    }

    /// Returns the rules of policy routing.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn rules(&self) -> Result<BTreeSet<ObservedRule>, Failure> {
        self.connected().and_then(rules::observe).during(|| "read the rules".to_owned())
    }

    /// Returns the nexthop objects.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn nexthops(&self) -> Result<BTreeSet<Nexthop>, Failure> {
        self.connected().and_then(nexthops::observe).during(|| "read the nexthops".to_owned())
    }

    /// Finds the ports other than 179 that routing daemons, which hold these sockets, speak BGP on.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn other_ports(&self, held: &BTreeSet<u32>, told: Told) -> Result<OtherPorts, Failure> {
        lazily(&self.sockets, Connection::to_sockets)
            .and_then(|it| OtherPorts::find(it, held, told))
            .during(|| "read the connections of routing daemons".to_owned())
    }

    /// Returns the established BGP sessions.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn sessions(&self, others: &OtherPorts) -> Result<BTreeSet<BgpSession>, Failure> {
        self.sessions_with_unanswered(others).map(|it| it.into_iter().map(|it| it.0).collect())
    }

    /// Returns the established BGP sessions, each with how often in a row it got no answer.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn sessions_with_unanswered(
        &self,
        others: &OtherPorts,
    ) -> Result<Vec<(BgpSession, u8)>, Failure> {
        let sockets = lazily(&self.sockets, Connection::to_sockets);
        let sessions = sockets.and_then(|it| sessions::observe(it, others));
        sessions.during(|| "read the BGP sessions".to_owned()).map(|it| it.into_iter().collect())
    }

    /// Returns how a connection goes on; absent: it is not established.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn progress(&self, caller: &Caller) -> Result<Option<Progress>, Failure> {
        lazily(&self.sockets, Connection::to_sockets)
            .and_then(|it| sessions::progress(it, caller))
            .during(|| "read a connection".to_owned())
    }

    fn connected(&self) -> Result<&Connection, Refused> {
        lazily(&self.routes, Connection::to_routes)
    }

    fn connection(&self) -> Result<&Connection, Failure> {
        self.connected().during(|| "reach the kernel over netlink".to_owned())
    }
}

/// Opens a connection when it is first needed.
fn lazily(
    cell: &OnceCell<Connection>,
    open: fn() -> Result<Connection, Refused>,
) -> Result<&Connection, Refused> {
    if let Some(connection) = cell.get() {
        return Ok(connection);
    }
    let connection = open()?;
    Ok(cell.get_or_init(|| connection))
}
