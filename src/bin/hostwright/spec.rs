//! Texts of a spec from files or standard input, and what they compile to.

use std::io::Read;
use std::path::{Path, PathBuf};

use hostwright::artifact::Artifacts;
use hostwright::diagnostic::Diagnostics;
use hostwright::host::Target;
use hostwright::source::Source;
use hostwright::spec::Sources;

use crate::failure::{During, Failure};

/// A spec that was read, and what came of it.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// Its texts.
    pub(crate) sources: Sources,
    /// Its artifacts; absent: it has errors.
    pub(crate) artifacts: Option<Artifacts>,
    /// What was found.
    pub(crate) diagnostics: Diagnostics,
}

/// Reads a spec, `-` for standard input, with what it includes, and compiles it.
///
/// # Errors
/// The main file cannot be read.
pub(crate) fn compile_file(path: &Path, target: &Target) -> Result<Compiled, Failure> {
    Ok(compile(sources_of(path)?, target))
}

/// Reads a spec, `-` for standard input, with what it includes.
///
/// # Errors
/// The main file cannot be read.
pub(crate) fn sources_of(path: &Path) -> Result<Sources, Failure> {
    let main = main_file(path)?;
    let directory = path.parent().map(Path::to_owned).unwrap_or_default();
    Ok(Sources::load(&main, |written| included(&directory.join(written))))
}

/// Compiles a text that was applied before; it includes nothing.
pub(crate) fn compile_text(name: &str, text: &str, target: &Target) -> Compiled {
    let sources = Sources::single(name, text);
    let (artifacts, diagnostics) = hostwright::compile_applied(&sources, target);
    Compiled { sources, artifacts, diagnostics }
}

/// Follows the includes of a spec of which files were changed in memory; only what is new is read.
pub(crate) fn reloaded(path: &Path, sources: &Sources) -> Sources {
    let Some(main) = sources.files.first() else { return Sources::default() };
    let directory = path.parent().map(Path::to_owned).unwrap_or_default();
    Sources::load(main, |written| {
        let path = directory.join(written);
        let name = path.display().to_string();
        let known = sources.files.iter().skip(1).find(|it| *it.name == *name);
        known.map_or_else(|| included(&path), |it| Ok(it.clone()))
    })
}

/// Compiles texts.
pub(crate) fn compile(sources: Sources, target: &Target) -> Compiled {
    let (artifacts, diagnostics) = hostwright::compile(&sources, target);
    Compiled { sources, artifacts, diagnostics }
}

fn main_file(path: &Path) -> Result<Source, Failure> {
    if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).during(|| "read standard input".to_owned())?;
        return Ok(Source::new("<stdin>", &text));
    }
    let what = || format!("read {}", path.display());
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let cause = "there is no such file; `hostwright init` writes a spec of what the host has";
            return Err(Failure::new(what(), cause));
        }
        read => read.during(what)?,
    };
    Ok(Source::new(&path.display().to_string(), &text))
}

fn included(path: &PathBuf) -> Result<Source, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    Ok(Source::new(&path.display().to_string(), &text))
}
