//! Interfaces as declared: what is built on what, and the rules that need to know it.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{Located, Span};
use crate::value::{InterfaceName, Mtu, VlanId};

/// What is known of an interface before anything is resolved.
#[derive(Debug, Clone, Default)]
pub struct Interface {
    /// Written MTU; absent: the parent's, the smallest of the ports', or Ethernet's.
    pub mtu: Option<Located<Mtu>>,
    /// Link below.
    pub parent: Option<Located<InterfaceName>>,
    /// VLAN identifier on that parent.
    pub vlan: Option<Located<VlanId>>,
    /// Links that it is the master of.
    pub ports: Vec<Located<InterfaceName>>,
    /// What it makes of its ports; absent: it has none.
    pub mastery: Option<Mastery>,
    /// Its first written address.
    pub addresses: Option<Span>,
    /// Whether nobody makes it: a network card.
    pub hardware: bool,
}

/// What a master makes of its ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mastery {
    /// It takes their frames: addresses belong on the master.
    Frames,
    /// As `Frames`, and interfaces of guests and containers become ports by themselves: a bridge.
    Switch,
    /// It takes their routes into the table of this number: addresses stay on the ports.
    Routes(u32),
}

impl Mastery {
    /// Says whether the host speaks IP on the master instead of on its ports.
    const fn takes_frames(self) -> bool {
        matches!(self, Self::Frames | Self::Switch)
    }
}

/// All interfaces by name.
#[derive(Debug, Default)]
pub(super) struct Interfaces(pub(super) BTreeMap<String, Interface>);

impl Interfaces {
    pub(super) fn insert(&mut self, name: &InterfaceName, interface: Interface) {
        self.0.insert(name.to_string(), interface);
    }

    pub(super) fn mtu(&self, name: &str) -> Mtu {
        self.mtu_within(name, self.0.len()).unwrap_or(Mtu::ETHERNET)
    }

    fn mtu_within(&self, name: &str, limit: usize) -> Option<Mtu> {
        let interface = self.0.get(name)?;
        if let Some(mtu) = &interface.mtu {
            return Some(mtu.value);
        }
        let limit = limit.checked_sub(1)?;
        let below =
            |it: &Located<InterfaceName>| self.mtu_within(it.value.as_str(), limit).unwrap_or(Mtu::ETHERNET);
        interface.parent.iter().chain(&interface.ports).map(below).min()
    }

    pub(super) fn table(&self, port: &str) -> u32 {
        let routes = |it: &Interface| match it.mastery {
            Some(Mastery::Routes(table)) if it.has_port(port) => Some(table),
            _ => None,
        };
        self.0.values().find_map(routes).unwrap_or(crate::artifact::MAIN_TABLE)
    }

    /// Says whether a link's frames go to a master.
    pub(super) fn gives_frames(&self, port: &str) -> bool {
        self.0.values().any(|it| it.mastery.is_some_and(Mastery::takes_frames) && it.has_port(port))
    }

    pub(super) fn vlans_on(&self, name: &InterfaceName) -> Vec<VlanId> {
        let on = |it: &&Interface| it.parent.as_ref().is_some_and(|it| it.value == *name);
        let ids = self.0.values().filter(on).filter_map(|it| it.vlan.as_ref());
        ids.map(|it| it.value).collect::<BTreeSet<_>>().into_iter().collect()
    }

    pub(super) fn is_bridge(&self, name: &InterfaceName) -> bool {
        self.0.get(name.as_str()).is_some_and(|it| it.mastery == Some(Mastery::Switch))
    }

    pub(super) fn is_hardware(&self, name: &InterfaceName) -> bool {
        self.0.get(name.as_str()).is_none_or(|it| it.hardware)
    }

    /// Says whether an interface is, over parents and ports, below itself.
    fn is_below_itself(&self, name: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut next = vec![name];
        while let Some(interface) = next.pop().and_then(|it| self.0.get(it)) {
            for below in interface.below() {
                if below.value.as_str() == name {
                    return true;
                }
                if seen.insert(below.value.as_str()) {
                    next.push(below.value.as_str());
                }
            }
        }
        false
    }

    pub(super) fn check(&self, diagnostics: &mut Diagnostics) {
        let mut vlans = BTreeMap::new();
        let mut masters = BTreeMap::new();
        for (name, interface) in &self.0 {
            if let Some(below) = interface.below().next().filter(|_| self.is_below_itself(name)) {
                let message = format!("interface `{name}` is built on itself");
                diagnostics.push(Diagnostic::error(Code::ParentCycle, below.span, message));
                continue;
            }
            for below in interface.below() {
                self.check_mtu(interface, below, diagnostics);
            }
            for port in &interface.ports {
                if let Some(first) = masters.insert(port.value.as_str(), port.span) {
                    let message = format!("`{}` is given twice as a port", port.value);
                    let places = [(first, "first here"), (port.span, "then here")];
                    diagnostics.push(Diagnostic::twice(Code::DuplicateValue, places, message));
                }
                self.check_port(name, interface, port, diagnostics);
            }
            let (Some(parent), Some(id)) = (&interface.parent, &interface.vlan) else { continue };
            if let Some(first) = vlans.insert((parent.value.clone(), id.value), id.span) {
                let message = format!("VLAN id {} is used twice on `{}`", id.value, parent.value);
                let places = [(first, "first here"), (id.span, "then here")];
                diagnostics.push(Diagnostic::twice(Code::DuplicateVlanId, places, message));
            }
        }
    }

    fn check_mtu(
        &self,
        interface: &Interface,
        below: &Located<InterfaceName>,
        diagnostics: &mut Diagnostics,
    ) {
        let Some(known) = self.0.get(below.value.as_str()) else {
            return;
        };
        let limit = self.mtu(below.value.as_str());
        let Some(mtu) = interface.mtu.as_ref().filter(|it| it.value > limit) else {
            return;
        };
        let message = format!("MTU {} is above {limit}, the MTU of `{}`", mtu.value, below.value);
        let mut diagnostic = Diagnostic::error(Code::MtuAboveParent, mtu.span, message);
        if let Some(written) = &known.mtu {
            diagnostic = diagnostic.also(written.span, format!("`{}` has it from here", below.value));
        }
        diagnostics.push(diagnostic);
    }

    /// Refuses addresses on a port whose frames go to the master.
    fn check_port(
        &self,
        name: &str,
        master: &Interface,
        port: &Located<InterfaceName>,
        diagnostics: &mut Diagnostics,
    ) {
        let addresses = self.0.get(port.value.as_str()).and_then(|it| it.addresses);
        if let Some(span) = addresses.filter(|_| master.mastery.is_some_and(Mastery::takes_frames)) {
            let message = format!("`{}` is a port of `{name}`: it has no addresses of its own", port.value);
            let diagnostic = Diagnostic::error(Code::Conflict, span, message);
            let hint = format!("give them to `{name}`");
            diagnostics.push(diagnostic.also(port.span, "port here").hint(hint));
        }
    }
}

impl Interface {
    /// Iterates over the links that it is built on.
    pub(super) fn below(&self) -> impl Iterator<Item = &Located<InterfaceName>> {
        self.parent.iter().chain(&self.ports)
    }

    fn has_port(&self, name: &str) -> bool {
        self.ports.iter().any(|it| it.value.as_str() == name)
    }
}
