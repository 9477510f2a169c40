//! A plan below a directory: files alone.

use super::draft::Draft;
use super::{Action, Change, Sign};
use crate::artifact::{Artifact, Content, File, Origin, Place};

/// Writes what differs and removes what is gone; says what is left alone.
pub(super) fn plan(draft: &mut Draft<'_>) {
    let mut left_alone = 0;
    for entry in draft.additions() {
        match &entry.artifact {
            Artifact::File(file) => write(draft, &entry.origin, file),
            _ => left_alone += 1,
        }
    }
    for entry in draft.removals() {
        if let Artifact::File(file) = &entry.artifact {
            remove(draft, &entry.origin, &file.place);
        }
    }
    draft.note(format!(
        "files and units alone: kernel, systemd and libvirt are left alone below a directory ({left_alone} artifacts)"
    ));
}

fn write(draft: &mut Draft<'_>, origin: &Origin, file: &File) {
    let present = draft.observed.files.get(&file.place);
    if present == Some(&file.content) {
        return;
    }
    let (sign, undo) = match present {
        None => (Sign::Add, Action::RemoveFile(file.place.clone())),
        Some(content) => (Sign::Change, restored(&file.place, content)),
    };
    draft.step(origin, Action::WriteFile(file.clone()), vec![undo], &[]);
    show(draft, sign, origin, &file.place);
}

fn remove(draft: &mut Draft<'_>, origin: &Origin, place: &Place) {
    let Some(content) = draft.observed.files.get(place) else {
        return;
    };
    draft.step(origin, Action::RemoveFile(place.clone()), vec![restored(place, content)], &[]);
    show(draft, Sign::Remove, origin, place);
}

fn restored(place: &Place, content: &Content) -> Action {
    Action::WriteFile(File { place: place.clone(), content: content.clone() })
}

fn show(draft: &mut Draft<'_>, sign: Sign, origin: &Origin, place: &Place) {
    draft.change(Change::new(sign, origin, place.path.as_str(), "files"));
}
