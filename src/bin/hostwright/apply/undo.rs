//! Taking back what was begun, in reverse, and a look at the result.

use std::time::Duration;

use super::finish::finish;
use super::journal::{Log, Outcome, Record, Story};
use super::{Machine, Of};
use crate::failure::Failure;
use hostwright::plan::{Action, Step};

/// Time after which an undo counts as hung.
const LONGEST: Duration = Duration::from_secs(5 * 60);
/// Time of it that units have together: one that does not stop must not keep the links behind it as they are. systemd's own
/// limit, a minute and a half by default, comes before.
const UNITS: Duration = Duration::from_secs(2 * 60);

/// Ends an apply whose executor is gone: finishes it when it was verified, else takes it back.
///
/// # Errors
/// The journal cannot be read or written.
pub(crate) fn recover(
    machine: &mut impl Machine,
    journal: &mut impl Log,
    why: &str,
) -> Result<Outcome, Failure> {
    if let Some(outcome) = journal.outcome() {
        return Ok(outcome.clone());
    }
    if journal.is_verified() {
        return finish(machine, journal);
    }
    // One that was taken back already when it was torn has a cause of its own.
    let begun = journal.undoing().map(str::to_owned);
    take_back(machine, journal, begun.as_deref().unwrap_or(why))
}

/// Takes back every step that was begun, the last first; goes on where an inverse fails.
///
/// # Errors
/// The journal has no header.
pub(crate) fn take_back(
    machine: &mut impl Machine,
    journal: &mut impl Log,
    why: &str,
) -> Result<Outcome, Failure> {
    let Some(header) = journal.header().cloned() else {
        return Err(Failure::new("read the journal", "it has no header"));
    };
    journal.note(Record::Undoing(why.to_owned()));
    if journal.is_watched() {
        // The timer stands at the end of the window, and would stop the executor that takes back. Where it has gone off
        // it cannot be armed, nor need be.
        let _ = machine.arm(LONGEST);
    }
    machine.hurry(UNITS);
    let begun = journal.begun();
    let mut left = Vec::new();
    for what in inverses(machine, begun.iter().filter_map(|it| header.plan.steps.get(*it))) {
        journal.note(Record::Left(what.clone()));
        left.push(what);
    }
    // Where no step can have begun, what the machine lacks it lacked before.
    if let Some(known) = journal.drift() {
        left.extend(machine.lacks(Of::Former, known).unwrap_or_else(|failure| vec![failure.to_string()]));
    }
    let outcome = if left.is_empty() { Outcome::TakenBack(why.to_owned()) } else { Outcome::Broken(left) };
    journal.note(Record::Outcome(outcome.clone()));
    let picture = machine.baseline(None).map_or_else(|it| vec![it.to_string()], |it| it.lines());
    journal.note(Record::After(picture));
    Ok(outcome)
}

/// Runs the inverses of steps, and says what is left. What belongs to the network is tried again behind all others: it may count
/// on what one of them gives back, as a route on the place that another one leaves.
fn inverses<'a>(machine: &mut impl Machine, steps: impl Iterator<Item = &'a Step>) -> Vec<String> {
    let failed =
        steps.filter_map(|step| inverse(machine, &step.undo).err().map(|(action, why)| (step, action, why)));
    let failed: Vec<_> = failed.collect();
    let again = |(step, action, why): (&Step, &Action, String)| {
        if action.is_of_network() { inverse(machine, &step.undo).err().map(|it| it.1) } else { Some(why) }
    };
    failed.into_iter().filter_map(again).collect()
}

/// Runs the inverse of a step up to what fails: what comes behind counts on it, as an automount's stop, which
/// detaches even a busy file system, counts on the mount's.
fn inverse<'a>(machine: &mut impl Machine, actions: &'a [Action]) -> Result<(), (&'a Action, String)> {
    actions
        .iter()
        .try_for_each(|action| machine.run(action).map_err(|failure| (action, failure.ending(action))))
}
