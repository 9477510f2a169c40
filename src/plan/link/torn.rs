//! What is the matter of two links of which one waits for the boot: neither goes without the other.

use std::collections::BTreeMap;

use super::difference::{Difference, differences};
use crate::artifact::{Artifact, Link};
use crate::observed::ObservedLink;
use crate::plan::draft::Draft;
use crate::plan::routing::Part;
use crate::value::InterfaceName;

/// Returns all links that have to wait for the boot with others, and why; absent: no more than already do.
pub(in crate::plan) fn torn(draft: &Draft<'_>) -> Option<BTreeMap<InterfaceName, String>> {
    if draft.waiting().is_empty() || draft.takes_over() {
        return None;
    }
    let mut held = draft.all_held().clone();
    for link in draft.after.links().filter(|it| !draft.waiting().contains(&it.name)) {
        let Some(present) = draft.observed.link(&link.name) else { continue };
        held.extend(why(draft, link, present).map(|it| (link.name.clone(), it)));
    }
    for entry in draft.removals() {
        let Artifact::Link(link) = &entry.artifact else { continue };
        if !draft.waiting().contains(&link.name) {
            held.extend(why_it_stays(draft, link).map(|it| (link.name.clone(), it)));
        }
    }
    (held.len() > draft.all_held().len()).then_some(held)
}

/// Says why a link that differs has to wait: it becomes or was the port of a master that waits, or gives away what another
/// link gets at the boot.
fn why(draft: &Draft<'_>, link: &Link, present: &ObservedLink) -> Option<String> {
    let found = differences(draft, link, present);
    if !found.iter().any(Difference::is_of_ip) {
        return None;
    }
    if let Some(master) = draft.waiting().iter().find(|it| changes_hands(draft, link, present, it)) {
        return Some(format!(
            "`{master}` changes its ports at the next boot, and `{}` is one of them",
            link.name
        ));
    }
    let coming: Vec<_> = found.iter().filter_map(Difference::coming).collect();
    let gone = found.iter().filter_map(Difference::going);
    gone.filter(|it| !coming.iter().any(|new| alike(it, new))).find_map(|it| taker(draft, link, &it))
}

/// Says whether a link is the port of a master either now or by the spec, not both.
fn changes_hands(draft: &Draft<'_>, link: &Link, present: &ObservedLink, master: &InterfaceName) -> bool {
    let has = |it: &Link| it.ports.iter().any(|it| it.link == link.name);
    let is_port = present.master.as_deref() == Some(master.as_str());
    draft.after.link(master).is_some_and(has) != is_port
}

fn why_it_stays(draft: &Draft<'_>, link: &Link) -> Option<String> {
    Part::all(link).iter().find_map(|it| taker(draft, link, it))
}

/// Names a link that waits for the boot and lacks until then what is given away for it.
fn taker(draft: &Draft<'_>, link: &Link, gone: &Part<'_>) -> Option<String> {
    let takes = |other: &&Link| {
        let lacks = |present: &ObservedLink| {
            let found = differences(draft, other, present);
            found.iter().filter_map(Difference::coming).any(|it| alike(gone, &it))
        };
        other.name != link.name
            && draft.waiting().contains(&other.name)
            && draft
                .observed
                .link(&other.name)
                .map_or_else(|| Part::all(other).iter().any(|it| alike(gone, it)), lacks)
    };
    let other = draft.after.links().find(takes)?;
    Some(format!("`{}` has {} no sooner than at the next boot", other.name, words(gone)))
}

/// Says whether one takes the place of the other: an address in the same network, a route to the same destination.
fn alike(gone: &Part<'_>, comes: &Part<'_>) -> bool {
    match (gone, comes) {
        (Part::Address(a), Part::Address(b)) => a.address.network() == b.address.network(),
        (Part::Route(a), Part::Route(b)) => a.network() == b.network(),
        _ => false,
    }
}

fn words(part: &Part<'_>) -> String {
    match part {
        Part::Address(it) => format!("an address in {}", it.address.network()),
        Part::Route(it) => format!("a route to {}", it.to),
        Part::Rule(it) => format!("the rule {it}"),
    }
}
