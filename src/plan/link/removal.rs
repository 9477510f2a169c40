//! Links that left the spec: deleted unless somebody needs them.

use std::collections::BTreeSet;

use super::creation::{made_again, parts};
use super::loss::{self, Loss};
use super::release;
use super::rest::{is_given, outlives};
use super::standing;
use super::telling::{self, Telling};
use super::uses::{Uses, uses};
use crate::artifact::link::ALIAS_MARK;
use crate::artifact::{Artifact, Entry, Link, Origin, Place, device_place, drop_in_place, network_place};
use crate::observed::ObservedLink;
use crate::plan::draft::{Draft, Refusal};
use crate::plan::{Action, Change, Effect, Sign, takeover};
use crate::value::{InterfaceName, TextValue};

const BY_NETLINK: &str = "by netlink";

/// Deletes links that left the spec, children first, and their files where a reload is harmless.
pub(in crate::plan) fn removals(draft: &mut Draft<'_>) {
    let mut rest = Rest::default();
    for entry in draft.removals() {
        let Artifact::Link(link) = &entry.artifact else {
            continue;
        };
        if draft.observed.taken_over.is_for(&link.name) {
            takeover::give_back(draft, entry, link);
            rest.staying.insert(link.name.as_str());
        } else if link.is_hardware() {
            let refusal = Refusal::from("networkd would have to let it go");
            draft.deferred(Sign::Remove, &entry.origin, "it keeps what it has".to_owned(), &refusal);
        } else if draft.does(|it| *it == Action::DeleteLink(link.name.clone())) {
            remove_file(draft, entry, link, &mut rest);
        } else if let Some(present) = draft.observed.link(&link.name) {
            match remove(draft, entry, link, present, &rest.staying) {
                Some(()) => remove_file(draft, entry, link, &mut rest),
                None => stay(draft, link, &mut rest),
            }
        } else {
            remove_what_is_left(draft, entry, link);
        }
    }
    rest.finish(draft);
    name_those_that_stayed(draft);
}

fn stay<'a>(draft: &mut Draft<'_>, link: &'a Link, rest: &mut Rest<'a>) {
    rest.staying.insert(link.name.as_str());
    draft.waiting.links.insert(link.name.clone());
    draft.waiting.masters.insert(link.name.clone());
}

/// What follows when the links are gone.
#[derive(Default)]
struct Rest<'a> {
    /// Links that left the spec and stay all the same: the kernel would take them along with what they are built on.
    staying: BTreeSet<&'a str>,
    files: Vec<(Origin, Place)>,
    /// What the reload disturbs; it was agreed to.
    effects: Vec<Effect>,
}

impl Rest<'_> {
    /// Takes in a file that is there, and has the line of its table say what the reload disturbs for it.
    fn file(&mut self, draft: &mut Draft<'_>, entry: &Entry, place: Place, effects: Vec<Effect>) {
        if !draft.observed.files.contains_key(&place) {
            return;
        }
        self.files.push((entry.origin.clone(), place));
        if !effects.is_empty() {
            self.effects.extend(effects.iter().cloned());
            let change = Change::new(Sign::Remove, &entry.origin, "", BY_NETLINK);
            draft.change(Change { effects, ..change });
        }
    }

    /// Removes the files and has networkd forget them. An undo in reverse has one reload when all are back, and before the
    /// kernel has the links: networkd makes them, for 257 fails the parent of one that it finds.
    fn finish(self, draft: &mut Draft<'_>) {
        for (number, (origin, place)) in self.files.iter().enumerate() {
            draft.remove(origin, place, (number == 0).then_some(Action::NetworkdReload));
        }
        if !self.files.is_empty() {
            let origin = Origin::new("host", &draft.after.host);
            draft.step(&origin, Action::NetworkdReload, Vec::new(), &self.effects);
        }
    }
}

/// Names links that an earlier apply left because others were on them.
fn name_those_that_stayed(draft: &mut Draft<'_>) {
    let known: BTreeSet<_> =
        draft.before.links().chain(draft.after.links()).map(|it| it.name.as_str()).collect();
    for (name, link) in &draft.observed.links {
        let known = known.contains(name.as_str());
        let mark = link.alias.as_ref().and_then(|it| it.strip_prefix(ALIAS_MARK));
        if let Some((kind, table)) =
            mark.and_then(|it| it.strip_suffix(']')?.split_once('.')).filter(|_| !known)
        {
            let message = format!("link `{name}` left the spec and stays until the next boot");
            draft.pending(&Origin::new(kind, table), message);
            draft.waiting.masters.extend(InterfaceName::parse(name));
        }
    }
}

