//! `rollback`: the generation before, as a plan like any other.

use super::apply::{bring_about, locked};
use super::history::find;
use crate::cli::Consent;
use crate::context::{Context, Exit};
use crate::failure::Failure;
use crate::generations::before;
use crate::prepare::{Former, prepare};

/// Returns to a generation, or to the one that was applied before the present one.
///
/// # Errors
/// There is none or it was never applied, or what could not be read.
pub(super) fn run(context: &Context, number: Option<u64>, consent: &Consent) -> Result<Exit, Failure> {
    let lock = match locked(context)? {
        Ok(lock) => lock,
        Err(exit) => return Ok(exit),
    };
    let former = Former::read(context)?;
    let (name, spec) = chosen(context, number, former.text.as_deref().unwrap_or_default())?;
    let mut artifacts = context.artifacts_of(&format!("generation {name}"), Some(&spec))?;
    if spec.is_empty() {
        let applied = &former.artifacts;
        (artifacts.host, artifacts.safety) = (applied.host.clone(), applied.safety.clone());
    }
    let prepared = prepare(context, former, spec, artifacts, consent.acceptance.terms())?;
    bring_about(context, prepared, consent, &format!("rollback to {name}"), lock)
}

/// Returns name and spec of a generation that was applied, or of the one before the present one.
fn chosen(context: &Context, number: Option<u64>, applied: &str) -> Result<(String, String), Failure> {
    let Some(number) = number else {
        let found = before(context, applied)?.map(|it| (it.name, it.spec));
        return found.ok_or_else(|| Failure::new("roll back", "no other generation was applied before"));
    };
    let generation = find(context, number)?;
    if !generation.was_applied() {
        return Err(Failure::new(
            "roll back",
            format!("generation {number} was never applied, `hostwright history` lists those that were"),
        ));
    }
    Ok((number.to_string(), generation.header.spec))
}
