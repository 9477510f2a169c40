//! `rollback`: the generation before, as a plan like any other.

use super::apply::{bring_about, locked};
use super::history::find;
use crate::cli::Consent;
use crate::context::{Context, Exit};
use crate::failure::Failure;
use crate::prepare::prepare;
use crate::store::{self, Generation};

/// Returns to a generation, or to the one that was applied before the present one.
///
/// # Errors
/// There is none or it was never applied, or what could not be read.
pub(super) fn run(context: &Context, number: Option<u64>, consent: &Consent) -> Result<Exit, Failure> {
    let lock = match locked(context)? {
        Ok(lock) => lock,
        Err(exit) => return Ok(exit),
    };
    let applied = context.applied_text()?.unwrap_or_default();
    let (name, spec) = chosen(context, number, &applied)?;
    let mut artifacts = context.artifacts_of(&format!("generation {name}"), Some(&spec))?;
    if spec.is_empty() {
        let former = context.artifacts_of("applied.toml", Some(&applied))?;
        (artifacts.host, artifacts.safety) = (former.host, former.safety);
    }
    let prepared = prepare(context, spec, artifacts, consent.acceptance.terms())?;
    bring_about(context, prepared, consent, &format!("rollback to {name}"), lock)
}

/// Returns name and spec of a generation that was applied, or of the one before the present one.
fn chosen(context: &Context, number: Option<u64>, applied: &str) -> Result<(String, String), Failure> {
    let Some(number) = number else {
        let found = before(&store::generations(&context.layout)?, applied);
        return found.ok_or_else(|| Failure::new("roll back", "no other generation was applied before"));
    };
    let generation = find(context, number)?;
    if !generation.was_applied() {
        return Err(Failure::new("roll back", format!("generation {number} was never applied")));
    }
    Ok((number.to_string(), generation.header.spec))
}

/// Returns name and spec of what was applied before; before the first generation the host had no spec, an empty one.
fn before(generations: &[Generation], applied: &str) -> Option<(String, String)> {
    let mut others = generations.iter().rev().filter(|it| it.was_applied() && it.header.spec != applied);
    if let Some(it) = others.next() {
        return Some((it.header.generation.to_string(), it.header.spec.clone()));
    }
    let first = generations.iter().find(|it| it.was_applied()).filter(|it| it.header.former.is_none());
    first.filter(|_| !applied.is_empty()).map(|_| ("the host as it was".to_owned(), String::new()))
}
