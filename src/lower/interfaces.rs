//! Interfaces as declared: what is built on what, and what the host speaks on it.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;

use super::order::Order;
use crate::artifact::{MAIN_TABLE, Origin};
use crate::source::{Located, Span};
use crate::value::{Destination, InterfaceAddress, InterfaceName, Mtu, VlanId};

/// What is known of an interface before anything is resolved.
#[derive(Debug, Clone, Default)]
pub struct Interface {
    /// Written MTU; absent: the parent's, the smallest of the ports', or Ethernet's.
    pub mtu: Option<Located<Mtu>>,
    /// Link below.
    pub parent: Option<Located<InterfaceName>>,
    /// VLAN identifier on that parent.
    pub vlan: Option<Located<VlanId>>,
    /// How a macvlan or macvtap device delivers; absent: it is none.
    pub macvlan: Option<Delivery>,
    /// Links that it is the master of.
    pub ports: Vec<Located<InterfaceName>>,
    /// What it makes of its ports; absent: it has none.
    pub mastery: Option<Mastery>,
    /// What the host speaks on it.
    pub ip: Ip,
    /// Raw lines that give it a MAC address in its `.network`.
    pub raw_mac: Option<Span>,
    /// Whether nobody makes it: a network card.
    pub hardware: bool,
    /// Where it is said that it gets its name from hostwright.
    pub renamed: Option<Span>,
}

/// What the host speaks on an interface.
#[derive(Debug, Clone, Default)]
pub struct Ip {
    /// Written addresses.
    pub addresses: Vec<Located<InterfaceAddress>>,
    /// Static routes.
    pub routes: Vec<Located<StaticRoute>>,
    /// Sources whose packets a rule routes by a table of their own.
    pub sources: Vec<IpNet>,
    /// Default route that is taken from router advertisements; its place is where that is said.
    pub advertised: Option<Located<Received>>,
    /// Default route of IPv4 that comes with a lease; its place is where that is said.
    pub leased: Option<Located<Received>>,
    /// Where it is said that the host speaks IPv6 beyond the link.
    pub ipv6: Option<Span>,
    /// Whether addresses come from DHCP or router advertisements.
    pub dynamic: bool,
}

/// A default route that others give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    /// Metric; absent: not one number.
    pub metric: Option<u32>,
}

/// A static route before its table is known.
#[derive(Debug, Clone, Copy)]
pub struct StaticRoute {
    /// Where it leads.
    pub to: Destination,
    /// Gateway.
    pub via: Option<Located<IpAddr>>,
    /// Whether it is one of IPv6.
    pub ipv6: bool,
    /// Written table.
    pub table: Option<u32>,
    /// Metric, the kernel's own where none is written.
    pub metric: u32,
}

/// How a macvlan or macvtap device delivers frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// To the other devices on its parent, too.
    Joined,
    /// To the wire alone.
    Apart,
    /// To the wire, and it has its parent for itself.
    Whole,
}

/// What a master makes of its ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mastery {
    /// It takes their frames: addresses belong on the master.
    Frames,
    /// As `Frames`, and interfaces of guests and containers become ports by themselves: a bridge.
    Switch {
        /// Whether ports pass only the VLANs that they are given.
        filters: bool,
        /// Whether it speaks the spanning tree protocol.
        stp: bool,
    },
    /// It takes their routes into the table of this number: addresses stay on the ports.
    Routes(u32),
}

impl Mastery {
    /// Says whether the host speaks IP on the master instead of on its ports.
    const fn takes_frames(self) -> bool {
        matches!(self, Self::Frames | Self::Switch { .. })
    }
}

/// An interface, and the table that declares it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) origin: Located<Origin>,
    pub(super) interface: Interface,
}

/// All interfaces by name.
#[derive(Debug, Default)]
pub(super) struct Interfaces {
    entries: BTreeMap<String, Entry>,
    /// Master of each port.
    masters: BTreeMap<String, String>,
    /// MTUs of those that are not built on themselves, found when somebody asks for one.
    mtus: OnceCell<BTreeMap<String, (Mtu, Option<Span>)>>,
}

impl Interfaces {
    pub(super) fn insert(&mut self, name: &InterfaceName, interface: Interface, origin: &Located<Origin>) {
        for port in &interface.ports {
            self.masters.entry(port.value.to_string()).or_insert_with(|| name.to_string());
        }
        self.entries.insert(name.to_string(), Entry { origin: origin.clone(), interface });
        self.mtus.take();
    }

