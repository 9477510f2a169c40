//! A plan below a directory: files alone.

use super::draft::Draft;
use super::{Change, Sign};
use crate::artifact::{Artifact, File, Origin, Place};

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
    let sign = if present.is_none() { Sign::Add } else { Sign::Change };
    draft.write(origin, file.clone(), None);
    show(draft, sign, origin, &file.place);
}

fn remove(draft: &mut Draft<'_>, origin: &Origin, place: &Place) {
    if !draft.observed.files.contains_key(place) {
        return;
    }
    draft.remove(origin, place, None);
    show(draft, Sign::Remove, origin, place);
}

fn show(draft: &mut Draft<'_>, sign: Sign, origin: &Origin, place: &Place) {
    draft.change(Change::new(sign, origin, place.path.as_str(), "files"));
}
