//! Files of sysctl.d(5): udev gives a link its sysctls by them when it comes; one that is there got them by netlink.

use super::draft::Draft;
use super::{Change, Sign};
use crate::artifact::{Artifact, Entry, File, Id, Root};

/// Writes files that are not there as they should be.
pub(super) fn additions(draft: &mut Draft<'_>) {
    for entry in draft.additions() {
        let Some(file) = file(entry).filter(|it| draft.observed.files.get(&it.place) != Some(&it.content))
        else {
            continue;
        };
        draft.write(&entry.origin, file.clone(), None);
        if draft.before.get(&Id::File(file.place.clone())).is_some() {
            let change = Change::new(Sign::Change, &entry.origin, "sysctls", "write their file");
            draft.change(Change { when: Some("takes effect at the next boot".to_owned()), ..change });
        }
    }
}

/// Removes files of links that left the spec.
pub(super) fn removals(draft: &mut Draft<'_>) {
    for entry in draft.removals() {
        if let Some(file) = file(entry) {
            draft.remove(&entry.origin, &file.place, None);
        }
    }
}

fn file(entry: &Entry) -> Option<&File> {
    match &entry.artifact {
        Artifact::File(file) if file.place.root == Root::Sysctl => Some(file),
        _ => None,
    }
}