    /// Returns each link with each one below it.
    pub(super) fn pairs(&self) -> Vec<(&str, &str)> {
        let all = self.iter();
        all.flat_map(|(name, it)| it.interface.below().map(move |it| (name, it.value.as_str()))).collect()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries.iter().map(|(name, entry)| (name.as_str(), entry))
    }

    pub(super) fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.get(name)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Interface> {
        self.entry(name).map(|it| &it.interface)
    }

    /// Returns the place of the table that declares an interface.
    pub(super) fn origin(&self, name: &str) -> Option<&Located<Origin>> {
        self.entries.get(name).map(|it| &it.origin)
    }

    /// Returns the MTU of a link: written, else the smallest of those below, else Ethernet's.
    pub(super) fn mtu(&self, name: &str) -> Mtu {
        self.mtu_from(name).0
    }

    /// Returns the MTU of a link with the place where it is written; that is absent where it is Ethernet's.
    pub(super) fn mtu_from(&self, name: &str) -> (Mtu, Option<Span>) {
        let known = self.mtus.get_or_init(|| self.all_mtus());
        known.get(name).copied().unwrap_or_else(|| self.own_mtu(name).unwrap_or((Mtu::ETHERNET, None)))
    }

    /// Finds the MTUs of all links, from below; of links that are built on themselves no other than a written one counts.
    fn all_mtus(&self) -> BTreeMap<String, (Mtu, Option<Span>)> {
        let mut found: BTreeMap<String, (Mtu, Option<Span>)> = BTreeMap::new();
        for name in Order::of(&self.pairs()).sound {
            let below = self.get(name).into_iter().flat_map(Interface::below);
            let smallest = below.filter_map(|it| found.get(it.value.as_str()).copied()).min();
            let mtu = self.own_mtu(name).or(smallest).unwrap_or((Mtu::ETHERNET, None));
            found.insert(name.to_owned(), mtu);
        }
        found
    }

    fn own_mtu(&self, name: &str) -> Option<(Mtu, Option<Span>)> {
        self.get(name)?.mtu.as_ref().map(|it| (it.value, Some(it.span)))
    }

    fn mastery_over(&self, port: &str) -> Option<Mastery> {
        self.masters.get(port).and_then(|it| self.get(it)).and_then(|it| it.mastery)
    }

    pub(super) fn table(&self, port: &str) -> u32 {
        match self.mastery_over(port) {
            Some(Mastery::Routes(table)) => table,
            _ => MAIN_TABLE,
        }
    }

    /// Says whether a link's frames go to a master.
    pub(super) fn gives_frames(&self, port: &str) -> bool {
        self.mastery_over(port).is_some_and(Mastery::takes_frames)
    }

    pub(super) fn vlans_on(&self, name: &InterfaceName) -> Vec<VlanId> {
        let on = |it: &&Entry| it.interface.parent.as_ref().is_some_and(|it| it.value == *name);
        let ids = self.entries.values().filter(on).filter_map(|it| it.interface.vlan.as_ref());
        ids.map(|it| it.value).collect::<BTreeSet<_>>().into_iter().collect()
    }

    pub(super) fn is_bridge(&self, name: &InterfaceName) -> bool {
        self.get(name.as_str()).is_some_and(|it| matches!(it.mastery, Some(Mastery::Switch { .. })))
    }

    pub(super) fn is_hardware(&self, name: &InterfaceName) -> bool {
        self.get(name.as_str()).is_none_or(|it| it.hardware)
    }

    /// Returns the network cards that a link is built on, itself if it is one.
    pub(super) fn cards_below<'a>(&'a self, name: &'a str) -> BTreeSet<&'a str> {
        let mut seen = BTreeSet::from([name]);
        let mut next = vec![name];
        while let Some(interface) = next.pop().and_then(|it| self.get(it)) {
            let below = interface.below().map(|it| it.value.as_str());
            next.extend(below.filter(|it| seen.insert(it)));
        }
        seen.retain(|it| self.get(it).is_some_and(|it| it.hardware));
        seen
    }
}

impl Interface {
    /// Iterates over the links that it is built on.
    pub(super) fn below(&self) -> impl Iterator<Item = &Located<InterfaceName>> {
        self.parent.iter().chain(&self.ports)
    }

    /// Says whether the host speaks IP on it.
    pub(super) fn speaks(&self) -> bool {
        !self.ip.addresses.is_empty() || self.ip.dynamic
    }

    /// Says whether it takes the frames of its ports.
    pub(super) fn takes_frames(&self) -> bool {
        self.mastery.is_some_and(Mastery::takes_frames)
    }
}
