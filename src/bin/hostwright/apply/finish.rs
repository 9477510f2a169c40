//! The end of an apply whose steps are all done and shown.

use super::Machine;
use super::journal::{Log, Outcome, Record, Story};
use super::undo::take_back;
use crate::failure::Failure;

/// Makes the new spec the applied one: from there on there is no way back but another apply. A disk that does not take
/// it has everything taken back.
///
/// # Errors
/// The journal has no header.
pub(super) fn finish(machine: &mut impl Machine, journal: &mut impl Log) -> Result<Outcome, Failure> {
    if !journal.is_verified()
        && let Err(failure) = journal.append(Record::Verified)
    {
        return take_back(machine, journal, &failure.to_string());
    }
    if let Err(failure) = machine.commit()
        && !machine.has_committed()
    {
        return take_back(machine, journal, &failure.to_string());
    }
    journal.note(Record::Outcome(Outcome::Applied));
    Ok(Outcome::Applied)
}
