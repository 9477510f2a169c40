//! One of two specs that are compared.

use std::path::Path;

use hostwright::artifact::Artifacts;
use hostwright::review::{self, Tree};
use hostwright::spec::Sources;

use crate::cli::{SpecArgument, Version};
use crate::commands::history::find;
use crate::context::Context;
use crate::failure::{During, Failure};

/// A spec with what it makes.
#[derive(Debug)]
pub(super) struct Side {
    /// What it is called: `generation 3`, the path of a file.
    pub(super) name: String,
    /// Whole text.
    pub(super) text: String,
    /// What it makes.
    pub(super) artifacts: Artifacts,
    /// What it makes, as files to look at.
    pub(super) tree: Tree,
    /// Major version of the systemd that it is compiled for.
    pub(super) systemd: u32,
}

/// Reads and compiles one; absent: it is a file with errors, which were printed.
///
/// # Errors
/// It cannot be read, or it is a generation that does not compile.
pub(super) fn side(context: &Context, version: &Version) -> Result<Option<Side>, Failure> {
    match version {
        Version::Generation(number) => {
            let spec = find(context, *number)?.header.spec;
            of_text(context, format!("generation {number}"), &spec).map(Some)
        }
        Version::File(path) => of_file(context, path),
    }
}

/// Compiles what is applied; nothing where nothing is.
///
/// # Errors
/// It cannot be read, or does not compile.
pub(super) fn applied(context: &Context) -> Result<Side, Failure> {
    of_text(context, "applied".to_owned(), &context.applied_text()?.unwrap_or_default())
}

fn of_file(context: &Context, path: &Path) -> Result<Option<Side>, Failure> {
    let compiled = context.compile(&SpecArgument { spec: Some(path.to_owned()) })?;
    let Some(artifacts) = compiled.artifacts else { return Ok(None) };
    made(context, path.display().to_string(), &compiled.sources, artifacts).map(Some)
}

fn of_text(context: &Context, name: String, spec: &str) -> Result<Side, Failure> {
    let artifacts = context.artifacts_of(&name, Some(spec))?;
    made(context, name, &Sources::single("host.toml", spec), artifacts)
}

fn made(context: &Context, name: String, sources: &Sources, artifacts: Artifacts) -> Result<Side, Failure> {
    let tree = review::tree(&artifacts).during(|| format!("write the artifacts of {name}"))?;
    let systemd = hostwright::compiled_for(sources, &context.target);
    Ok(Side { name, text: sources.concatenated(), artifacts, tree, systemd })
}
