//! Why an apply is not gone on with.

use super::journal::{Log, Record};
use crate::failure::Failure;

/// Why an apply is not gone on with.
#[derive(Debug)]
pub(super) enum Stop {
    /// What it does, or fails to do.
    Harm(String),
    /// The disk does not take its journal, and may hang.
    Journal(String),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Harm(failure.to_string())
    }
}

/// Writes a record that must be there before anything else is begun.
pub(super) fn write(journal: &mut impl Log, record: Record) -> Result<(), Stop> {
    in_journal(journal.append(record))
}

/// Has what the journal does not take stop the apply.
pub(super) fn in_journal(written: Result<(), Failure>) -> Result<(), Stop> {
    written.map_err(|it| Stop::Journal(it.to_string()))
}
