//! Links on links.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::super::interfaces::{Delivery, Interface, Interfaces};
use super::super::order::{Order, entangled};
use super::super::{Attachment, Declared};
use crate::artifact::Origin;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{Located, Span};
use crate::value::InterfaceName;

/// A link and the one below that it is built on.
type Step<'a> = (&'a str, &'a Located<InterfaceName>);

/// Refuses links that are built on themselves; one cycle is one finding with all its places.
pub(in super::super) fn cycles(declared: &Declared, diagnostics: &mut Diagnostics) {
    for mut cycle in all_cycles(&declared.interfaces) {
        let way: Vec<_> = cycle.iter().map(|(name, _)| format!("`{name}` on ")).collect();
        let name = cycle[0].0;
        let message = format!("link `{name}` is built on itself: {}`{name}`", way.concat());
        cycle.sort_by_key(|(_, below)| std::cmp::Reverse(below.span));
        let mut steps = cycle.into_iter();
        let Some((_, last)) = steps.next() else { continue };
        let diagnostic = Diagnostic::error(Code::ParentCycle, last.span, message);
        let also = |it: Diagnostic, (name, below): Step<'_>| {
            it.also(below.span, format!("`{name}` is built on `{}`", below.value))
        };
        let diagnostic = steps.fold(diagnostic, also);
        diagnostics.push(diagnostic.hint("build one of these links on something else"));
    }
}

fn all_cycles(interfaces: &Interfaces) -> Vec<Vec<Step<'_>>> {
    let mut known = BTreeSet::new();
    let mut found = Vec::new();
    for name in entangled(&interfaces.pairs()) {
        if !known.contains(name)
            && let Some(cycle) = cycle_through(interfaces, name)
        {
            known.extend(cycle.iter().map(|(name, _)| *name));
            found.push(cycle);
        }
    }
    found
}

/// Returns the shortest way from a link down to itself.
fn cycle_through<'a>(interfaces: &'a Interfaces, start: &'a str) -> Option<Vec<Step<'a>>> {
    let mut steps: BTreeMap<&str, Step<'_>> = BTreeMap::new();
    let mut next = VecDeque::from([start]);
    while let Some(name) = next.pop_front() {
        for below in interfaces.get(name).into_iter().flat_map(Interface::below) {
            if !steps.contains_key(below.value.as_str()) {
                steps.insert(below.value.as_str(), (name, below));
                next.push_back(below.value.as_str());
            }
        }
    }
    let mut way = vec![*steps.get(start)?];
    while let Some(step) = way.last().filter(|(name, _)| *name != start) {
        way.push(*steps.get(step.0)?);
    }
    way.reverse();
    Some(way)
}

/// Refuses MTUs above those of the links below.
pub(in super::super) fn mtus(declared: &Declared, diagnostics: &mut Diagnostics) {
    let interfaces = &declared.interfaces;
    let cyclic = Order::of(&interfaces.pairs()).rest;
    for (_, entry) in interfaces.iter().filter(|(name, _)| !cyclic.contains(name)) {
        let known = entry.interface.below().filter(|it| interfaces.origin(it.value.as_str()).is_some());
        if let Some(below) = known.min_by_key(|it| interfaces.mtu(it.value.as_str())) {
            check_mtu(interfaces, &entry.interface, below.value.as_str(), diagnostics);
        }
    }
}

fn check_mtu(interfaces: &Interfaces, interface: &Interface, name: &str, diagnostics: &mut Diagnostics) {
    let limit = interfaces.mtu(name);
    let Some(mtu) = interface.mtu.as_ref().filter(|it| it.value > limit) else { return };
    let Some(origin) = interfaces.origin(name) else { return };
    let message = format!("MTU {} is above {limit}, the MTU of `{name}`", mtu.value);
    let diagnostic = Diagnostic::error(Code::MtuAboveParent, mtu.span, message);
    let written = interfaces.get(name).and_then(|it| it.mtu.as_ref());
    let diagnostic = match written {
        Some(written) => diagnostic.also(written.span, format!("`{name}` has it from here")),
        None => diagnostic.also(origin.span, format!("`{name}` has no `mtu` of its own")),
    };
    diagnostics.push(diagnostic.hint(format!("raise `mtu` of `{name}`, or lower this one")));
}

