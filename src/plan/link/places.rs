//! Places in tables of routes: what has a destination, a table and a metric, has it alone.

use crate::artifact::{Link, Origin, Route};
use crate::observed::ObservedRoute;
use crate::plan::Action;
use crate::plan::draft::{Draft, Refusal};

/// Says why the kernel would not give a link its routes: another link has the place of one, and keeps it as long as networkd,
/// which gave it, is not told.
pub(super) fn refusal(draft: &Draft<'_>, link: &Link) -> Option<Refusal> {
    let observed = draft.observed;
    let loaded = &observed.networkd.as_ref()?.loaded;
    let is_there = |route: &Route| observed.routes.iter().any(|it| it.is(route, &link.name));
    link.routes.iter().filter(|it| !is_there(it)).find_map(|route| {
        let other =
            observed.routes.iter().filter(|it| has_place(it, route)).find_map(|it| it.device.as_deref());
        let other = other.filter(|it| *it != link.name.as_str() && loaded.contains_key(*it))?;
        let to = &route.to;
        Some(format!("`{other}` has a route {to} with this metric until networkd reads its file").into())
    })
}

fn has_place(present: &ObservedRoute, route: &Route) -> bool {
    (present.to, present.table, present.metric) == (route.network(), route.table, route.priority())
}

/// A step with its origin and what takes it back.
type Step = (Origin, Action, Vec<Action>);

/// Has each route that goes go before one over another link that takes its place; an undo in reverse is in order, too.
pub(super) fn in_order(steps: Vec<Step>) -> Vec<Step> {
    let mut ordered: Vec<Step> = Vec::with_capacity(steps.len());
    let mut added: Vec<Route> = Vec::new();
    for step in steps {
        let taker = match &step.1 {
            Action::RemoveRoute(_, route) if added.iter().any(|it| it.excludes(route)) => {
                ordered.iter().position(|it| adds(it).is_some_and(|it| it.excludes(route)))
            }
            _ => None,
        };
        added.extend(adds(&step).cloned());
        ordered.insert(taker.unwrap_or(ordered.len()), step);
    }
    ordered
}

fn adds((_, action, _): &Step) -> Option<&Route> {
    if let Action::AddRoute(_, route) = action { Some(route) } else { None }
}
