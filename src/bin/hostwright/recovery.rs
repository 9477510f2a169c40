//! Applies whose executor is gone: killed, or torn by a reset.

use hostwright::artifact::Artifacts;

use crate::apply::journal::{self, Header, Journal, Log, Outcome, Story};
use crate::apply::undo::{recover as end, take_back};
use crate::context::Context;
use crate::failure::Failure;
use crate::layout::Layout;
use crate::machine::Ports;
use crate::machine::picture::Trials;
use crate::machine::real::Real;
use crate::{author, store};

/// Returns what an apply that did not end began with.
///
/// # Errors
/// The journal cannot be read.
pub(crate) fn unfinished(layout: &Layout) -> Result<Option<Header>, Failure> {
    Ok(Journal::look(&layout.journal())?.as_deref().and_then(journal::header).cloned())
}

/// Makes the machine that a journal speaks of.
///
/// # Errors
/// A spec of the journal does not compile.
pub(crate) fn machine(context: &Context, header: &Header) -> Result<Real, Failure> {
    let former: Artifacts = context.artifacts_of("the former spec", header.former.as_deref())?;
    Ok(Real {
        ports: Ports::default(),
        layout: context.layout.clone(),
        spec: header.spec.clone(),
        former,
        new: context.artifacts_of("the new spec", Some(&header.spec))?,
        program: context.program(),
        trials: Trials::over(header.caller),
        after_reset: context.layout.is_machine() && header.boot != author::boot()?,
    })
}

/// Ends what was begun; absent: there was nothing to end.
///
/// # Errors
/// The journal cannot be read or written.
pub(crate) fn recover(context: &Context, why: &str) -> Result<Option<Outcome>, Failure> {
    let Some(mut journal) = Journal::open(&context.layout.journal())? else { return Ok(None) };
    let Some(header) = journal.header().cloned() else {
        store::remove(&context.layout.journal())?;
        return Ok(None);
    };
    let mut machine = machine(context, &header)?;
    let booted_new = context.applied_text()?.as_deref() == Some(header.spec.as_str());
    let outcome = if machine.after_reset && !booted_new {
        take_back(&mut machine, &mut journal, "the machine was reset")?
    } else {
        end(&mut machine, &mut journal, why)?
    };
    store::keep(&context.layout, header, outcome.clone(), journal.records())?;
    Ok(Some(outcome))
}
