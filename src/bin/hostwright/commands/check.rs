//! `check`: everything that is wrong with a spec.

use crate::cli::{Format, SpecArgument};
use crate::context::{Context, Exit};
use crate::failure::Failure;
use crate::report;

/// Checks a spec.
///
/// # Errors
/// It cannot be read.
pub(super) fn run(context: &Context, spec: &SpecArgument) -> Result<Exit, Failure> {
    let compiled = context.compile(spec)?;
    let valid = compiled.artifacts.is_some();
    if valid && context.global.format == Format::Json {
        println!("{:#}", report::json(&compiled.diagnostics, &compiled.sources.files));
    }
    Ok(if valid { Exit::Done } else { Exit::Errors })
}
