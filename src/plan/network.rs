//! libvirt networks: defined, started, and removed when no guest is on them.

use super::adoption::is_marked;
use super::draft::Draft;
use super::{Action, Change, Sign, link};
use crate::artifact::{Artifact, Id, Network, Origin};
use crate::observed::{ObservedDomain, ObservedNetwork};
use crate::value::ItemName;
use crate::xml;

pub(super) fn additions(draft: &mut Draft<'_>) {
    for entry in draft.additions() {
        let Artifact::Network(network) = &entry.artifact else {
            continue;
        };
        let Some(libvirt) = &draft.observed.libvirt else {
            draft.problem(
                &entry.origin,
                "libvirt was not asked what it has".to_owned(),
                "look at `systemctl status libvirtd`, then plan again",
            );
            continue;
        };
        match libvirt.networks.get(&network.name) {
            None => define(draft, &entry.origin, network),
            Some(present) => compare(draft, &entry.origin, network, present),
        }
    }
}

fn define(draft: &mut Draft<'_>, origin: &Origin, network: &Network) {
    let name = || network.name.clone();
    draft.step(origin, Action::DefineNetwork(network.clone()), vec![Action::UndefineNetwork(name())], &[]);
    if let Some(when) = waits(draft, network) {
        return draft.change(Change { when: Some(when), ..Change::new(Sign::Add, origin, "", "define") });
    }
    draft.step(origin, Action::StartNetwork(name()), vec![Action::StopNetwork(name())], &[]);
    draft.change(Change::new(Sign::Add, origin, "", "define, start"));
}

fn compare(draft: &mut Draft<'_>, origin: &Origin, network: &Network, present: &ObservedNetwork) {
    if present.uuid != network.uuid {
        let message = format!(
            "libvirt has a network `{}` that hostwright did not make, UUID {}",
            network.name, present.uuid
        );
        return draft.problem(
            origin,
            message,
            "rename one of them, or write its `uuid` in the spec and adopt it",
        );
    }
    if !is_marked(&present.xml) {
        let message = format!("libvirt's network `{}` bears no mark of hostwright", network.name);
        return draft.problem(origin, message, &format!("`hostwright adopt {origin}` marks it"));
    }
    let missing = xml::missing(&network.xml, &present.xml).unwrap_or_else(|error| vec![error.to_string()]);
    if !missing.is_empty() || !present.autostart {
        let undo = Network { xml: present.xml.clone(), ..network.clone() };
        draft.step(origin, Action::DefineNetwork(network.clone()), vec![Action::DefineNetwork(undo)], &[]);
        let when = present.active.then(|| "takes effect when the network starts next".to_owned());
        draft.change(Change { when, ..Change::new(Sign::Change, origin, missing.join(", "), "define") });
    }
    if present.active {
        return;
    }
    if let Some(when) = waits(draft, network) {
        draft.pending(origin, when);
    } else {
        let undo = vec![Action::StopNetwork(network.name.clone())];
        draft.step(origin, Action::StartNetwork(network.name.clone()), undo, &[]);
        draft.change(Change::new(Sign::Change, origin, "", "start"));
    }
}

/// Says when a network starts whose card has nothing to hand out yet.
pub(super) fn waits(draft: &Draft<'_>, network: &Network) -> Option<String> {
    let pf = network.pf.as_ref().filter(|it| link::functions(draft, it) == 0)?;
    Some(format!("starts with the virtual functions of `{pf}`, at boot"))
}

/// Removes networks that left the spec, now or before, and that no running guest is on.
pub(super) fn removals(draft: &mut Draft<'_>) {
    for entry in draft.removals() {
        let Artifact::Network(network) = &entry.artifact else {
            continue;
        };
        let libvirt = draft.observed.libvirt.as_ref();
        let Some(present) = libvirt.and_then(|it| it.networks.get(&network.name)) else {
            continue;
        };
        if present.uuid != network.uuid {
            continue;
        }
        if let Some(guest) = guest_on(draft, &network.name) {
            let when = Some(format!("stays while guest `{guest}` is on it"));
            draft.change(Change { when, ..Change::new(Sign::Remove, &entry.origin, "", "") });
        } else {
            remove(draft, &entry.origin, &network.name, present);
        }
    }
    those_that_stayed(draft);
}

/// Removes what an earlier apply left because a guest was on it, or names it while one is.
fn those_that_stayed(draft: &mut Draft<'_>) {
    let observed = draft.observed;
    for (name, present) in observed.libvirt.iter().flat_map(|it| &it.networks) {
        let id = Id::Network(name.clone());
        let known = draft.before.get(&id).is_some() || draft.after.get(&id).is_some();
        let Some(origin) = owner(&present.xml).filter(|it| !known && it.name == name.as_str()) else {
            continue;
        };
        match guest_on(draft, name) {
            Some(guest) => {
                let message =
                    format!("network `{name}` left the spec and stays while guest `{guest}` is on it");
                draft.pending(&origin, message);
            }
            None => remove(draft, &origin, name, present),
        }
    }
}

/// Returns the table of the spec that a definition comes from; absent: it bears no mark of ours.
fn owner(definition: &str) -> Option<Origin> {
    let mark = xml::mark(definition).ok()??;
    let (kind, table) = mark.split_once('.')?;
    Some(Origin::new(kind, table))
}

/// Returns a running guest that is on a network.
fn guest_on<'a>(draft: &Draft<'a>, network: &ItemName) -> Option<&'a ItemName> {
    let guests = draft.observed.libvirt.iter().flat_map(|it| &it.domains);
    let uses = |it: &ObservedDomain| {
        let networks = it.live.as_ref().and_then(|live| xml::networks(live).ok());
        networks.is_some_and(|it| it.contains(network.as_str()))
    };
    guests.into_iter().find(|(_, it)| uses(it)).map(|(guest, _)| guest)
}

fn remove(draft: &mut Draft<'_>, origin: &Origin, name: &ItemName, present: &ObservedNetwork) {
    if present.active {
        let undo = vec![Action::StartNetwork(name.clone())];
        draft.step(origin, Action::StopNetwork(name.clone()), undo, &[]);
    }
    let undo = Network { name: name.clone(), uuid: present.uuid.clone(), xml: present.xml.clone(), pf: None };
    draft.step(origin, Action::UndefineNetwork(name.clone()), vec![Action::DefineNetwork(undo)], &[]);
    draft.change(Change::new(Sign::Remove, origin, "", "stop, undefine"));
}
