//! The kernel's network configuration: links, addresses, routes, rules, sockets.

mod addresses;
mod attributes;
mod connection;
mod creation;
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

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hostwright::artifact::{Address, Link, Neighbor, Port, PortVlan, Route, Rule, Setting};
use hostwright::observed::{BgpSession, ForeignRoute, ObservedLink, ObservedRule};

use hostwright::value::{InterfaceName, Mtu};
use routes::Routes;

use crate::caller::Caller;
use crate::failure::{During, Failure};
use connection::{Connection, Refused};
pub(crate) use creation::set_sysctl;

/// The kernel, in the network namespace of the thread that first asks.
#[derive(Debug, Default)]
pub(crate) struct Netlink {
    routes: OnceCell<Connection>,
    sockets: OnceCell<Connection>,
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

    /// Returns the rules of policy routing.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn rules(&self) -> Result<BTreeSet<ObservedRule>, Failure> {
        self.connected().and_then(rules::observe).during(|| "read the rules".to_owned())
    }

    /// Returns the nexthop objects as text.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn nexthops(&self) -> Result<BTreeSet<String>, Failure> {
        self.connected().and_then(nexthops::observe).during(|| "read the nexthops".to_owned())
    }

    /// Returns the established BGP sessions.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn sessions(&self) -> Result<BTreeSet<BgpSession>, Failure> {
        lazily(&self.sockets, Connection::to_sockets)
            .and_then(sessions::observe)
            .during(|| "read the BGP sessions".to_owned())
            .map(|it| it.into_iter().map(|it| it.0).collect())
    }

    /// Returns the established BGP sessions, each with how often in a row its oldest data was sent again.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn sessions_with_retransmissions(&self) -> Result<Vec<(BgpSession, u8)>, Failure> {
        let sessions = lazily(&self.sockets, Connection::to_sockets).and_then(sessions::observe);
        sessions.during(|| "read the BGP sessions".to_owned()).map(|it| it.into_iter().collect())
    }

    /// Returns how often in a row the oldest data of a connection was sent again; absent: it is not established.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn retransmissions(&self, caller: &Caller) -> Result<Option<u8>, Failure> {
        lazily(&self.sockets, Connection::to_sockets)
            .and_then(|it| sessions::retransmissions(it, caller))
            .during(|| "read a connection".to_owned())
    }

    /// Makes a link with MTU, MAC address, alias and sysctls, then sets it up; one of
    /// the same form is taken over.
    ///
    /// # Errors
    /// The kernel refuses, the parent is absent, or a link of another form has the name. What was made is deleted.
    pub(crate) fn create(&self, link: &Link) -> Result<(), Failure> {
        creation::create(self.connection()?, link)
    }

    /// Deletes a link; an absent one is a success.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn delete(&self, name: &InterfaceName) -> Result<(), Failure> {
        creation::delete(self.connection()?, name)
    }

    /// Sets the MTU of a link.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn set_mtu(&self, name: &InterfaceName, mtu: Mtu) -> Result<(), Failure> {
        creation::set_mtu(self.connection()?, name, mtu)
    }

    /// Sets the `ifalias` of a link.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn set_alias(&self, name: &InterfaceName, alias: &str) -> Result<(), Failure> {
        creation::set_alias(self.connection()?, name, alias)
    }

    /// Sets a link up.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn set_up(&self, name: &InterfaceName) -> Result<(), Failure> {
        creation::set_up(self.connection()?, name)
    }

    /// Adds an address; one that is there stays as it is.
    ///
    /// # Errors
    /// The link is absent, the kernel refuses, or the address is there with another prefix.
    pub(crate) fn add_address(&self, name: &InterfaceName, address: &Address) -> Result<(), Failure> {
        addresses::add(self.connection()?, name, address)
    }

    /// Removes an address; an absent one is a success.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn remove_address(&self, name: &InterfaceName, address: &Address) -> Result<(), Failure> {
        addresses::remove(self.connection()?, name, address)
    }

    /// Waits until an address is there and can be used.
    ///
    /// # Errors
    /// Another station has it, or it cannot be used at the limit.
    pub(crate) fn await_usable(
        &self,
        name: &InterfaceName,
        address: &Address,
        limit: Duration,
    ) -> Result<(), Failure> {
        addresses::await_usable(self.connection()?, name, address, limit)
    }

    /// Adds a route with protocol `static`; one that is there stays as it is.
    ///
    /// # Errors
    /// The link is absent, the kernel refuses, or another route has destination and metric.
    pub(crate) fn add_route(&self, name: &InterfaceName, route: &Route) -> Result<(), Failure> {
        static_routes::add(self.connection()?, name, route)
    }

    /// Removes a route with protocol `static`; an absent one is a success.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn remove_route(&self, name: &InterfaceName, route: &Route) -> Result<(), Failure> {
        static_routes::remove(self.connection()?, name, route)
    }

    /// Gives a made link settings that it can take up.
    ///
    /// # Errors
    /// The link is absent, or the kernel refuses.
    pub(crate) fn set_device(
        &self,
        name: &InterfaceName,
        kind: &str,
        settings: &[Setting],
    ) -> Result<(), Failure> {
        creation::set_device(self.connection()?, name, kind, settings)
    }

    /// Gives a bridge's host its part in VLANs, and in no others.
    ///
    /// # Errors
    /// The link is absent, or the kernel refuses.
    pub(crate) fn set_vlans(&self, name: &InterfaceName, vlans: &[PortVlan]) -> Result<(), Failure> {
        creation::set_vlans(self.connection()?, name, vlans)
    }

    /// Makes a link a port of a master; it goes down and up unless it is one.
    ///
    /// # Errors
    /// One of them is absent, or the kernel refuses.
    pub(crate) fn add_port(&self, master: &InterfaceName, port: &Port) -> Result<(), Failure> {
        ports::add(self.connection()?, master, port)
    }

    /// Frees a link of its master; a free or absent one is a success.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn remove_port(&self, port: &InterfaceName) -> Result<(), Failure> {
        ports::remove(self.connection()?, port)
    }

    /// Adds a rule with protocol `static`; one that is there stays as it is.
    ///
    /// # Errors
    /// The kernel refuses.
    pub(crate) fn add_rule(&self, rule: &Rule) -> Result<(), Failure> {
        rules::add(self.connection()?, rule)
    }

    /// Removes a rule with protocol `static`; an absent one is a success.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn remove_rule(&self, rule: &Rule) -> Result<(), Failure> {
        rules::remove(self.connection()?, rule)
    }

    /// Adds a permanent neighbor; one that was learned becomes permanent.
    ///
    /// # Errors
    /// The link is absent, or the kernel refuses.
    pub(crate) fn add_neighbor(&self, name: &InterfaceName, neighbor: &Neighbor) -> Result<(), Failure> {
        neighbors::add(self.connection()?, name, neighbor)
    }

    /// Removes a neighbor; an absent one is a success.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn remove_neighbor(&self, name: &InterfaceName, neighbor: &Neighbor) -> Result<(), Failure> {
        neighbors::remove(self.connection()?, name, neighbor)
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
