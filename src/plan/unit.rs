//! Units: which are loaded, started and stopped.

use super::draft::Draft;
use super::{Action, Change, Effect, Sign};
use crate::artifact::{Artifact, Artifacts, File, Id, Origin, Root, Start, Unit};
use crate::observed::UnitState;
use crate::value::{ItemName, UnitName};

/// Stops what is no longer there. It goes first: a busy mount fails before anything else is touched,
/// and systemd 262 would tear down an automount whose file a daemon-reload does not find.
pub(super) fn removals(draft: &mut Draft<'_>) {
    for entry in draft.removals() {
        let Artifact::Unit(unit) = &entry.artifact else {
            continue;
        };
        if unit.guest.as_ref().is_some_and(|it| lives(draft, it)) {
            continue;
        }
        let mut undo = vec![Action::StartUnit(unit.name.clone())];
        let mut effects = Vec::new();
        for name in unit.stop_first.iter().chain([&unit.name]) {
            if !runs(draft, name) {
                continue;
            }
            let storage = storage(name);
            draft.step(&entry.origin, Action::StopUnit(name.clone()), std::mem::take(&mut undo), &storage);
            effects.extend(storage);
        }
        draft.change(Change { effects, ..Change::new(Sign::Remove, &entry.origin, "", "stop its unit") });
    }
}

fn storage(name: &UnitName) -> Vec<Effect> {
    if name.is_mount() { vec![Effect::Storage(name.to_string())] } else { Vec::new() }
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
        draft.change(Change { what: file.place.path.clone(), ..Change::new(sign, origin, "", "load units") });
    }
    for file in unit_files(before).filter(|it| own(before, it) && after.content(&it.place).is_none()) {
        draft.change(Change {
            what: file.place.path.clone(),
            ..Change::new(Sign::Remove, origin, "", "load units")
        });
    }
}

/// Starts what shall run and does not; says when a changed definition takes effect.
pub(super) fn additions(draft: &mut Draft<'_>) {
    for entry in draft.additions() {
        let Artifact::Unit(unit) = &entry.artifact else {
            continue;
        };
        let known = draft.before.get(&entry.artifact.id()).is_some();
        if shall_start(draft, unit) {
            start(draft, &entry.origin, unit, if known { Sign::Change } else { Sign::Add });
        } else if known && definition_changed(draft, unit) {
            draft.change(Change {
                what: "definition".to_owned(),
                when: Some(match unit.stop_first.first() {
                    Some(mount) => format!("takes effect when {mount} starts next"),
                    None => format!("takes effect when {} starts next", unit.name),
                }),
                ..Change::new(Sign::Change, &entry.origin, "", "load units")
            });
        }
    }
}

fn definition_changed(draft: &Draft<'_>, unit: &Unit) -> bool {
    let names = || unit.stop_first.iter().chain([&unit.name]).map(ToString::to_string);
    let differs = |name: String| {
        let place = crate::artifact::Place::new(Root::Unit, name);
        draft.before.content(&place) != draft.after.content(&place)
    };
    unit.guest.is_none() && names().any(differs)
}

fn shall_start(draft: &Draft<'_>, unit: &Unit) -> bool {
    let Some(guest) = &unit.guest else {
        return !runs(draft, &unit.name);
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

fn start(draft: &mut Draft<'_>, origin: &Origin, unit: &Unit, sign: Sign) {
    let mut undo: Vec<_> =
        unit.stop_first.iter().chain([&unit.name]).cloned().map(Action::StopUnit).collect();
    undo.extend(unit.guest.clone().map(Action::DestroyDomain));
    draft.step(origin, Action::StartUnit(unit.name.clone()), undo, &[]);
    let what = if unit.guest.is_some() { String::new() } else { unit.name.to_string() };
    let way = if unit.guest.is_some() { "start" } else { "start its unit" };
    draft.change(Change::new(sign, origin, what, way));
}
