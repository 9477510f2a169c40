//! `plan`: what an apply would do, and what it would disturb.

pub(super) mod stored;

use std::path::Path;

use hostwright::plan::Terms;

use crate::cli::{Format, SpecArgument};
use crate::context::{Context, Exit};
use crate::failure::Failure;
use crate::prepare::{Former, Prepared, prepare};
use crate::report::FORMAT_VERSION;
use crate::{sessions, store};
use stored::Stored;

/// What `plan` was asked for beside the spec.
#[derive(Debug)]
pub(super) struct Wish<'a> {
    /// File to store the plan in; absent: it is not stored.
    pub(super) output: Option<&'a Path>,
    /// Exit when there are changes.
    pub(super) changes: Exit,
    /// What was agreed to.
    pub(super) terms: Terms,
}

/// Prints the plan.
///
/// # Errors
/// What could not be read or written.
pub(super) fn run(context: &Context, spec: &SpecArgument, wish: Wish<'_>) -> Result<Exit, Failure> {
    if let Some(path) = wish.output.filter(|it| !store::is_for_files(it)) {
        eprintln!(
            "error: cannot write {}: it is there and is no regular file\nhint: name a file; `--format json` prints the plan",
            path.display()
        );
        return Ok(Exit::Unusable);
    }
    let terms = wish.terms;
    let (compiled, former) = Former::read_beside(context, spec)?;
    let Some(artifacts) = compiled.artifacts else { return Ok(Exit::Errors) };
    let prepared = prepare(context, former?, compiled.sources.concatenated(), artifacts, terms.clone())?;
    show(context, &prepared);
    if let Some(path) = wish.output {
        Stored::new(&prepared, &terms).write(path)?;
    }
    let exit = match &prepared.plan {
        plan if !plan.may_be_applied() => Exit::Stopped,
        plan if plan.is_empty() => Exit::Done,
        _ => wish.changes,
    };
    // The kernel takes it back at once; piece by piece that of a thousand links takes longer than to plan for them.
    std::mem::forget(prepared);
    Ok(exit)
}

/// Prints a plan in the format that was asked for.
pub(super) fn show(context: &Context, prepared: &Prepared) {
    let plan = &prepared.plan;
    if context.global.format == Format::Json {
        let value = serde_json::json!({
            "format-version": FORMAT_VERSION,
            "generation": prepared.next,
            "plan": plan,
            "sessions": sessions::json(&prepared.observed),
        });
        return println!("{value:#}");
    }
    println!("{}\n", prepared.headline());
    if plan.is_empty() {
        println!("  nothing to do");
    }
    print!("{plan}");
}
