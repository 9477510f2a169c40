//! The steps in turn, each in the journal before it begins, and a look at the whole at the end.

use std::time::Duration;

use super::finish::finish;
use super::guard::Baseline;
use super::journal::{Header, Log, Outcome, Record, Story};
use super::undo::take_back;
use super::watch::{guard, watch};
use super::{Machine, Of};
use crate::failure::Failure;

/// Hook behind each step: for tests that stop the executor there.
pub(crate) type AfterStep<'a> = &'a mut dyn FnMut(usize);

/// Brings about what the journal says, or takes it back.
///
/// # Errors
/// The journal cannot be written: what was begun is taken back by whoever comes next.
pub(crate) fn execute(
    machine: &mut impl Machine,
    journal: &mut impl Log,
    after_step: AfterStep<'_>,
) -> Result<Outcome, Failure> {
    let Some(header) = journal.header().cloned() else {
        return Err(Failure::new("read the journal", "it has no header"));
    };
    let mut baseline = match machine.baseline(None) {
        Ok(baseline) => baseline,
        Err(failure) => return take_back(machine, journal, &failure.to_string()),
    };
    journal.append(Record::Before(baseline.lines()))?;
    match machine.drift() {
        Ok(lacks) => journal.append(Record::Drift(lacks))?,
        Err(failure) => return take_back(machine, journal, &failure.to_string()),
    }
    header.plan.released_links().for_each(|it| baseline.leave_out(it.as_str()));
    let watched = match steps(machine, journal, &header, &mut baseline, after_step)? {
        Ok(()) => watch(machine, journal, &header, &mut baseline)?,
        Err(why) => Err(why),
    };
    match watched {
        Ok(picture) => {
            journal.append(Record::After(picture.lines()))?;
            finish(machine, journal)
        }
        Err(why) => {
            let picture = machine.baseline(Some(&baseline));
            journal.append(Record::After(picture.map_or_else(|it| vec![it.to_string()], |it| it.lines())))?;
            take_back(machine, journal, &why)
        }
    }
}

/// How many times as long as the last look there is none: with a full table of routes one takes longer than most steps.
/// The last step is followed by one in any case.
const LOOK_SHARE: u32 = 3;

/// How much of what the machine lacks is named.
const NAMED: usize = 10;

/// Runs all steps; the inner error is why they must be taken back.
fn steps(
    machine: &mut impl Machine,
    journal: &mut impl Log,
    header: &Header,
    baseline: &mut Baseline,
    after_step: AfterStep<'_>,
) -> Result<Result<(), String>, Failure> {
    let mut next_look = Duration::ZERO;
    for (number, step) in header.plan.steps.iter().enumerate() {
        journal.append(Record::Begun(number))?;
        let mut result = machine.run(&step.action).map_err(|it| it.ending(&step.action));
        let begun = machine.now();
        if result.is_ok() && begun >= next_look {
            result =
                guard(machine, header, baseline).map(drop).map_err(|it| format!("{}: {it}", step.action));
            let end = machine.now();
            next_look = end + LOOK_SHARE * end.saturating_sub(begun);
        }
        if let Err(why) = result {
            journal.append(Record::Failed(number, why.clone()))?;
            return Ok(Err(why));
        }
        journal.append(Record::Done(number))?;
        after_step(number);
    }
    Ok(verify(machine))
}

/// Names the first few of what may be thousands.
fn said(lacks: &[String]) -> String {
    let shown = lacks[..lacks.len().min(NAMED)].join("; ");
    if lacks.len() > NAMED { format!("{shown}; {} more", lacks.len() - NAMED) } else { shown }
}

fn verify(machine: &mut impl Machine) -> Result<(), String> {
    match machine.lacks(Of::New) {
        Ok(lacks) if lacks.is_empty() => Ok(()),
        Ok(lacks) => Err(format!("the machine does not show it: {}", said(&lacks))),
        Err(failure) => Err(failure.to_string()),
    }
}
