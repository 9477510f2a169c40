//! What an apply writes in /etc: the disk may hang on the very link that is changed.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::real::Real;
use crate::failure::Failure;
use crate::late::{self, DISK_LIMIT, End};
use crate::store;

/// Longest wait until a spec is the applied one: two files, each synced with its directory.
const COMMIT_LIMIT: Duration = DISK_LIMIT.saturating_mul(2);
/// Writes of one file, of which one may hang, come to the disk in the order in which they were begun.
static IN_ORDER: Mutex<()> = Mutex::new(());

/// Writes the list of files of others that lie aside.
///
/// # Errors
/// The file system's, or the disk hangs.
pub(super) fn take_over(real: &Real, what: String, text: String) -> Result<(), Failure> {
    let path = real.layout.taken_over();
    in_order(what, move || store::write_whole(&path, &text))
}

/// Does something on the disk behind what was begun there before.
///
/// # Errors
/// Its own, or the disk hangs.
pub(super) fn in_order(
    what: String,
    work: impl FnOnce() -> Result<(), Failure> + Send + 'static,
) -> Result<(), Failure> {
    late::on_disk(what, DISK_LIMIT, move || {
        let _order = IN_ORDER.lock().unwrap_or_else(PoisonError::into_inner);
        work()
    })
}

/// Makes the new spec the applied one, or never does.
///
/// # Errors
/// The file system's, or the disk hangs.
pub(super) fn commit(real: &mut Real) -> Result<(), Failure> {
    let (layout, spec) = (real.layout.clone(), real.spec.clone());
    let (below, new, former) = (layout.clone(), spec.clone(), real.former_spec.clone());
    let revoke = move || {
        if let Err(failure) = store::revoke(&below, &new, former.as_deref()) {
            eprintln!("{failure}");
        }
    };
    let commit = move || store::commit(&layout, &spec);
    match late::or_never(COMMIT_LIMIT, commit, revoke) {
        End::InTime(result) => result,
        End::Late(work) => {
            real.late_commit = Some(work);
            Err(late::hangs("write the applied spec", COMMIT_LIMIT))
        }
    }
}

/// Says whether the new spec is the applied one, and stays it: what comes late is taken back.
pub(super) fn has_committed(real: &Real) -> bool {
    if real.late_commit.is_some() {
        return false;
    }
    let (layout, spec) = (real.layout.clone(), real.spec.clone());
    late::on_disk("read the applied spec", DISK_LIMIT, move || store::is_applied(&layout, &spec))
        .unwrap_or(false)
}
