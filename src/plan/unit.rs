//! Units: which are loaded, started and stopped.

use super::draft::Draft;
use super::{Action, Change, Sign, container, network};
use crate::artifact::{Artifact, Artifacts, File, Id, Origin, Place, Purpose, Root, Start, Unit};
use crate::observed::UnitState;
use crate::value::{ItemName, UnitName};
use crate::xml;

/// How units come to be known.
pub(super) const LOADED: &str = "load units";

/// Stops what is no longer there. It goes first: a busy mount fails before anything else is touched,
/// and systemd 262 would tear down an automount whose file a daemon-reload does not find.
pub(super) fn removals(draft: &mut Draft<'_>) {
    for entry in draft.removals() {
        let Artifact::Unit(unit) = &entry.artifact else {
            continue;
        };
        if is_held(draft, &entry.origin, unit) {
            continue;
        }
        let mut undo = vec![Action::StartUnit(unit.name.clone())];
        for name in unit.stop_first.iter().chain([&unit.name]) {
            if !runs(draft, name) {
                continue;
            }
            draft.step(&entry.origin, Action::StopUnit(name.clone()), std::mem::take(&mut undo), &[]);
        }
        draft.change(Change::new(Sign::Remove, &entry.origin, "", "stop its unit"));
    }
}

/// Says whether a unit belongs to a guest or container that runs, and is never ended by an apply.
fn is_held(draft: &mut Draft<'_>, origin: &Origin, unit: &Unit) -> bool {
    match &unit.purpose {
        Purpose::Guest(guest) => lives(draft, guest),
        Purpose::Container { .. } if container::runs(draft, unit) => {
            let message = format!("container `{}` runs: it is never ended by an apply", origin.name);
            draft.problem(origin, message, &format!("stop it first: `systemctl stop {}`", unit.name));
            true
        }
        Purpose::Container { .. } | Purpose::Always => {
            container::running(draft).any(|it| it.origin == *origin)
        }
    }
}

fn lives(draft: &Draft<'_>, guest: &ItemName) -> bool {
    let libvirt = draft.observed.libvirt.as_ref();
    libvirt.and_then(|it| it.domains.get(guest)).is_some_and(|it| it.live.is_some())
}

fn runs(draft: &Draft<'_>, name: &UnitName) -> bool {
    matches!(draft.observed.units.get(name), Some(UnitState::Active | UnitState::Changing))
}

/// Makes the new spec the running one and has systemd load what changed.
pub(super) fn load(draft: &mut Draft<'_>) {
    let origin = Origin::new("host", &draft.after.host);
    draft.step(&origin, Action::SetRunning, vec![Action::ClearRunning], &[]);
    if unit_files(draft.before).ne(unit_files(draft.after)) {
        draft.step(&origin, Action::DaemonReload, vec![Action::ClearRunning, Action::DaemonReload], &[]);
        report_host_files(draft, &origin);
    }
}

fn unit_files(artifacts: &Artifacts) -> impl Iterator<Item = &File> {
    artifacts.files().filter(|it| it.place.root == Root::Unit)
}

/// Shows files of units that are no unit of a table: drop-ins of the host.
fn report_host_files(draft: &mut Draft<'_>, origin: &Origin) {
    let (before, after) = (draft.before, draft.after);
    let own = |artifacts: &Artifacts, file: &File| {
        artifacts.get(&Id::File(file.place.clone())).is_some_and(|it| it.origin.kind == origin.kind)
    };
    for file in unit_files(after).filter(|it| own(after, it)) {
        let sign = match before.content(&file.place) {
            None => Sign::Add,
            Some(content) if *content != file.content => Sign::Change,
            Some(_) => continue,
        };
        draft.change(Change { what: file.place.path.clone(), ..Change::new(sign, origin, "", LOADED) });
    }
    for file in unit_files(before).filter(|it| own(before, it) && after.content(&it.place).is_none()) {
        let change = Change::new(Sign::Remove, origin, "", LOADED);
        draft.change(Change { what: file.place.path.clone(), ..change });
    }
}

