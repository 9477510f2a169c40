//! `plan`: what an apply would do, and what it would disturb.

use std::path::Path;

use hostwright::plan::{Plan, Terms};
use serde::{Deserialize, Serialize};

use crate::cli::{Format, SpecArgument};
use crate::context::{Context, Exit};
use crate::failure::{During, Failure};
use crate::prepare::{Former, Prepared, prepare};
use crate::report::FORMAT_VERSION;
use crate::{sessions, store};

/// A plan on disk, with the spec that it was made from.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Stored {
    format_version: u32,
    /// Text of the spec.
    pub(super) spec: String,
    /// The plan.
    pub(super) plan: Plan,
}

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
    let (compiled, former) = Former::read_beside(context, spec)?;
    let Some(artifacts) = compiled.artifacts else { return Ok(Exit::Errors) };
    let prepared = prepare(context, former?, compiled.sources.concatenated(), artifacts, wish.terms)?;
    show(context, &prepared);
    if let Some(path) = wish.output {
        let stored = Stored {
            format_version: FORMAT_VERSION,
            spec: prepared.machine.spec.clone(),
            plan: prepared.plan.clone(),
        };
        let text = serde_json::to_string_pretty(&stored).during(|| "write the plan".to_owned())?;
        store::write_whole(path, &(text + "\n"))?;
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

/// Reads a stored plan.
///
/// # Errors
/// It cannot be read, or another version wrote it.
pub(super) fn read(path: &Path) -> Result<Stored, Failure> {
    let what = || format!("read {}", path.display());
    let text = std::fs::read_to_string(path).during(what)?;
    let stored: Stored = serde_json::from_str(&text).during(what)?;
    if stored.format_version == FORMAT_VERSION {
        Ok(stored)
    } else {
        Err(Failure::new(what(), format!("format version {} is not {FORMAT_VERSION}", stored.format_version)))
    }
}