/// Refuses links that are ports twice.
pub(in super::super) fn two_masters(declared: &Declared, diagnostics: &mut Diagnostics) {
    let masters = declared.interfaces.iter();
    let mut ports: Vec<_> =
        masters.flat_map(|(name, it)| it.interface.ports.iter().map(move |port| (port, name))).collect();
    ports.sort_by_key(|(port, _)| port.span);
    let mut first = BTreeMap::new();
    for (port, master) in ports {
        let Some((span, other)) = first.get(port.value.as_str()) else {
            first.insert(port.value.as_str(), (port.span, master));
            continue;
        };
        let name = &port.value;
        let message = if *other == master {
            format!("`{name}` is given twice as a port of `{master}`")
        } else {
            format!("`{name}` is a port of both `{other}` and `{master}`")
        };
        let diagnostic = Diagnostic::error(Code::TwoMasters, port.span, message);
        let diagnostic = diagnostic.also(*span, format!("first of `{other}`"));
        diagnostics.push(diagnostic.hint("a link has one master: take it out of one of the `ports`"));
    }
}

/// Refuses VLAN identifiers that are used twice on one parent.
pub(in super::super) fn vlan_ids(declared: &Declared, diagnostics: &mut Diagnostics) {
    let mut first = BTreeMap::new();
    for (name, entry) in declared.interfaces.iter() {
        let (Some(parent), Some(id)) = (&entry.interface.parent, &entry.interface.vlan) else { continue };
        if let Some((span, other)) = first.insert((&parent.value, id.value), (id.span, name)) {
            let message = format!(
                "VLAN id {} is used twice on `{}`: by `{other}` and `{name}`",
                id.value, parent.value
            );
            let places = [(span, "first here"), (id.span, "first here")];
            let diagnostic = Diagnostic::twice(Code::DuplicateVlanId, places, message);
            diagnostics.push(diagnostic.hint("one VLAN is one table, with all its addresses"));
        }
    }
}

/// Refuses links whose frames go to a master and to macvlan or macvtap devices at once.
pub(in super::super) fn ports_and_parents(declared: &Declared, diagnostics: &mut Diagnostics) {
    let parents = parents(declared);
    for (master, entry) in declared.interfaces.iter().filter(|(_, it)| it.interface.takes_frames()) {
        for port in &entry.interface.ports {
            let Some((user, span)) = parents.get(port.value.as_str()) else { continue };
            let name = &port.value;
            let message =
                format!("`{name}` cannot be a port of `{master}` and the parent of `[{user}]` at once");
            let places = [(port.span, "a port here"), (*span, "a parent here")];
            let diagnostic = Diagnostic::twice(Code::PortAndParent, places, message);
            diagnostics.push(diagnostic.hint(format!("build `[{user}]` on `{master}`")));
        }
    }
}

/// Refuses a device that has its parent whole beside others on it.
pub(in super::super) fn whole_parents(declared: &Declared, diagnostics: &mut Diagnostics) {
    let users = users(declared);
    for (name, entry) in declared.interfaces.iter() {
        let whole = entry.interface.macvlan == Some(Delivery::Whole);
        let Some(parent) = entry.interface.parent.as_ref().filter(|_| whole) else { continue };
        let other = |it: &&(&str, (&Origin, Span))| it.0 == parent.value.as_str() && it.1.1 != parent.span;
        let Some((_, (user, span))) = users.iter().find(other) else { continue };
        let message =
            format!("`{name}` in mode `passthru` has `{}` for itself, `[{user}]` is on it too", parent.value);
        let diagnostic = Diagnostic::error(Code::PassthruNotAlone, parent.span, message);
        let hint = "the kernel refuses whoever comes second: choose mode `bridge`, or another parent";
        diagnostics.push(diagnostic.also(*span, "the other one").hint(hint));
    }
}

/// Returns the first table by each link that carries macvlan or macvtap devices.
fn parents(declared: &Declared) -> BTreeMap<&str, (&Origin, Span)> {
    let mut users = users(declared);
    users.reverse();
    users.into_iter().collect()
}

/// Returns the links that carry macvlan or macvtap devices, with the tables of these, in the order of the text.
fn users(declared: &Declared) -> Vec<(&str, (&Origin, Span))> {
    let made = declared.interfaces.iter().filter(|(_, it)| it.interface.macvlan.is_some());
    let made = made.flat_map(|(_, it)| {
        it.interface.parent.iter().map(|parent| (parent.value.as_str(), (&it.origin.value, parent.span)))
    });
    let given = declared.guests.networks.values().filter_map(|it| match &it.attachment.value {
        Attachment::Macvlan(link) => Some((link.as_str(), (&it.origin.value, it.attachment.span))),
        Attachment::Bridge(_) | Attachment::Function(_) => None,
    });
    let mut all: Vec<_> = made.chain(given).collect();
    all.sort_by_key(|(_, (_, span))| *span);
    all
}