/// Starts what shall run and does not; says when a changed definition takes effect.
pub(super) fn additions(draft: &mut Draft<'_>) {
    for entry in draft.additions() {
        let Artifact::Unit(unit) = &entry.artifact else {
            continue;
        };
        let known = draft.before.get(&entry.artifact.id()).is_some();
        let starts = shall_start(draft, unit);
        let waits = if starts { waits(draft, unit) } else { None };
        if let Some(note) = waits {
            draft.note(note);
        } else if starts {
            start(draft, &entry.origin, unit, if known { Sign::Change } else { Sign::Add });
        } else if known && definition_changed(draft, unit) {
            draft.change(Change {
                what: "definition".to_owned(),
                when: Some(when(draft, unit)),
                ..Change::new(Sign::Change, &entry.origin, "", LOADED)
            });
        }
    }
}

fn when(draft: &Draft<'_>, unit: &Unit) -> String {
    if let Purpose::Container { .. } = unit.purpose {
        return container::when(draft, unit);
    }
    let name = unit.stop_first.first().unwrap_or(&unit.name);
    format!("takes effect when {name} starts next")
}

fn definition_changed(draft: &Draft<'_>, unit: &Unit) -> bool {
    let differs = |place: &Place| draft.before.content(place) != draft.after.content(place);
    let own = |name: &UnitName| Place::new(Root::Unit, name.to_string());
    match &unit.purpose {
        Purpose::Always => unit.stop_first.iter().chain([&unit.name]).map(own).any(|it| differs(&it)),
        Purpose::Container { reads, .. } => reads.iter().any(differs),
        Purpose::Guest(_) => false,
    }
}

fn shall_start(draft: &Draft<'_>, unit: &Unit) -> bool {
    let guest = match &unit.purpose {
        Purpose::Always => return !runs(draft, &unit.name),
        Purpose::Container { start, .. } => return container::shall_start(draft, unit, *start),
        Purpose::Guest(guest) => guest,
    };
    let id = Id::Domain(guest.clone());
    let policy = draft.after.get(&id).and_then(|it| match &it.artifact {
        Artifact::Domain(domain) => Some(domain.start),
        _ => None,
    });
    match policy {
        _ if lives(draft, guest) => false,
        Some(Start::Running) => true,
        Some(Start::Boot) => draft.before.get(&id).is_none(),
        Some(Start::Manual) | None => false,
    }
}

/// Says when a guest starts that has an interface on a network which cannot start yet.
fn waits(draft: &Draft<'_>, unit: &Unit) -> Option<String> {
    let Purpose::Guest(guest) = &unit.purpose else { return None };
    let Artifact::Domain(domain) = &draft.after.get(&Id::Domain(guest.clone()))?.artifact else {
        return None;
    };
    let names = xml::networks(&domain.xml).ok()?;
    draft.after.iter().find_map(|it| match &it.artifact {
        Artifact::Network(network) if names.contains(network.name.as_str()) => {
            let when = network::waits(draft, network)?;
            Some(format!("guest `{guest}` waits: its network `{}` {when}", network.name))
        }
        _ => None,
    })
}

fn start(draft: &mut Draft<'_>, origin: &Origin, unit: &Unit, sign: Sign) {
    let mut undo: Vec<_> =
        unit.stop_first.iter().chain([&unit.name]).cloned().map(Action::StopUnit).collect();
    if let Purpose::Guest(guest) = &unit.purpose {
        undo.push(Action::DestroyDomain(guest.clone()));
    }
    draft.step(origin, Action::StartUnit(unit.name.clone()), undo, &[]);
    let (what, way) = match unit.purpose {
        Purpose::Always => (unit.name.to_string(), "start its unit"),
        Purpose::Guest(_) | Purpose::Container { .. } => (String::new(), "start"),
    };
    draft.change(Change::new(sign, origin, what, way));
}
