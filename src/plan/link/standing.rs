//! Ports that go down and up, and what stands on them: the kernel takes routes, neighbors and addresses of IPv6 from all of
//! that, and they get it again.

use std::collections::BTreeSet;

use super::Rest;
use super::creation::parts;
use crate::artifact::{Link, Origin, network_place};
use crate::plan::Action;
use crate::plan::draft::Draft;
use crate::value::{InterfaceName, TextValue};

/// Has a port that a master takes up get again what it has, with what stands on it.
pub(super) fn taken_up(
    draft: &Draft<'_>,
    origin: &Origin,
    master: &Link,
    port: &InterfaceName,
    rest: &mut Rest,
) {
    if goes_down(draft, master, port) {
        give_back(draft, origin, port, rest);
    }
}

/// Has a port that a master lets go be up, for a bond leaves it down, and get again what it has.
pub(super) fn let_go(
    draft: &Draft<'_>,
    origin: &Origin,
    master: &Link,
    port: &InterfaceName,
    rest: &mut Rest,
) {
    if is_kept(draft, port) {
        rest.standing.push((origin.clone(), Action::SetUp(port.clone())));
        taken_up(draft, origin, master, port, rest);
    }
}

/// Adds the steps, when all are known that delete links: what is made anew gets what it shall have, and what goes nothing.
pub(super) fn finish(standing: Vec<(Origin, Action)>, draft: &mut Draft<'_>) {
    let mut all: Vec<_> = standing.into_iter().filter(|(_, it)| !is_of_deleted(draft, it)).collect();
    all.sort_by_key(|(_, it)| rank(it));
    all.into_iter().for_each(|(origin, action)| draft.step(&origin, action, Vec::new(), &[]));
}

/// Says whether a step gives something to a link that another step has deleted, with what is built on that.
fn is_of_deleted(draft: &Draft<'_>, action: &Action) -> bool {
    let (Action::AddAddress(name, _) | Action::AddRoute(name, _) | Action::AddNeighbor(name, _)) = action
    else {
        return false;
    };
    let below = |name: &&str| draft.observed.links.get(*name)?.parent.as_deref();
    // The two ends of a veth name each other.
    let mut chain = std::iter::successors(Some(name.as_str()), below).take(draft.observed.links.len());
    chain.any(|it| is_deleted(draft, it))
}

fn is_deleted(draft: &Draft<'_>, name: &str) -> bool {
    draft.does(|it| matches!(it, Action::DeleteLink(it) if it.as_str() == name))
}

fn in_order(steps: impl Iterator<Item = Action>) -> Vec<Action> {
    let mut all: Vec<_> = steps.collect();
    all.sort_by_key(rank);
    all
}

/// Orders what is given: a route may name an address of another link as its source.
const fn rank(action: &Action) -> u8 {
    match action {
        Action::SetUp(_) => 0,
        Action::AddAddress(..) => 1,
        _ => 2,
    }
}

/// Returns what a link and those that stand on it have now by the former spec.
pub(super) fn as_now(draft: &Draft<'_>, port: &InterfaceName) -> Vec<Action> {
    let links = links_on(draft, port).into_iter();
    in_order(links.flat_map(|link| had(draft, link)))
}

/// Returns what a port needs that a deleted master let go, behind all other changes: it, and what stands on it, as the new
/// spec has them.
pub(super) fn as_planned(draft: &Draft<'_>, master: &Link, port: &InterfaceName) -> Vec<Action> {
    if !is_kept(draft, port) {
        return Vec::new();
    }
    let mut links = draft.after.link(port).into_iter().collect::<Vec<_>>();
    if master.sets_ports_down() {
        links.extend(planned_on(draft, port));
    }
    let parts = links.into_iter().filter(|it| is_left_to_us(draft, it)).flat_map(|it| planned(draft, it));
    in_order(std::iter::once(Action::SetUp(port.clone())).chain(parts))
}

