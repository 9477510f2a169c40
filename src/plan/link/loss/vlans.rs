//! What is lost on a bridge with the VLANs that the bridge itself leaves.

use std::collections::BTreeSet;

use super::{Loss, add, over};
use crate::artifact::{Link, PortVlan};
use crate::observed::ObservedLink;
use crate::plan::Effect;
use crate::plan::draft::Draft;
use crate::plan::link::difference::Difference;
use crate::plan::link::uses::{Uses, uses};
use crate::value::{InterfaceName, TextValue};

/// Returns what is lost when a bridge leaves VLANs whose links on it stay: the kernel drops what is sent to them.
pub(super) fn of_own_vlans(draft: &Draft<'_>, link: &Link, differences: &[Difference]) -> Vec<Loss> {
    let left: BTreeSet<_> = differences.iter().flat_map(left).collect();
    let is_cut = |it: &(&String, &ObservedLink)| {
        it.1.parent.as_deref() == Some(link.name.as_str())
            && it.1.vlan().is_some_and(|id| left.contains(&id))
            && !goes(draft, it.0, it.1)
    };
    let cut = draft.observed.links.iter();
    cut.filter(is_cut).flat_map(|(name, _)| losses(draft, link, name)).collect()
}

/// Iterates over the VLANs that a bridge itself leaves.
fn left(difference: &Difference) -> impl Iterator<Item = u32> {
    let (had, wanted) = match difference {
        Difference::Vlans(had, wanted) => (&had[..], &wanted[..]),
        _ => (&[][..], &[][..]),
    };
    let stays = |it: &&PortVlan| wanted.iter().any(|other| other.id == it.id);
    had.iter().filter(move |it| !stays(it)).map(|it| it.id.number().into())
}

fn losses(draft: &Draft<'_>, bridge: &Link, name: &str) -> Vec<Loss> {
    let why = |what: &str| {
        format!("`{}` leaves the VLAN of `{name}`, which does not go with it{what}", bridge.name)
    };
    let loss = |effect, why| Loss { effect, why, remedy: None };
    let disturbed = InterfaceName::parse(name).unwrap_or_else(|_| bridge.name.clone());
    let carried = over(draft, name, true).into_iter();
    let carried = carried.map(|(effect, what)| loss(effect, why(&format!(", and carries {what}"))));
    std::iter::once(loss(Effect::Link(disturbed), why(""))).chain(carried).collect()
}

/// Says whether the plan deletes a link: one that left the spec, and that nothing which stays is built on.
fn goes(draft: &Draft<'_>, name: &str, present: &ObservedLink) -> bool {
    let is_it = |it: &&Link| it.name.as_str() == name;
    let Some(former) = draft.before.links().find(is_it) else { return false };
    let children = draft.observed.links.iter().filter(|it| it.1.parent.as_deref() == Some(name));
    let master = present.master.as_ref().and_then(|it| draft.observed.links.get_key_value(it));
    let staying: BTreeSet<&str> =
        children.chain(master).filter(|it| !goes(draft, it.0, it.1)).map(|it| it.0.as_str()).collect();
    let Uses { above, mut effects, losses } = uses(draft, former, present, &staying);
    add(&mut effects, super::effects(&losses));
    draft.after.links().find(is_it).is_none()
        && draft.observed.unseen.is_empty()
        && above.is_none()
        && draft.allows(&effects)
}
