//! `reference`: every key as Markdown.

use std::path::PathBuf;

use crate::context::Exit;
use crate::failure::{During, Failure};

/// Prints the reference, with examples from specs and what they include.
///
/// # Errors
/// A spec cannot be read, or is not TOML.
pub(super) fn run(specs: &[PathBuf]) -> Result<Exit, Failure> {
    let mut tables = Vec::new();
    for path in specs {
        let text = crate::spec::sources_of(path)?.concatenated();
        tables.push(text.parse::<toml::Table>().during(|| format!("read {}", path.display()))?);
    }
    print!("{}", hostwright::reference::markdown(&tables));
    Ok(Exit::Done)
}
