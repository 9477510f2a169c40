//! The steps in turn, each in the journal before it begins, and a look at the whole at the end.

use std::time::Duration;

use hostwright::plan::Action;

use super::finish::finish;
use super::guard::Baseline;
use super::journal::{Header, Log, Outcome, Record, Story};
use super::stop::{Stop, in_journal, write};
use super::undo::take_back;
use super::watch::{Times, guard, watch};
use super::{Machine, Of};
use crate::failure::Failure;

/// Hook behind each step: for tests that stop the executor there.
pub(crate) type AfterStep<'a> = &'a mut dyn FnMut(usize);

/// Why what a machine goes down with is taken back.
pub(crate) const SHUT_DOWN: &str = "the machine was shut down";

/// Brings about what the journal says, or takes it back.
///
/// # Errors
/// The journal has no header.
pub(crate) fn execute(
    machine: &mut impl Machine,
    journal: &mut impl Log,
    after_step: AfterStep<'_>,
) -> Result<Outcome, Failure> {
    let Some(header) = journal.header().cloned() else {
        return Err(Failure::new("read the journal", "it has no header"));
    };
    match forward(machine, journal, &header, after_step) {
        Ok(()) => finish(machine, journal),
        Err(Stop::Harm(why) | Stop::Journal(why)) => {
            let why = if machine.goes_down() { SHUT_DOWN } else { &why };
            take_back(machine, journal, why)
        }
    }
}

/// Looks, runs the steps, watches.
fn forward(
    machine: &mut impl Machine,
    journal: &mut impl Log,
    header: &Header,
    after_step: AfterStep<'_>,
) -> Result<(), Stop> {
    let begun = machine.now();
    let mut baseline = machine.baseline(None)?;
    let look = machine.now().saturating_sub(begun);
    write(journal, Record::Before(baseline.lines()))?;
    let drift = machine.drift()?;
    write(journal, Record::Drift(drift))?;
    machine.learn(&mut baseline)?;
    header.plan.released_links().for_each(|it| baseline.leave_out(it.as_str()));
    let done = steps(machine, journal, header, &mut baseline, after_step);
    let watched =
        done.and_then(|ended| watch(machine, journal, header, &mut baseline, Times { look, ended }))?;
    write(journal, Record::After(watched.lines()))
}

/// Says that a step begins. Of one that a reset takes back nothing must be known behind the reset, and hundreds of syncs take
/// longer than the steps.
fn begin(journal: &mut impl Log, number: usize, action: &Action) -> Result<(), Stop> {
    let begun = Record::Begun(number);
    let written =
        if action.survives_reset() { journal.append(begun) } else { journal.append_unsynced(begun) };
    in_journal(written)
}

fn end(journal: &mut impl Log, number: usize) -> Result<(), Stop> {
    in_journal(journal.append_unsynced(Record::Done(number)))
}

/// How many times as long as the last look there is none: with a full table of routes one takes longer than most steps.
/// The last step is followed by one in any case.
const LOOK_SHARE: u32 = 3;

/// Time within which a look at the whole has waited for nothing.
const BRIEF: Duration = Duration::from_secs(1);

/// How much of what the machine lacks is named.
const NAMED: usize = 10;

/// Runs all steps and looks whether the machine shows them; returns when all that they do had ended.
fn steps(
    machine: &mut impl Machine,
    journal: &mut impl Log,
    header: &Header,
    baseline: &mut Baseline,
    after_step: AfterStep<'_>,
) -> Result<Duration, Stop> {
    let mut next_look = Duration::ZERO;
    for (number, step) in header.plan.steps.iter().enumerate() {
        is_free(machine, &step.action)?;
        begin(journal, number, &step.action)?;
        let mut result = machine.run(&step.action).map_err(|it| it.ending(&step.action));
        let begun = machine.now();
        if result.is_ok() && begun >= next_look {
            result = guard(machine, &header.plan.agreed(), baseline)
                .map(drop)
                .map_err(|it| format!("{}: {it}", step.action));
            let end = machine.now();
            next_look = end + LOOK_SHARE * end.saturating_sub(begun);
        }
        if let Err(why) = result {
            journal.note(Record::Failed(number, why.clone()));
            return Err(Stop::Harm(why));
        }
        end(journal, number)?;
        after_step(number);
    }
    let ended = machine.now();
    verify(machine)?;
    let shown = machine.now();
    // What had to be waited for is work behind the last step.
    Ok(if shown.saturating_sub(ended) < BRIEF { ended } else { shown })
}

/// Refuses to make a link whose name somebody took since the plan: an undo of a step that began would delete it.
fn is_free(machine: &mut impl Machine, action: &Action) -> Result<(), Stop> {
    let Action::CreateLink(link) = action else { return Ok(()) };
    match machine.has_link(&link.name) {
        Ok(false) => Ok(()),
        Ok(true) => Err(Stop::Harm(format!("somebody made a link `{}` since the plan", link.name))),
        Err(failure) => Err(Stop::Harm(failure.to_string())),
    }
}

/// Names the first few of what may be thousands.
fn said(lacks: &[String]) -> String {
    let shown = lacks[..lacks.len().min(NAMED)].join("; ");
    if lacks.len() > NAMED { format!("{shown}; {} more", lacks.len() - NAMED) } else { shown }
}

fn verify(machine: &mut impl Machine) -> Result<(), Stop> {
    let lacks = machine.lacks(Of::New, &[])?;
    if lacks.is_empty() {
        return Ok(());
    }
    Err(Stop::Harm(format!("the machine does not show it: {}", said(&lacks))))
}