fn is_kept(draft: &Draft<'_>, port: &InterfaceName) -> bool {
    draft.after.link(port).is_some() && draft.observed.link(port).is_some()
}

/// Says whether a port goes down when its master changes: it leaves one, comes to one, or both.
fn goes_down(draft: &Draft<'_>, master: &Link, port: &InterfaceName) -> bool {
    let observed = draft.observed;
    let present = observed.link(port).and_then(|it| it.master.as_deref());
    master.sets_ports_down()
        || draft.before.link(&master.name).is_some_and(Link::sets_ports_down)
        || present.is_some_and(|it| observed.is_bond(it) || observed.vrf(it).is_some())
}

/// networkd gives it to those that it has loaded.
fn give_back(draft: &Draft<'_>, origin: &Origin, port: &InterfaceName, rest: &mut Rest) {
    let ours = links_on(draft, port).into_iter().filter(|it| !draft.observed.networkd_has_loaded(&it.name));
    let all = ours.flat_map(|link| had(draft, link));
    rest.standing.extend(all.map(|it| (origin.clone(), it)));
}

/// Returns a port and the links that stand on it as the former spec has them, without those that a step before has deleted.
fn links_on<'a>(draft: &Draft<'a>, port: &InterfaceName) -> Vec<&'a Link> {
    let names = draft.observed.standing_on(port.as_str()).into_iter();
    let former = names.filter_map(|it| draft.before.link(&InterfaceName::parse(it).ok()?));
    former.filter(|it| !is_deleted(draft, it.name.as_str())).collect()
}

/// Returns what gives a link that of the former spec which it has now: what waits for the boot it does not have.
fn had(draft: &Draft<'_>, link: &Link) -> Vec<Action> {
    given(link).filter(|it| is_there(draft, it)).collect()
}

/// Says whether a link has what a step gives it, and would lose that.
fn is_there(draft: &Draft<'_>, action: &Action) -> bool {
    let observed = draft.observed;
    match action {
        Action::AddAddress(name, it) => {
            observed.link(name).is_some_and(|link| link.addresses.iter().any(|own| own.address == it.address))
        }
        Action::AddRoute(name, it) => observed.routes.iter().any(|own| own.is(it, name)),
        Action::AddNeighbor(name, it) => observed.link(name).is_some_and(|link| link.neighbors.contains(it)),
        _ => false,
    }
}

/// Returns the links of the new spec that are built on a port, each behind what it is built on.
fn planned_on<'a>(draft: &Draft<'a>, port: &InterfaceName) -> Vec<&'a Link> {
    let (mut below, mut found) = (BTreeSet::from([port]), Vec::new());
    loop {
        let is_next =
            |it: &&'a Link| !below.contains(&it.name) && it.parent().is_some_and(|on| below.contains(on));
        let Some(next) = draft.after.links().find(is_next) else { return found };
        below.insert(&next.name);
        found.push(next);
    }
}

/// Says whether networkd gives nothing to a link that is there by now.
fn is_left_to_us(draft: &Draft<'_>, link: &Link) -> bool {
    let is_made = || draft.does(|it| matches!(it, Action::CreateLink(made) if made.name == link.name));
    let place = network_place(&link.name);
    let is_told = || draft.does(|it| matches!(it, Action::WriteFile(file) if file.place == place));
    (draft.observed.link(&link.name).is_some() || is_made())
        && !draft.observed.networkd_has_loaded(&link.name)
        && !is_told()
}

/// Returns what gives a link what the new spec has; what it has now where that waits for the boot.
fn planned(draft: &Draft<'_>, link: &Link) -> Vec<Action> {
    if draft.waiting.links.contains(&link.name) {
        return draft.before.link(&link.name).map(|it| had(draft, it)).unwrap_or_default();
    }
    given(link).collect()
}

fn given(link: &Link) -> impl Iterator<Item = Action> {
    parts(link).into_iter().map(|(action, _)| action)
}
