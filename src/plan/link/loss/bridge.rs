//! What is lost by a change of a bridge: its part in a spanning tree, and the way that ports of others have through it.

use std::collections::BTreeSet;

use super::bond::of_minimum;
use super::{Loss, over};
use crate::artifact::{Device, Link, PortVlan, Setting};
use crate::observed::ObservedLink;
use crate::plan::Effect;
use crate::plan::draft::Draft;
use crate::plan::link::difference::Difference;
use crate::plan::link::uses::with_guest;
use crate::value::InterfaceName;

/// `IFLA_BR_FORWARD_DELAY`, in hundredths of a second.
const FORWARD_DELAY: u16 = 1;
/// `IFLA_BR_STP_STATE`.
const STP_STATE: u16 = 5;
/// `IFLA_BR_PRIORITY`.
const PRIORITY: u16 = 6;

const BEGINS: &str =
    "a bridge that begins to speak the spanning tree protocol may block the port that carries";
const GUARDED: &str = "or have a switch that guards its ports shut it";
const ANEW: &str =
    "by the spanning tree protocol bridges choose their root anew when one takes another priority";

/// Returns what is lost when a bond or a bridge takes up settings: a bridge that begins to speak the spanning tree protocol may block a port,
/// and one of another priority looks for the root anew.
pub(in crate::plan::link) fn of_settings(draft: &Draft<'_>, link: &Link, found: &[Difference]) -> Vec<Loss> {
    let speaks =
        draft.observed.link(&link.name).and_then(|it| it.number(STP_STATE)).is_some_and(|it| it != 0);
    let begins = |it: &Difference| matches!(it, Difference::Device(_, _, wanted) if speaks_stp(wanted));
    let ranks = |it: &Difference| matches!(it, Difference::Device(_, _, wanted) if ranks_anew(wanted));
    if !is_bridge(link) {
        return of_minimum(draft, link, found);
    }
    if found.iter().any(begins) {
        return of_tree(draft, link, |what| format!("{BEGINS} {what}, {GUARDED}"));
    }
    if !speaks || !found.iter().any(ranks) || draft.observed.ports(link.name.as_str()).next().is_none() {
        return Vec::new();
    }
    let itself = Loss { effect: Effect::Link(link.name.clone()), why: ANEW.to_owned(), remedy: None };
    let carried = of_tree(draft, link, |what| format!("{ANEW}, and may block the port that carries {what}"));
    std::iter::once(itself).chain(carried).collect()
}

fn of_tree(draft: &Draft<'_>, link: &Link, why: impl Fn(&str) -> String) -> Vec<Loss> {
    let foreign = foreign_port(draft, &link.name);
    let foreign = foreign.map(|it| (Effect::Link(link.name.clone()), with_guest(draft, it)));
    let loss = |(effect, what): (Effect, String)| Loss { effect, why: why(&what), remedy: None };
    over(draft, link.name.as_str(), false).into_iter().chain(foreign).map(loss).collect()
}

fn is_bridge(link: &Link) -> bool {
    link.device.as_ref().is_some_and(Device::is_bridge)
}

fn speaks_stp(settings: &[Setting]) -> bool {
    settings.iter().any(|it| it.attribute == STP_STATE && it.value.number().is_some_and(|it| it != 0))
}

/// Says whether a bridge takes another priority, and goes on to speak the protocol.
fn ranks_anew(settings: &[Setting]) -> bool {
    settings.iter().any(|it| it.attribute == PRIORITY) && settings.iter().all(|it| it.attribute != STP_STATE)
}

/// A better way to the root that a new port brings has the bridge block the former one at once, while the new one still
/// listens and learns: measured, twice the forward delay without a way.
pub(super) fn of_new_port(draft: &Draft<'_>, link: &Link) -> Vec<Loss> {
    let Some(bridge) = link.device.as_ref().filter(|it| it.is_bridge() && speaks_stp(&it.settings)) else {
        return Vec::new();
    };
    let seconds = f64::from(bridge.number(FORWARD_DELAY).unwrap_or_default()) / 100.0;
    let loss = |(effect, what): (Effect, String)| {
        let why = format!(
            "by the spanning tree protocol a new port may take the place of the one that carries {what}, and forwards after 2 × {seconds} s"
        );
        Loss { effect, why, remedy: None }
    };
    over(draft, link.name.as_str(), false).into_iter().map(loss).collect()
}

