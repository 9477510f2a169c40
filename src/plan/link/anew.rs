//! Links that no change leads to: deleted and made again, where that was agreed to.

use super::removal::uses;
use super::telling::{self, Telling};
use super::way::Way;
use super::{Rest, creation};
use crate::artifact::{Entry, Link};
use crate::observed::ObservedLink;
use crate::plan::draft::{Draft, Refusal};
use crate::plan::{Action, Change, Effect, Sign};

/// Says whether a link may be deleted and made again.
pub(super) fn way(draft: &Draft<'_>, link: &Link, present: &ObservedLink) -> Way {
    const ANEW: &str = "the link would be deleted and made again";
    let Some(former) = draft.before.link(&link.name).filter(|_| !link.is_hardware()) else {
        return Way::Boot(ANEW.into());
    };
    let uses = uses(draft, former, present);
    if let Some(builder) = uses.above {
        return Way::Boot(format!("{ANEW}, and {builder}").into());
    }
    let mut effects = uses.effects;
    effects.push(Effect::Link(link.name.clone()));
    if !draft.allows(&effects) {
        return Way::Boot(Refusal::of(ANEW.to_owned(), &effects));
    }
    match telling(draft, link) {
        Telling::Refused(refusal) if draft.observed.networkd_has_loaded(&link.name) => Way::Boot(Refusal {
            why: format!("networkd would give the new link what the old one had, and {}", refusal.why),
            ..refusal
        }),
        _ => Way::Anew(Box::new(former.clone())),
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
    former: &Link,
    what: String,
    rest: &mut Rest,
) {
    let own = Effect::Link(link.name.clone());
    let mut undo = creation::made_again(former);
    undo.extend(creation::parts(former).into_iter().map(|(action, _)| action));
    let delete = Action::DeleteLink(link.name.clone());
    draft.step(&entry.origin, delete, undo, std::slice::from_ref(&own));
    creation::make(draft, entry, link);
    let telling = telling(draft, link);
    let (way, told) = creation::give(draft, entry, link, telling, rest);
    let effects = [vec![own], told].concat();
    let way = format!("deleted and made {way}");
    draft.change(Change { effects, ..Change::new(Sign::Change, &entry.origin, what, &way) });
}
