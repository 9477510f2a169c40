//! `rollback`: the generation before, as a plan like any other.

use super::apply::{bring_about, locked};
use crate::cli::Consent;
use crate::context::{Context, Exit};
use crate::failure::Failure;
use crate::prepare::prepare;
use crate::store;

/// Returns to the generation that was applied before the present one.
///
/// # Errors
/// There is none, or what could not be read.
pub(super) fn run(context: &Context, consent: &Consent) -> Result<Exit, Failure> {
    let lock = match locked(context)? {
        Ok(lock) => lock,
        Err(exit) => return Ok(exit),
    };
    let applied = context.applied_text()?;
    let generations = store::generations(&context.layout)?;
    let former = generations
        .iter()
        .rev()
        .filter(|it| it.was_applied())
        .find(|it| Some(it.header.spec.as_str()) != applied.as_deref());
    let Some(former) = former else {
        return Err(Failure::new("roll back", "no other generation was applied before"));
    };
    let name = format!("generation {}", former.header.generation);
    let artifacts = context.artifacts_of(&name, Some(&former.header.spec))?;
    let prepared = prepare(context, former.header.spec.clone(), artifacts, consent.deferral())?;
    let reason = format!("rollback to {}", former.header.generation);
    bring_about(context, prepared, consent, &reason, lock)
}
