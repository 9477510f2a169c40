//! Places on a parent that one link has alone: a VLAN's number, and the parent as a whole.

use std::collections::BTreeSet;

use super::loss;
use super::removal;
use super::uses::{Uses, uses};
use crate::artifact::{Artifact, Entry, Link, device_place};
use crate::observed::ObservedLink;
use crate::plan::Action;
use crate::plan::draft::{Draft, Refusal};

/// Deletes the link that has the place of one to be made, where it leaves the spec and nobody needs it. One that networkd would
/// make again stays: it would be in the way of the other one then.
pub(super) fn make_way(draft: &mut Draft<'_>, link: &Link) {
    let Some((name, present)) = holder(draft, link) else { return };
    let leaves = |it: &&Entry| matches!(&it.artifact, Artifact::Link(it) if it.name.as_str() == name);
    let Some(entry) = draft.removals().into_iter().find(leaves) else { return };
    let Artifact::Link(former) = &entry.artifact else { return };
    let is_alone = !draft.observed.links.values().any(|it| it.parent.as_deref() == Some(name));
    let comes_back = draft.observed.files.contains_key(&device_place(&former.name));
    let is_ours = !draft.observed.taken_over.is_for(&former.name);
    if is_alone && is_ours && !comes_back && present.master.is_none() && is_free_to_go(draft, former, present)
    {
        removal::remove(draft, entry, former, present, &BTreeSet::new());
    }
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
    let (name, _) = holder(draft, link)?;
    let goes = |it: &Action| matches!(it, Action::DeleteLink(it) if it.as_str() == name);
    let parent = link.parent()?;
    (!draft.does(goes)).then(|| format!("`{name}` has its place on `{parent}` until then").into())
}

/// Returns the link that has the place of another one.
pub(super) fn holder<'a>(draft: &Draft<'a>, link: &Link) -> Option<(&'a str, &'a ObservedLink)> {
    let device = link.device.as_ref()?;
    let parent = link.parent()?;
    let has_place = |(name, it): &(&String, &ObservedLink)| {
        name.as_str() != link.name.as_str()
            && it.parent.as_deref() == Some(parent.as_str())
            && it.has_place_of(device)
    };
    draft.observed.links.iter().find(has_place).map(|(name, it)| (name.as_str(), it))
}
