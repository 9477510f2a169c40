//! Containers: their settings are files that they read when they start; one that runs is never stopped.

use super::draft::Draft;
use super::{Change, Sign};
use crate::artifact::{Artifact, Artifacts, Entry, File, Id, Place, Purpose, Root, Start, Unit};
use crate::observed::UnitState;
use crate::value::InterfaceName;

/// Writes settings that are not there as they should be.
pub(super) fn additions(draft: &mut Draft<'_>) {
    for entry in draft.additions() {
        refuse_without_template(draft, entry);
        let Some(file) = settings(entry) else { continue };
        if draft.observed.files.get(&file.place) == Some(&file.content) {
            continue;
        }
        draft.write(&entry.origin, file.clone(), None);
        let unit = unit_that_reads(draft.after, &file.place);
        let known = unit.is_some_and(|it| draft.before.get(&Id::Unit(it.name.clone())).is_some());
        if let Some(unit) = unit.filter(|_| known) {
            let when = Some(when(draft, unit));
            let change = Change::new(Sign::Change, &entry.origin, "settings", "write its file");
            draft.change(Change { when, ..change });
        }
    }
}

/// Refuses a container whose unit systemd does not know: it is an instance of a template of another package.
fn refuse_without_template(draft: &mut Draft<'_>, entry: &Entry) {
    let Artifact::Unit(Unit { name, purpose: Purpose::Container { .. }, .. }) = &entry.artifact else {
        return;
    };
    if !draft.observed.units.contains_key(name) {
        let message = format!("systemd has no unit `{name}`");
        draft.problem(&entry.origin, message, "install the package `systemd-container`");
    }
}

/// Removes settings of containers that are gone.
pub(super) fn removals(draft: &mut Draft<'_>) {
    for entry in draft.removals() {
        let Some(File { place, .. }) = settings(entry) else { continue };
        let runs = unit_that_reads(draft.before, place).is_some_and(|it| runs(draft, it));
        if runs || !draft.observed.files.contains_key(place) {
            continue;
        }
        draft.remove(&entry.origin, place, None);
        draft.change(Change::new(
            Sign::Remove,
            &entry.origin,
            "its root file system is kept",
            "remove its settings",
        ));
    }
}

fn settings(entry: &Entry) -> Option<&File> {
    match &entry.artifact {
        Artifact::File(file) if file.place.root == Root::Nspawn => Some(file),
        _ => None,
    }
}

fn unit_that_reads<'a>(artifacts: &'a Artifacts, place: &Place) -> Option<&'a Unit> {
    artifacts.iter().find_map(|entry| match &entry.artifact {
        Artifact::Unit(unit) => match &unit.purpose {
            Purpose::Container { reads, .. } if reads.contains(place) => Some(unit),
            _ => None,
        },
        _ => None,
    })
}

/// Says whether a container runs, or is on its way up or down.
pub(super) fn runs(draft: &Draft<'_>, unit: &Unit) -> bool {
    matches!(draft.observed.units.get(&unit.name), Some(UnitState::Active | UnitState::Changing))
}

/// Says whether an apply starts a container that does not run.
pub(super) fn shall_start(draft: &Draft<'_>, unit: &Unit, start: Start) -> bool {
    match start {
        _ if runs(draft, unit) => false,
        Start::Running => true,
        Start::Boot => draft.before.get(&Id::Unit(unit.name.clone())).is_none(),
        Start::Manual => false,
    }
}

/// Says when changed settings take effect.
pub(super) fn when(draft: &Draft<'_>, unit: &Unit) -> String {
    let begins = if runs(draft, unit) { "restarts" } else { "starts next" };
    format!("takes effect when {} {begins}", unit.name)
}

/// Returns the running containers of the former spec.
pub(super) fn running<'a>(draft: &Draft<'a>) -> impl Iterator<Item = &'a Entry> {
    let observed = draft.observed;
    draft.before.iter().filter(move |entry| match &entry.artifact {
        Artifact::Unit(Unit { name, purpose: Purpose::Container { .. }, .. }) => {
            matches!(observed.units.get(name), Some(UnitState::Active | UnitState::Changing))
        }
        _ => false,
    })
}

/// Finds a running container that is on a link.
pub(super) fn on_link(draft: &Draft<'_>, link: &InterfaceName) -> Option<String> {
    let id = Id::Link(link.clone());
    let container = running(draft).find(|it| it.after.contains(&id))?;
    Some(format!("container `{}` runs on `{link}`", container.origin.name))
}
