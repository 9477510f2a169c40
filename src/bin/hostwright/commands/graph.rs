//! `graph`: a host drawn, for graphviz, for Mermaid, or as data.

use serde_json::json;

use crate::cli::{Format, SpecArgument};
use crate::context::{Context, Exit};
use crate::failure::Failure;
use crate::report::FORMAT_VERSION;

/// Prints the graph of a spec.
///
/// # Errors
/// It cannot be read.
pub(super) fn run(context: &Context, spec: &SpecArgument) -> Result<Exit, Failure> {
    let compiled = context.compile(spec)?;
    let (Some(graph), _) = hostwright::graph::graph(&compiled.sources, &context.target) else {
        return Ok(Exit::Errors);
    };
    match context.global.format {
        Format::Json => println!("{:#}", json!({ "format-version": FORMAT_VERSION, "graph": graph })),
        Format::Mermaid => print!("{}", graph.mermaid()),
        Format::Text | Format::Short | Format::Dot => print!("{}", graph.dot()),
    }
    Ok(Exit::Done)
}
