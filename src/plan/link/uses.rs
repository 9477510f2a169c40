//! Who has something on a link that is to be deleted.

use std::collections::BTreeSet;

use super::loss::{self, Loss};
use crate::artifact::{Artifacts, Link};
use crate::observed::{ObservedDomain, ObservedLink};
use crate::plan::draft::Draft;
use crate::plan::{Action, Effect, container};
use crate::xml;

/// Who has something on a link.
pub(super) struct Uses {
    /// What is built on it and stays; a sentence.
    pub(super) above: Option<String>,
    /// What others would lose with it.
    pub(super) effects: Vec<Effect>,
    /// What of that is lost in a way that is to be told.
    pub(super) losses: Vec<Loss>,
}

/// Finds who has something on a link; `staying` are links that left the spec and cannot go.
pub(super) fn uses(draft: &Draft<'_>, link: &Link, present: &ObservedLink, staying: &BTreeSet<&str>) -> Uses {
    let mut effects = Vec::new();
    let elsewhere = draft.observed.is_under_session_elsewhere(link.name.as_str());
    let through = draft.observed.sender_over(present).is_some_and(|it| draft.observed.carries_session(it));
    let is_bound = |device: u32| device != 0 && device == present.index;
    let bound = draft.observed.speakers().iter().any(|it| is_bound(it.device));
    if elsewhere || through || bound || draft.observed.speaks_from(present) {
        effects.push(Effect::Sessions);
    }
    loss::add(&mut effects, draft.observed.flows_over(link.name.as_str()).into_iter().map(loss::effect));
    if draft.observed.has_foreign_route(link.name.as_str()) {
        effects.push(Effect::Routes);
    }
    let ports = draft.observed.ports(link.name.as_str());
    let released = ports.flat_map(|it| loss::of_release(draft, link.name.as_str(), it));
    let sources = loss::of_all_sources(draft, &link.name, present);
    let losses = loss::of_foreign_addresses(draft, link).into_iter().chain(sources).chain(released).collect();
    let above = above(draft, link, staying).or_else(|| under_master(draft, link, present, staying));
    Uses { above, effects, losses }
}

/// Says that a link is a port of a master that stays: what others have there would be cut off.
fn under_master(
    draft: &Draft<'_>,
    link: &Link,
    present: &ObservedLink,
    staying: &BTreeSet<&str>,
) -> Option<String> {
    let master = present.master.as_deref()?;
    let is_of = |spec: &Artifacts| spec.links().any(|it| it.name.as_str() == master);
    let frees = |it: &Action| match it {
        Action::RemovePort(port) => *port == link.name,
        Action::AddPort(_, port) => port.link == link.name,
        Action::DeleteLink(name) => name.as_str() == master,
        _ => false,
    };
    let stays = if is_of(draft.after) {
        // Its ports may change no sooner than at the boot.
        draft.after.link(&link.name).is_none() && !draft.does(frees)
    } else {
        staying.contains(master) || !is_of(draft.before)
    };
    stays.then(|| format!("`{}` is a port of `{master}`, which stays", link.name))
}

fn above(draft: &Draft<'_>, link: &Link, staying: &BTreeSet<&str>) -> Option<String> {
    if let Some(message) = container::on_link(draft, &link.name) {
        return Some(message);
    }
    let leaves = |name: &str| {
        let gone = |it: &Link| it.name.as_str() == name;
        draft.before.links().any(gone) && !draft.after.links().any(gone) && !staying.contains(name)
    };
    let child = |(name, it): &(&String, &ObservedLink)| {
        it.parent.as_deref() == Some(link.name.as_str()) && !leaves(name)
    };
    if let Some((name, _)) = draft.observed.links.iter().find(child) {
        return Some(format!("{} is built on `{}`", with_guest(draft, name), link.name));
    }
    let present = draft.observed.link(&link.name);
    if let Some(who) = present.and_then(|it| draft.observed.opened.get(&it.index)) {
        return Some(format!("{who} has `{}` open", link.name));
    }
    if let Some((there, space)) = draft.observed.built_elsewhere_on(link.name.as_str()) {
        return Some(format!("`{there}` in {space} is built on `{}`", link.name));
    }
    let port = |(name, it): &(&String, &ObservedLink)| {
        let own = link.ports.iter().any(|it| it.link.as_str() == name.as_str());
        it.master.as_deref() == Some(link.name.as_str()) && !own
    };
    let (name, _) = draft.observed.links.iter().find(port)?;
    Some(format!("{} is a port of `{}`", with_guest(draft, name), link.name))
}

/// Names a link, and the running guest that it belongs to.
pub(super) fn with_guest(draft: &Draft<'_>, link: &str) -> String {
    let domains = draft.observed.libvirt.iter().flat_map(|it| &it.domains);
    let has = |it: &ObservedDomain| {
        let taps = it.live.as_ref().and_then(|live| xml::taps(live).ok());
        taps.is_some_and(|it| it.contains(link))
    };
    match domains.into_iter().find(|(_, it)| has(it)) {
        Some((guest, _)) => format!("`{link}` of guest `{guest}`"),
        None => format!("`{link}`"),
    }
}