/// Returns what ports of others, guests' taps for one, lose when another port goes or lets a VLAN pass no more: nobody knows which
/// port their way is.
pub(super) fn of_foreign_ports(draft: &Draft<'_>, link: &Link, found: &[Difference]) -> Option<Loss> {
    if !is_bridge(link) || !found.iter().any(narrows) {
        return None;
    }
    of_others_on(draft, &link.name).or_else(|| {
        let cut = |id: Option<u32>| found.iter().any(|it| cuts(it, id));
        of_others_above(draft, &link.name, cut)
    })
}

/// Returns what is lost on a bridge that loses a port to another master.
pub(super) fn of_moved_port(draft: &Draft<'_>, bridge: &InterfaceName) -> Vec<Loss> {
    if !draft.observed.is_bridge(bridge.as_str()) {
        return Vec::new();
    }
    let carried = over(draft, bridge.as_str(), true).into_iter().map(|(effect, what)| {
        let why = format!("`{bridge}` loses a port, and carries {what}");
        Loss { effect, why, remedy: None }
    });
    let others = of_others_on(draft, bridge).or_else(|| of_others_above(draft, bridge, |_| true));
    carried.chain(others).collect()
}

/// Returns what links of others lose, guests' macvtaps for one, that are built on a bridge or on a VLAN of it with an id that is
/// cut off.
fn of_others_above(
    draft: &Draft<'_>,
    bridge: &InterfaceName,
    is_cut: impl Fn(Option<u32>) -> bool,
) -> Option<Loss> {
    let on_it = |it: &(&String, &ObservedLink)| {
        it.1.parent.as_deref() == Some(bridge.as_str()) && is_cut(it.1.vlan())
    };
    let children = draft.observed.links.iter().filter(on_it);
    let other = children.flat_map(|it| draft.observed.above(it.0)).find(|it| draft.is_of_others(it))?;
    let why = format!("{} is built on `{bridge}`, and may lose its way", with_guest(draft, other));
    Some(Loss { effect: Effect::Link(bridge.clone()), why, remedy: None })
}

fn of_others_on(draft: &Draft<'_>, bridge: &InterfaceName) -> Option<Loss> {
    let other = foreign_port(draft, bridge)?;
    let why = format!("{} is a port of `{bridge}`, and may lose its way", with_guest(draft, other));
    Some(Loss { effect: Effect::Link(bridge.clone()), why, remedy: None })
}

/// Returns a port that neither spec gives a link.
fn foreign_port<'a>(draft: &Draft<'a>, master: &'a InterfaceName) -> Option<&'a str> {
    let specs = [draft.before, draft.after].into_iter().filter_map(|it| it.link(master));
    let given: BTreeSet<_> = specs.flat_map(|it| &it.ports).map(|it| it.link.as_str()).collect();
    draft.observed.ports(master.as_str()).find(|it| !given.contains(it))
}

/// Says whether a port lets less pass than before.
fn narrows(difference: &Difference) -> bool {
    matches!(difference, Difference::FormerPort(_)) || closed(difference).next().is_some()
}

/// Says whether a port lets a VLAN pass no more, or what has no tag.
fn cuts(difference: &Difference, id: Option<u32>) -> bool {
    let is_it = |it: &PortVlan| match id {
        Some(id) => u32::from(it.id.number()) == id,
        None => it.untagged,
    };
    matches!(difference, Difference::FormerPort(_)) || closed(difference).any(is_it)
}

/// Iterates over the VLANs that a port lets pass no more, or otherwise.
fn closed(difference: &Difference) -> impl Iterator<Item = &PortVlan> {
    let pair = if let Difference::ChangedPort(had, wanted) = difference { Some((had, wanted)) } else { None };
    pair.into_iter().flat_map(|(had, wanted)| {
        let passes = |it: &&PortVlan| wanted.vlans.iter().flatten().any(|other| other == *it);
        had.vlans.iter().flatten().filter(move |it| !passes(it))
    })
}
