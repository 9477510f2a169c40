//! What one spec gave and another does not, where the kernel still has it: networkd may have forgotten that it was its own.

use super::creation::parts;
use super::difference::{Difference, differences};
use super::rest::{is_given, outlives};
use super::words::described;
use crate::artifact::{Artifact, Artifacts, Link, Origin};
use crate::observed::{Observed, ObservedLink};
use crate::plan::draft::Draft;
use crate::plan::{Action, Terms};

/// Names what links still have of a spec that was left, with the tables that gave it; a plan from a spec to itself does not
/// know of that.
#[must_use]
pub fn leftovers(left: &Artifacts, whole: &Artifacts, observed: &Observed) -> Vec<(Origin, String)> {
    let draft = Draft::new(left, whole, observed, &Terms::default());
    let mut found = Vec::new();
    for entry in left.iter() {
        let Artifact::Link(former) = &entry.artifact else { continue };
        let what = match (whole.link(&former.name), observed.link(&former.name)) {
            (Some(link), Some(present)) => on_link(&draft, link, present),
            // What left and is there waits for the boot.
            (None, None) if !former.is_hardware() => behind(&draft, former),
            _ => Vec::new(),
        };
        let origin = &whole.get(&entry.artifact.id()).unwrap_or(entry).origin;
        found.extend(what.into_iter().map(|it| (origin.clone(), it)));
    }
    found
}

fn on_link(draft: &Draft<'_>, link: &Link, present: &ObservedLink) -> Vec<String> {
    let found = differences(draft, link, present).into_iter();
    let found = found.filter(|it| is_left(it, present));
    found.map(|it| described(std::slice::from_ref(&it))).collect()
}

/// Says whether it is something that was to go; a lease may bring the address that was given before.
fn is_left(difference: &Difference, present: &ObservedLink) -> bool {
    match difference {
        Difference::FormerAddress(it) => {
            present.addresses.iter().any(|other| other.permanent && other.address == it.address)
        }
        Difference::FormerRoute(_)
        | Difference::FormerRule(_)
        | Difference::FormerNeighbor(_)
        | Difference::FormerPort(_) => true,
        _ => false,
    }
}

/// Names what outlives a link that is gone.
fn behind(draft: &Draft<'_>, former: &Link) -> Vec<String> {
    let observed = draft.observed;
    let gone = parts(former).into_iter().map(|it| it.1);
    let left = gone.filter(|it| outlives(it) && !is_given(draft.after, it)).filter_map(|it| match it {
        Action::RemoveRule(rule) if observed.rules.iter().any(|it| it.is(&rule)) => {
            Some(Difference::FormerRule(rule))
        }
        Action::RemoveRoute(name, route) if observed.routes.iter().any(|it| it.is(&route, &name)) => {
            Some(Difference::FormerRoute(route))
        }
        _ => None,
    });
    left.map(|it| described(&[it])).collect()
}
