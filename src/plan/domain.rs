//! libvirt domains: defined with the addresses they have, never touched while a guest runs on them.

use super::adoption::is_marked;
use super::draft::Draft;
use super::{Action, Change, Sign};
use crate::artifact::{Accelerator, Artifact, Domain, Origin};
use crate::observed::ObservedDomain;
use crate::xml;

pub(super) fn additions(draft: &mut Draft<'_>) {
    for entry in draft.additions() {
        let Artifact::Domain(domain) = &entry.artifact else {
            continue;
        };
        if domain.accelerator == Accelerator::Kvm && !draft.observed.kvm {
            let message = format!("guest `{}` needs hardware: /dev/kvm cannot be used here", domain.name);
            draft.problem(&entry.origin, message, "`accelerator = \"tcg\"` emulates, many times slower");
        }
        let Some(libvirt) = &draft.observed.libvirt else {
            draft.problem(
                &entry.origin,
                "libvirt was not asked what it has".to_owned(),
                "look at `systemctl status libvirtd`, then plan again",
            );
            continue;
        };
        match libvirt.domains.get(&domain.name) {
            None => define(draft, &entry.origin, domain),
            Some(present) => compare(draft, &entry.origin, domain, present),
        }
    }
}

fn define(draft: &mut Draft<'_>, origin: &Origin, domain: &Domain) {
    let Some(complete) = completed(draft, origin, domain, None) else {
        return;
    };
    let what = summary(&complete);
    let undo = vec![Action::UndefineDomain(domain.name.clone())];
    draft.step(origin, Action::DefineDomain(complete), undo, &[]);
    draft.change(Change::new(Sign::Add, origin, what, "define"));
}

fn compare(draft: &mut Draft<'_>, origin: &Origin, domain: &Domain, present: &ObservedDomain) {
    if present.uuid != domain.uuid {
        let message = format!(
            "libvirt has a domain `{}` that hostwright did not make, UUID {}",
            domain.name, present.uuid
        );
        return draft.problem(
            origin,
            message,
            "rename one of them, or write its `uuid` in the spec and adopt it",
        );
    }
    if !is_marked(&present.xml) {
        let message = format!("libvirt's domain `{}` bears no mark of hostwright", domain.name);
        return draft.problem(origin, message, &format!("`hostwright adopt {origin}` marks it"));
    }
    let Some(complete) = completed(draft, origin, domain, Some(&present.xml)) else {
        return;
    };
    let mut missing = match xml::missing(&complete.xml, &present.xml) {
        Ok(missing) => missing,
        Err(error) => return draft.problem(origin, error.to_string(), ""),
    };
    let restarts = !missing.is_empty() && present.live.is_some();
    if present.autostart {
        missing.push("libvirt's own autostart: off, `start` says when".to_owned());
    }
    if missing.is_empty() {
        return;
    }
    if present.managed_save {
        let message =
            format!("guest `{}` has a managed save that would hide the new definition", domain.name);
        return draft.problem(
            origin,
            message,
            "start it once, or give the saved state up with `virsh managedsave-remove`",
        );
    }
    if has_password(draft, origin, domain, present) {
        return;
    }
    let undo = Domain { xml: present.xml.clone(), ..domain.clone() };
    draft.step(origin, Action::DefineDomain(complete), vec![Action::DefineDomain(undo)], &[]);
    let when = restarts.then(|| format!("takes effect when {} restarts", domain.name));
    draft.change(Change { when, ..Change::new(Sign::Change, origin, missing.join(", "), "define") });
}

/// Says whether a guest's console has a password, for which there is no place here: a definition, or an undo, would open it.
fn has_password(draft: &mut Draft<'_>, origin: &Origin, domain: &Domain, present: &ObservedDomain) -> bool {
    if present.console_password {
        let name = &domain.name;
        let message = format!("the console of guest `{name}` has a password, which it would lose");
        let hint =
            format!("secure the console otherwise, and take the password out with `virsh edit {name}`");
        draft.problem(origin, message, &hint);
    }
    present.console_password
}

fn completed(
    draft: &mut Draft<'_>,
    origin: &Origin,
    domain: &Domain,
    present: Option<&str>,
) -> Option<Domain> {
    match xml::complete(&domain.xml, present) {
        Ok(xml) => Some(Domain { xml, ..domain.clone() }),
        Err(error) => {
            draft.problem(origin, error.to_string(), "");
            None
        }
    }
}

fn summary(domain: &Domain) -> String {
    let Ok(element) = xml::Element::parse(&domain.xml) else {
        return String::new();
    };
    let text = |name: &str| element.child(name).map(xml::Element::text).unwrap_or_default();
    let mebibytes = text("memory").parse::<u64>().unwrap_or_default() / 1024;
    format!("{mebibytes} MiB, {} vCPU", text("vcpu"))
}

pub(super) fn removals(draft: &mut Draft<'_>) {
    for entry in draft.removals() {
        let Artifact::Domain(domain) = &entry.artifact else {
            continue;
        };
        let libvirt = draft.observed.libvirt.as_ref();
        let Some(present) = libvirt.and_then(|it| it.domains.get(&domain.name)) else {
            continue;
        };
        if present.uuid != domain.uuid {
            continue;
        }
        if present.live.is_some() {
            let message = format!("guest `{}` runs: it is never ended by an apply", domain.name);
            draft.problem(
                &entry.origin,
                message,
                &format!("shut it down first: `virsh shutdown {}`", domain.name),
            );
            continue;
        }
        if has_password(draft, &entry.origin, domain, present) {
            continue;
        }
        let undo = Domain { xml: present.xml.clone(), ..domain.clone() };
        let action = Action::UndefineDomain(domain.name.clone());
        draft.step(&entry.origin, action, vec![Action::DefineDomain(undo)], &[]);
        draft.change(Change::new(Sign::Remove, &entry.origin, "its disks are kept", "undefine"));
    }
}
