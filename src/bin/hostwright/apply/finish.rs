//! The end of an apply whose steps are all done and shown.

use super::Machine;
use super::journal::{Log, Outcome, Record, Story};
use crate::failure::Failure;

/// Makes the new spec the applied one: from here on there is no way back but another apply.
///
/// # Errors
/// The journal or the spec cannot be written: whoever comes next finishes it.
pub(super) fn finish(machine: &mut impl Machine, journal: &mut impl Log) -> Result<Outcome, Failure> {
    if !journal.is_verified() {
        journal.append(Record::Verified)?;
    }
    machine.commit()?;
    journal.append(Record::Outcome(Outcome::Applied))?;
    Ok(Outcome::Applied)
}
