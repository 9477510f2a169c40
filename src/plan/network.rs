//! libvirt networks: defined, started, and removed when no guest is on them.

use super::adoption::is_marked;
use super::draft::Draft;
use super::{Action, Change, Sign, link};
use crate::artifact::{Artifact, Network, Origin};
use crate::observed::ObservedNetwork;
use crate::xml;

pub(super) fn additions(draft: &mut Draft<'_>) {
    for entry in draft.additions() {
        let Artifact::Network(network) = &entry.artifact else {
            continue;
        };
        let Some(libvirt) = &draft.observed.libvirt else {
            draft.problem(&entry.origin, "libvirt cannot be asked".to_owned(), "");
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
        let message =
            format!("libvirt has a network `{}` that is not ours, UUID {}", network.name, present.uuid);
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

pub(super) fn removals(draft: &mut Draft<'_>) {
    for entry in draft.removals() {
        let Artifact::Network(network) = &entry.artifact else {
            continue;
        };
        let libvirt = draft.observed.libvirt.as_ref();
        let Some(present) = libvirt.and_then(|it| it.networks.get(&network.name)) else {
            continue;
        };
        if present.uuid == network.uuid {
            remove(draft, &entry.origin, network, present);
        }
    }
}

fn remove(draft: &mut Draft<'_>, origin: &Origin, network: &Network, present: &ObservedNetwork) {
    let guests = draft.observed.libvirt.iter().flat_map(|it| &it.domains);
    let uses = |live: &Option<String>| {
        live.as_ref()
            .and_then(|live| xml::networks(live).ok())
            .is_some_and(|it| it.contains(network.name.as_str()))
    };
    if let Some((guest, _)) = guests.into_iter().find(|(_, it)| uses(&it.live)) {
        let message = format!("guest `{guest}` is on network `{}`", network.name);
        return draft.problem(origin, message, "shut the guest down or move it first");
    }
    let name = || network.name.clone();
    if present.active {
        draft.step(origin, Action::StopNetwork(name()), vec![Action::StartNetwork(name())], &[]);
    }
    let undo = Network { xml: present.xml.clone(), ..network.clone() };
    draft.step(origin, Action::UndefineNetwork(name()), vec![Action::DefineNetwork(undo)], &[]);
    draft.change(Change::new(Sign::Remove, origin, "", "stop, undefine"));
}
