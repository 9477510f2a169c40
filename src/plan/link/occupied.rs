//! Places on a parent that one link has alone: a VLAN's number, and the parent as a whole.

use std::collections::BTreeSet;

use super::loss;
use super::removal;
use super::uses::{Uses, uses};
use crate::artifact::{Artifact, Entry, Link, device_place};
use crate::observed::ObservedLink;
use crate::plan::Action;
use crate::plan::draft::{Draft, Refusal};

/// Deletes the links that have the place of one to be made, where they leave the spec and nobody needs them. One that networkd
/// would make again stays: it would be in the way of the other one then.
pub(super) fn make_way(draft: &mut Draft<'_>, link: &Link) {
    let holders: Vec<_> = holders(draft, link).collect();
    let leaving: Option<Vec<_>> = holders.iter().map(|it| leaving(draft, it.0, it.1)).collect();
    for (entry, former, present) in leaving.unwrap_or_default() {
        removal::remove(draft, entry, former, present, &BTreeSet::new());
    }
}

/// Returns what is known of a link that leaves the spec and is free to go; absent: it stays.
fn leaving<'a>(
    draft: &mut Draft<'a>,
    name: &str,
    present: &'a ObservedLink,
) -> Option<(&'a Entry, &'a Link, &'a ObservedLink)> {
    let leaves = |it: &&Entry| matches!(&it.artifact, Artifact::Link(it) if it.name.as_str() == name);
    let entry = draft.removals().into_iter().find(leaves)?;
    let Artifact::Link(former) = &entry.artifact else { return None };
    let is_alone = !draft.observed.links.values().any(|it| it.parent.as_deref() == Some(name));
    let comes_back = draft.observed.files.contains_key(&device_place(&former.name));
    let is_ours = !draft.observed.taken_over.is_for(&former.name);
    (is_alone && is_ours && !comes_back && present.master.is_none() && is_free_to_go(draft, former, present))
        .then_some((entry, former, present))
}

fn is_free_to_go(draft: &mut Draft<'_>, link: &Link, present: &ObservedLink) -> bool {
    let Uses { above, mut effects, losses } = uses(draft, link, present, &BTreeSet::new());
    let routing = draft.routing.clone();
    let moved = loss::moved_with(draft, link);
    draft.routing = routing;
    loss::add(&mut effects, loss::effects(&losses));
    loss::add(&mut effects, loss::effects(&moved));
    above.is_none()
        && draft.held(&link.name).is_none()
        && draft.observed.unseen.is_empty()
        && draft.allows(&effects)
}

/// Says why the kernel would not make a link: another one has its place.
pub(super) fn refusal(draft: &Draft<'_>, link: &Link) -> Option<Refusal> {
    let goes = |name: &str| draft.does(|it| matches!(it, Action::DeleteLink(it) if it.as_str() == name));
    let staying = || holders(draft, link).map(|it| it.0).filter(|it| !goes(it));
    let is_known = |name: &&str| draft.before.links().any(|it| it.name.as_str() == *name);
    let name = staying().find(|it| !is_known(it)).or_else(|| staying().next())?;
    let parent = link.parent()?;
    Some(format!("`{name}` has its place on `{parent}` until then").into())
}

/// Iterates over the links that have the place of another one: many share a parent that one wants as a whole.
pub(super) fn holders<'a, 'b>(
    draft: &Draft<'a>,
    link: &'b Link,
) -> impl Iterator<Item = (&'a str, &'a ObservedLink)> + use<'a, 'b> {
    let observed = draft.observed;
    let place = link.device.as_ref().zip(link.parent());
    place.into_iter().flat_map(move |(device, parent)| {
        let has_place = move |(name, it): &(&String, &ObservedLink)| {
            name.as_str() != link.name.as_str()
                && it.parent.as_deref() == Some(parent.as_str())
                && it.has_place_of(device)
        };
        observed.links.iter().filter(has_place).map(|(name, it)| (name.as_str(), it))
    })
}