/// Deletes a link that nobody needs; absent: it stays.
pub(super) fn remove(
    draft: &mut Draft<'_>,
    entry: &Entry,
    link: &Link,
    present: &ObservedLink,
    staying: &BTreeSet<&str>,
) -> Option<()> {
    let Uses { above, mut effects, mut losses } = uses(draft, link, present, staying);
    let what = link.to_string();
    if let Some(refusal) = draft.held(&link.name) {
        draft.deferred(Sign::Remove, &entry.origin, what, &refusal);
        return None;
    }
    if let Some(why) = above.or_else(|| unseen(draft, link)) {
        let when = Some(format!("stays until the next boot: {why}"));
        draft.change(Change { when, ..Change::new(Sign::Remove, &entry.origin, what, "") });
        return None;
    }
    let routing = draft.routing_before();
    losses.extend(loss::moved_with(draft, link));
    loss::add(&mut effects, loss::effects(&losses));
    if !draft.allows(&effects) {
        draft.return_to(routing);
        draft.deferred(Sign::Remove, &entry.origin, what, &refusal(&effects, &losses));
        return None;
    }
    loss::note(draft, &entry.origin, &losses);
    if let Some(parent) = link.parent().filter(|_| present.answers_for_its_parent()) {
        draft.note(format!(
            "stations that know addresses of `{parent}` by the MAC address of `{}` reach them again when they have asked anew: seconds, in which a BGP session may end",
            link.name
        ));
    }
    take_what_outlives(draft, entry, link);
    let mut undo = made_again(draft, link);
    undo.extend(parts(link).into_iter().filter(|(_, undo)| !outlives(undo)).map(|(action, _)| action));
    draft.step(&entry.origin, Action::DeleteLink(link.name.clone()), undo, &effects);
    for action in
        link.ports.iter().flat_map(|it| standing::as_planned(draft, link, &it.link)).collect::<Vec<_>>()
    {
        draft.step(&entry.origin, action, Vec::new(), &[]);
    }
    draft.change(Change { effects, ..Change::new(Sign::Remove, &entry.origin, what, BY_NETLINK) });
    Some(())
}

/// Takes what would stay in the kernel when a link goes, and that no link shall have.
pub(super) fn take_what_outlives(draft: &mut Draft<'_>, entry: &Entry, former: &Link) {
    for (action, undo) in outliving(draft, former) {
        draft.step(&entry.origin, undo, vec![action], &[]);
    }
}

/// Returns what gives, and what takes, that which would stay in the kernel when a link goes, and that no link shall have.
fn outliving(draft: &Draft<'_>, former: &Link) -> Vec<(Action, Action)> {
    let goes = |it: &(Action, Action)| outlives(&it.1) && !is_given(draft.after, &it.1);
    parts(former).into_iter().filter(goes).collect()
}

/// Takes what the kernel still has of a link that somebody deleted.
fn remove_what_is_left(draft: &mut Draft<'_>, entry: &Entry, link: &Link) {
    let observed = draft.observed;
    let is_there = |it: &(Action, Action)| match &it.1 {
        Action::RemoveRule(rule) => observed.rules.iter().any(|it| it.is(rule)),
        Action::RemoveRoute(name, route) => observed.routes.iter().any(|it| it.is(route, name)),
        _ => false,
    };
    let left: Vec<_> = outliving(draft, link).into_iter().filter(is_there).collect();
    if left.is_empty() {
        return;
    }
    let what = "its rules and routes without a link".to_owned();
    let routing = draft.routing_before();
    let losses = loss::moved_with(draft, link);
    let effects = loss::effects(&losses);
    if !draft.allows(&effects) {
        draft.return_to(routing);
        return draft.deferred(Sign::Remove, &entry.origin, what, &loss::refusal(&losses));
    }
    loss::note(draft, &entry.origin, &losses);
    for (action, undo) in left {
        draft.step(&entry.origin, undo, vec![action], &effects);
    }
    draft.change(Change { effects, ..Change::new(Sign::Remove, &entry.origin, what, BY_NETLINK) });
}

fn refusal(effects: &[Effect], losses: &[Loss]) -> Refusal {
    let named = effects.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let whys = losses.iter().map(|it| it.why.clone());
    let all = std::iter::once(format!("others would lose {named}")).chain(whys);
    Refusal::of(all.collect::<Vec<_>>().join("; "), effects)
}

/// Says that nobody knows what is built on a link, unless its loss was agreed to: what cannot be seen is taken for used.
fn unseen(draft: &mut Draft<'_>, link: &Link) -> Option<String> {
    let disturbed = Effect::Link(link.name.clone());
    if draft.observed.unseen.is_empty() || draft.allows(std::slice::from_ref(&disturbed)) {
        return None;
    }
    draft.hint(format!("`--allow {}` deletes what may be in use where nobody can look", disturbed.harm()));
    Some("what other network namespaces have on it is not seen".to_owned())
}

/// Removes the files of a link where networkd may be told.
fn remove_file(draft: &mut Draft<'_>, entry: &Entry, link: &Link, rest: &mut Rest<'_>) {
    let place = network_place(&link.name);
    if !draft.observed.files.contains_key(&place) {
        return;
    }
    match telling::of_new(draft, &link.name) {
        Telling::Reload(effects) => {
            forget_device(draft, entry, link, rest);
            for (drop_in, effects) in release::of_deleted(draft, link) {
                rest.file(draft, entry, drop_in, effects);
            }
            rest.file(draft, entry, place, effects);
        }
        Telling::Refused(refusal) => comes_back(draft, entry, &refusal.why),
    }
}

fn comes_back(draft: &mut Draft<'_>, entry: &Entry, why: &str) {
    draft.note(format!(
        "networkd forgets {} {} at the next boot, until then a crash of networkd would bring it back, and taking the removal back would have networkd configure it at once: {why}",
        entry.origin.kind, entry.origin.name
    ));
}

/// Removes what networkd would make a link from, where it may be told of the parent's change.
fn forget_device(draft: &mut Draft<'_>, entry: &Entry, link: &Link, rest: &mut Rest<'_>) {
    let device = device_place(&link.name);
    if !draft.observed.files.contains_key(&device) {
        return;
    }
    if let Some(parent) = link.parent() {
        match telling::of_changed(draft, parent) {
            Telling::Reload(effects) => {
                rest.file(draft, entry, drop_in_place(parent, &link.name), effects);
            }
            Telling::Refused(refusal) => return comes_back(draft, entry, &refusal.why),
        }
    }
    rest.file(draft, entry, device, Vec::new());
}
