//! Places in tables of routes: what has a destination, a table and a metric, has it alone.

use std::net::IpAddr;

use crate::artifact::{Link, Origin, Route};
use crate::observed::ObservedRoute;
use crate::plan::Action;
use crate::plan::draft::{Draft, Refusal};

/// Says why the kernel would not give a link its routes: another link has the place of one, and keeps it as long as networkd,
/// which gave it, is not told; or the link itself has, by somebody else or by a spec before the former one.
pub(super) fn refusal(draft: &Draft<'_>, link: &Link) -> Option<Refusal> {
    own_refusal(draft, link).or_else(|| refusal_of_others(draft, link))
}

fn own_refusal(draft: &Draft<'_>, link: &Link) -> Option<Refusal> {
    let observed = draft.observed;
    let former = || draft.before.link(&link.name).into_iter().flat_map(|it| &it.routes);
    let is_there = |route: &&Route| observed.routes.iter().any(|it| it.is(route, &link.name));
    let is_taken = |route: &&Route| {
        let holds =
            |it: &&ObservedRoute| it.device.as_deref() == Some(link.name.as_str()) && has_place(it, route);
        observed.routes.iter().filter(holds).any(|it| !former().any(|known| it.is(known, &link.name)))
    };
    let route = link.routes.iter().filter(|it| !is_there(it)).find(is_taken)?;
    let to = &route.to;
    Some(format!("`{}` has another route {to} with this metric until then", link.name).into())
}

fn refusal_of_others(draft: &Draft<'_>, link: &Link) -> Option<Refusal> {
    let observed = draft.observed;
    let loaded = &observed.networkd.as_ref()?.loaded;
    let is_there = |route: &Route| observed.routes.iter().any(|it| it.is(route, &link.name));
    link.routes.iter().filter(|it| !is_there(it)).find_map(|route| {
        let other =
            observed.routes.iter().filter(|it| has_place(it, route)).find_map(|it| it.device.as_deref());
        let stays = |name: &str| draft.after.links().any(|it| it.name.as_str() == name);
        let other = other.filter(|it| *it != link.name.as_str() && loaded.contains_key(*it) && stays(it))?;
        let to = &route.to;
        Some(format!("`{other}` has a route {to} with this metric until networkd reads its file").into())
    })
}

fn has_place(present: &ObservedRoute, route: &Route) -> bool {
    (present.to, present.table, present.metric) == (route.network(), route.table, route.priority())
}

/// A step with its origin and what takes it back.
type Step = (Origin, Action, Vec<Action>);

/// Has each route that goes go before one over another link that takes its place, and be it with its link; an undo in reverse is
/// in order, too.
pub(super) fn in_order(draft: &Draft<'_>, steps: Vec<Step>) -> Vec<Step> {
    let mut ordered: Vec<Step> = Vec::with_capacity(steps.len());
    let mut added: Vec<Route> = Vec::new();
    for step in behind_sources(steps) {
        let taker = match &step.1 {
            Action::RemoveRoute(_, route) if added.iter().any(|it| it.excludes(route)) => {
                ordered.iter().position(|it| adds(it).is_some_and(|it| it.excludes(route)))
            }
            _ => None,
        };
        if let Some(route) = adds(&step) {
            ordered.extend(leaver(draft, route));
            added.push(route.clone());
        }
        ordered.insert(taker.unwrap_or(ordered.len()), step);
    }
    ordered
}

/// Has each route that names a source come behind the address that it names, and be that another link's.
fn behind_sources(steps: Vec<Step>) -> Vec<Step> {
    let given = |it: &Step| if let Action::AddAddress(_, it) = &it.1 { Some(it.address.ip()) } else { None };
    let mut coming: Vec<_> = steps.iter().filter_map(given).collect();
    let mut ordered = Vec::with_capacity(steps.len());
    let mut waiting: Vec<Step> = Vec::new();
    for step in steps {
        if let Some(source) = source(&step)
            && coming.contains(&source)
        {
            waiting.push(step);
            continue;
        }
        if let Some(address) = given(&step) {
            coming.remove(coming.iter().position(|it| *it == address).unwrap_or_default());
        }
        ordered.push(step);
        let can_come = |it: &Step| !source(it).is_some_and(|it| coming.contains(&it));
        let (now, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(can_come);
        ordered.extend(now);
        waiting = later;
    }
    ordered
}

fn source((_, action, _): &Step) -> Option<IpAddr> {
    match action {
        Action::AddRoute(_, route) | Action::ReplaceRoute(_, _, route) => route.preferred_source,
        _ => None,
    }
}

/// Takes the route in a place from a link that leaves the spec.
fn leaver(draft: &Draft<'_>, route: &Route) -> Option<Step> {
    let present = draft.observed.routes.iter().find(|it| has_place(it, route))?;
    let link = draft.before.links().find(|it| present.device.as_deref() == Some(it.name.as_str()))?;
    let former = link.routes.iter().find(|it| present.is(it, &link.name))?;
    let leaves = draft.after.link(&link.name).is_none();
    let (name, former) = (link.name.clone(), former.clone());
    leaves.then(|| {
        let origin = Origin::new("host", &draft.after.host);
        let back = Action::AddRoute(name.clone(), former.clone());
        (origin, Action::RemoveRoute(name, former), vec![back])
    })
}

fn adds((_, action, _): &Step) -> Option<&Route> {
    if let Action::AddRoute(_, route) = action { Some(route) } else { None }
}
