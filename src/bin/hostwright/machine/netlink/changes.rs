//! What changes the kernel's network configuration.

use std::time::Duration;

use hostwright::artifact::{Address, Link, Neighbor, Port, PortVlan, Route, Rule, Setting, VirtualFunction};
use hostwright::value::{InterfaceName, Mtu};

use super::{Netlink, addresses, creation, functions, neighbors, ports, rules, static_routes};
use crate::failure::{During, Failure};

impl Netlink {
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

    /// Lists the links that would go with one, as far as they are in its own network namespace.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn going_along(&self, name: &InterfaceName) -> Result<Vec<String>, Failure> {
        creation::going_along(self.connection()?, name).during(|| format!("look what is built on {name}"))
    }

    /// Sets the MTU of a link.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn set_mtu(&self, name: &InterfaceName, mtu: Mtu) -> Result<(), Failure> {
        creation::set_mtu(self.connection()?, name, mtu)
    }

    /// Sets the MTU of a link; an absent one, or one on a parent that is narrower, is a success.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn restore_mtu(&self, name: &str, mtu: Mtu) -> Result<(), Failure> {
        creation::restore_mtu(self.connection()?, name, mtu)
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

    /// Sets a link down; an absent one is a success.
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn set_down(&self, name: &InterfaceName) -> Result<(), Failure> {
        creation::set_down(self.connection()?, name)
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

    /// Waits until an address is there and can be used, as far as the link's carrier lets it.
    ///
    /// # Errors
    /// Another station has it, or it cannot be used at the limit.
    pub(crate) fn await_usable(
        &self,
        name: &InterfaceName,
        address: &Address,
        limit: Duration,
    ) -> Result<(), Failure> {
        addresses::await_usable(self.connection()?, name, address, limit, &self.carrierless)
    }

    /// Adds a route with protocol `static`; one that is there stays as it is.
    ///
    /// # Errors
    /// The link is absent, the kernel refuses, or another route has destination and metric.
    pub(crate) fn add_route(&self, name: &InterfaceName, route: &Route) -> Result<(), Failure> {
        static_routes::add(self.connection()?, name, route)
    }

    /// Puts a route in the place of one with the same destination and metric.
    ///
    /// # Errors
    /// As for [`Self::add_route`].
    pub(crate) fn replace_route(
        &self,
        name: &InterfaceName,
        former: &Route,
        route: &Route,
    ) -> Result<(), Failure> {
        static_routes::replace(self.connection()?, name, former, route)
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

    /// Has a master prefer a port, or none.
    ///
    /// # Errors
    /// One of them is absent, or the kernel refuses.
    pub(crate) fn elect(
        &self,
        master: &InterfaceName,
        attribute: u16,
        port: Option<&InterfaceName>,
    ) -> Result<(), Failure> {
        ports::elect(self.connection()?, master, attribute, port)
    }

    /// Tells a network card settings of a virtual function.
    ///
    /// # Errors
    /// The card is absent, or its driver refuses.
    pub(crate) fn set_function(
        &self,
        name: &InterfaceName,
        function: &VirtualFunction,
    ) -> Result<(), Failure> {
        functions::set(self.connection()?, name, function)
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
}
