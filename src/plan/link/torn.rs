//! What is the matter of two links of which one waits for the boot: neither goes without the other.

use std::collections::BTreeMap;

use super::difference::{Difference, differences};
use super::occupied::holders;
use crate::artifact::{Artifact, Link};
use crate::observed::ObservedLink;
use crate::plan::draft::Draft;
use crate::plan::routing::Part;
use crate::value::InterfaceName;

/// What links get no sooner than at the boot, with their names.
type Coming<'a> = Vec<(&'a InterfaceName, Vec<Difference>)>;

/// Returns all links that have to wait for the boot with others, and why; absent: no more than already do.
pub(in crate::plan) fn torn(draft: &Draft<'_>) -> Option<BTreeMap<InterfaceName, String>> {
    let waiting = &draft.waiting;
    if waiting.links.is_empty() && waiting.masters.is_empty() || draft.takes_over() {
        return None;
    }
    let coming = coming(draft);
    let mut held = waiting.held.clone();
    for link in draft.after.links().filter(|it| !waiting.links.contains(&it.name)) {
        let Some(present) = draft.observed.link(&link.name) else { continue };
        held.extend(why(draft, link, present, &coming).map(|it| (link.name.clone(), it)));
    }
    for entry in draft.removals() {
        let Artifact::Link(link) = &entry.artifact else { continue };
        if !waiting.links.contains(&link.name) {
            let taker = || Part::all(link).iter().find_map(|it| taker(link, it, &coming));
            held.extend(successor(draft, link).or_else(taker).map(|it| (link.name.clone(), it)));
        }
    }
    (held.len() > waiting.held.len()).then_some(held)
}

/// Lists what links lack that wait for the boot.
fn coming<'a>(draft: &'a Draft<'_>) -> Coming<'a> {
    let of = |link: &'a Link| {
        let found = match draft.observed.link(&link.name) {
            Some(present) => differences(draft, link, present),
            None => all_of(link),
        };
        (&link.name, found)
    };
    draft.after.links().filter(|it| draft.waiting.links.contains(&it.name)).map(of).collect()
}

fn all_of(link: &Link) -> Vec<Difference> {
    let addresses = link.addresses.iter().copied().map(Difference::MissingAddress);
    addresses.chain(link.routes.iter().cloned().map(Difference::MissingRoute)).collect()
}

/// Says why a link that differs has to wait: its ports wait, it becomes or was the port of a master that waits for those, or it
/// gives away what another link gets at the boot.
fn why(draft: &Draft<'_>, link: &Link, present: &ObservedLink, coming: &Coming<'_>) -> Option<String> {
    let found = differences(draft, link, present);
    if !found.iter().any(Difference::is_of_ip) {
        return None;
    }
    let waits = |it: &&InterfaceName| **it == link.name || changes_hands(draft, link, present, it);
    if let Some(master) = draft.waiting.masters.iter().find(waits) {
        return Some(format!("`{master}` changes its ports at the next boot"));
    }
    let own: Vec<_> = found.iter().filter_map(Difference::coming).collect();
    let gone = found.iter().filter_map(Difference::going);
    gone.filter(|it| !own.iter().any(|new| alike(it, new))).find_map(|it| taker(link, &it, coming))
}

/// Says whether a link is the port of a master either now or by the spec, not both.
fn changes_hands(draft: &Draft<'_>, link: &Link, present: &ObservedLink, master: &InterfaceName) -> bool {
    let has = |it: &Link| it.ports.iter().any(|it| it.link == link.name);
    let is_port = present.master.as_deref() == Some(master.as_str());
    draft.after.link(master).is_some_and(has) != is_port
}

/// Names a link that waits for the boot and lacks until then what is given away for it.
fn taker(link: &Link, gone: &Part<'_>, coming: &Coming<'_>) -> Option<String> {
    let lacks = |found: &[Difference]| found.iter().filter_map(Difference::coming).any(|it| alike(gone, &it));
    let (name, _) = coming.iter().find(|(name, found)| **name != link.name && lacks(found))?;
    Some(format!("`{name}` has {} no sooner than at the next boot", words(gone)))
}

/// Says whether one takes the place of the other: an address in the same network, a route to the same destination.
fn alike(gone: &Part<'_>, comes: &Part<'_>) -> bool {
    match (gone, comes) {
        (Part::Address(a), Part::Address(b)) => a.address.network() == b.address.network(),
        (Part::Route(a), Part::Route(b)) => (a.network(), a.table) == (b.network(), b.table),
        _ => false,
    }
}

/// Names a link that waits for the boot and has then the place on its parent that one which leaves has now.
fn successor(draft: &Draft<'_>, link: &Link) -> Option<String> {
    let has_place = |it: &&InterfaceName| {
        let comes = draft.after.link(it).filter(|it| draft.observed.link(&it.name).is_none());
        comes.is_some_and(|it| holders(draft, it).any(|(name, _)| name == link.name.as_str()))
    };
    let successor = draft.waiting.links.iter().find(has_place)?;
    Some(format!("`{successor}` has its place no sooner than at the next boot"))
}

fn words(part: &Part<'_>) -> String {
    match part {
        Part::Address(it) => format!("an address in {}", it.address.network()),
        Part::Route(it) => format!("a route to {}", it.to),
        Part::Rule(it) => format!("the rule {it}"),
    }
}
