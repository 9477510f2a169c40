//! Flows that go another way, or none, by the routes and rules that a change leaves.

use super::{Loss, effect, named};
use crate::artifact::{Device, Link, MAIN_TABLE, VRF_TABLE};
use crate::observed::{Flow, ObservedRoute};
use crate::plan::draft::Draft;
use crate::plan::link::difference::Difference;
use crate::plan::routing::{Moved, Part, Turn};
use crate::value::InterfaceName;

/// Takes in what differs of a link, and returns what goes another way by it.
pub(in crate::plan::link) fn moved_by(
    draft: &mut Draft<'_>,
    link: &Link,
    differences: &[Difference],
) -> Vec<Loss> {
    let goes = differences.iter().filter_map(Difference::going).collect();
    let comes = differences.iter().filter_map(Difference::coming).collect();
    moved(draft, &link.name, goes, comes)
}

/// Takes in a link that is made, and returns what goes another way by it.
pub(in crate::plan::link) fn moved_by_new(draft: &mut Draft<'_>, link: &Link) -> Vec<Loss> {
    moved(draft, &link.name, Vec::new(), Part::all(link))
}

fn moved(
    draft: &mut Draft<'_>,
    link: &InterfaceName,
    goes: Vec<Part<'_>>,
    comes: Vec<Part<'_>>,
) -> Vec<Loss> {
    // The table is looked for among all links.
    if !draft.routing.matters() {
        return Vec::new();
    }
    let table = table(draft, link);
    losses(&draft.routing.advance(&Turn { link, table, goes, comes, vanishes: false }))
}

/// Takes in that a link is deleted, and returns what goes another way without it.
pub(in crate::plan::link) fn moved_with(draft: &mut Draft<'_>, link: &Link) -> Vec<Loss> {
    let (table, goes) = (MAIN_TABLE, Part::all(link));
    losses(&draft.routing.advance(&Turn { link: &link.name, table, goes, comes: Vec::new(), vanishes: true }))
}

/// Returns the table that a link's own networks are in: its VRF's.
pub(super) fn table(draft: &Draft<'_>, link: &InterfaceName) -> u32 {
    let present = || draft.observed.vrf(draft.observed.link(link)?.master.as_deref()?);
    let is_it = |it: &&Link| {
        it.device.as_ref().is_some_and(Device::is_vrf) && it.ports.iter().any(|it| it.link == *link)
    };
    let wanted = || draft.after.links().find(is_it)?.device.as_ref()?.number(VRF_TABLE);
    present().and_then(|it| it.number(VRF_TABLE)).or_else(wanted).unwrap_or(MAIN_TABLE)
}

/// Says what is lost with flows that move: those of one kind that move alike together.
fn losses(moved: &[Moved]) -> Vec<Loss> {
    let alike = |a: &Moved, b: &Moved| {
        effect(&a.flow) == effect(&b.flow) && a.flow.route == b.flow.route && a.to == b.to
    };
    let mut groups: Vec<Vec<&Moved>> = Vec::new();
    for it in moved {
        match groups.iter_mut().find(|group| alike(group[0], it)) {
            Some(group) => group.push(it),
            None => groups.push(vec![it]),
        }
    }
    groups.iter().filter_map(|it| loss(it)).collect()
}

fn loss(group: &[&Moved]) -> Option<Loss> {
    let first = group.first()?;
    let from = first.flow.route.as_ref()?;
    let flows: Vec<&Flow> = group.iter().map(|it| &it.flow).collect();
    let carries = format!("the route {from}, which carries {},", named(&flows));
    let why = match &first.to {
        Some(_) if first.loses_gateway() => {
            format!("{carries} has its gateway on no network of {} any more", devices(from))
        }
        Some(to) => format!("{carries} gives way to {to}"),
        None => format!("{carries} goes, and no other is left"),
    };
    let by = from.via.map_or_else(String::new, |it| format!(" by {it}"));
    let remedy = format!("a route to {}{by} over {} keeps it where it is", first.flow.peer, devices(from));
    Some(Loss { effect: effect(&first.flow), why, remedy: Some(remedy) })
}

fn devices(route: &ObservedRoute) -> String {
    route.devices().into_iter().collect::<Vec<_>>().join(" and ")
}
