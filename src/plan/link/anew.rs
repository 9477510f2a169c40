//! Links that no change leads to: deleted and made again, where that was agreed to.

use std::collections::BTreeSet;

use super::difference::Difference;
use super::loss::{self, Loss};
use super::removal::take_what_outlives;
use super::telling::{self, Telling};
use super::uses::uses;
use super::way::Way;
use super::{Rest, creation, occupied, ports, release, standing};
use crate::artifact::{Artifact, Entry, Link};
use crate::observed::ObservedLink;
use crate::plan::draft::{Draft, Refusal};
use crate::plan::{Action, Change, Effect, Sign};
use crate::value::InterfaceName;

const ANEW: &str = "the link would be deleted and made again";

/// Says why a link that is to be made again waits for the boot with its ports: it would be made with those that it shall have.
pub(super) fn refusal_of_ports(link: &Link, own: &[Difference], rest: &Rest) -> Option<Refusal> {
    let refusal = rest.waiting_for_ports.get(&link.name)?;
    let is_made_again = own.iter().any(Difference::is_identity);
    is_made_again.then(|| Refusal { why: format!("{ANEW}, and {}", refusal.why), ..refusal.clone() })
}

/// Says why a link that is to be made again waits for the boot with what it would be made on.
pub(super) fn refusal_of_absent(link: &Link, own: &[Difference], rest: &Rest) -> Option<Refusal> {
    let below = link.parent().filter(|it| rest.absent.contains(it))?;
    let is_made_again = own.iter().any(Difference::is_identity);
    is_made_again.then(|| format!("{ANEW}, and `{below}` comes at the next boot").into())
}

/// Says whether a link may be deleted and made again.
pub(super) fn way(draft: &Draft<'_>, link: &Link, present: &ObservedLink, losses: &[Loss]) -> Way {
    let Some(former) = draft.before.link(&link.name).filter(|_| !link.is_hardware()) else {
        return Way::Boot(ANEW.into());
    };
    if let Some(refusal) = release::refusal_of_any(draft, link).or_else(|| occupied::refusal(draft, link)) {
        return Way::Boot(refusal);
    }
    let mut effects = vec![Effect::Link(link.name.clone())];
    let mut losses = losses.to_vec();
    for (it, present) in std::iter::once((former, present)).chain(taken_along(draft, former)) {
        let uses = uses(draft, it, present, &BTreeSet::new());
        if let Some(builder) = uses.above {
            return Way::Boot(format!("{ANEW}, and {builder}").into());
        }
        loss::add(&mut effects, uses.effects);
        losses.extend(uses.losses);
    }
    loss::add(&mut effects, loss::effects(&losses));
    if !draft.allows(&effects) {
        let whys = std::iter::once(ANEW).chain(losses.iter().map(|it| it.why.as_str()));
        return Way::Boot(Refusal::of(whys.collect::<Vec<_>>().join("; "), &effects));
    }
    if let Some(why) = creation::obstacle_of_parent(draft, link) {
        return Way::Boot(format!("{ANEW}, and {why}").into());
    }
    match telling(draft, link) {
        Telling::Refused(refusal) if draft.observed.networkd_has_loaded(&link.name) => Way::Boot(Refusal {
            why: format!("networkd would give the new link what the old one had, and {}", refusal.why),
            ..refusal
        }),
        _ => Way::Anew(Box::new(former.clone()), effects),
    }
}

fn telling(draft: &Draft<'_>, link: &Link) -> Telling {
    if draft.observed.networkd_has_loaded(&link.name) {
        telling::of_changed(draft, &link.name)
    } else {
        telling::of_new(draft, &link.name)
    }
}

/// Deletes a link and makes it as it shall be.
pub(super) fn replace(
    draft: &mut Draft<'_>,
    entry: &Entry,
    link: &Link,
    (former, effects): (&Link, Vec<Effect>),
    what: String,
    rest: &mut Rest,
) {
    let undo = std::iter::once(former).chain(taken_along(draft, former).into_iter().map(|(it, _)| it));
    let undo = undo.flat_map(|it| brought_back(draft, it)).collect();
    take_what_outlives(draft, entry, former);
    let delete = Action::DeleteLink(link.name.clone());
    draft.step(&entry.origin, delete, undo, &effects);
    creation::make(draft, entry, link);
    if let Some(action) = ports::again(draft, draft.after, &link.name) {
        draft.step(&entry.origin, action, Vec::new(), &[]);
    }
    link.ports.iter().for_each(|it| standing::let_go(draft, &entry.origin, link, &it.link, rest));
    let telling = telling(draft, link);
    let (way, told) = creation::give(draft, entry, link, telling, rest);
    let effects = [effects, told].concat();
    let way = format!("deleted and made {way}");
    draft.change(Change { effects, ..Change::new(Sign::Change, &entry.origin, what, &way) });
}

/// Returns what makes a link of the former spec again, as the port that it is, with what belongs to IP.
fn brought_back(draft: &Draft<'_>, former: &Link) -> Vec<Action> {
    let again = ports::again(draft, draft.before, &former.name);
    let parts = creation::parts(former).into_iter().map(|(action, _)| action);
    creation::made_again(draft, former).into_iter().chain(again).chain(parts).collect()
}

/// Returns the links on a deleted one that leave the spec, those that others are built on first: the kernel takes them
/// along before it is their turn.
fn taken_along<'a>(draft: &Draft<'a>, link: &Link) -> Vec<(&'a Link, &'a ObservedLink)> {
    let mut gone: Vec<(&Link, &ObservedLink)> = Vec::new();
    for entry in draft.removals().into_iter().rev() {
        let Artifact::Link(it) = &entry.artifact else { continue };
        let is_gone =
            |name: &InterfaceName| link.name == *name || gone.iter().any(|(other, _)| other.name == *name);
        if let Some(present) = draft.observed.link(&it.name).filter(|_| it.parent().is_some_and(is_gone)) {
            gone.push((it, present));
        }
    }
    gone
}
