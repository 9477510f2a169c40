//! What every command works with, and how one ends.

use std::process::ExitCode;

use hostwright::artifact::Artifacts;
use hostwright::host::Target;

use crate::cli::{Format, Global, SpecArgument};
use crate::failure::Failure;
use crate::layout::Layout;
use crate::spec::{Compiled, compile_file, compile_text};
use crate::{report, store};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// The spec has errors.
    Errors = 1,
    /// Usage or I/O.
    Unusable = 2,
    /// There are changes, and `--exit-code` was given.
    Changes = 3,
    /// Applied and taken back.
    TakenBack = 4,
    /// Stopped before the first step.
    Stopped = 5,
    /// Could not be taken back whole.
    Broken = 6,
    /// Somebody else applies.
    Locked = 7,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What every command works with.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// Options of every command.
    pub(crate) global: Global,
    /// Paths.
    pub(crate) layout: Layout,
    /// What is compiled for.
    pub(crate) target: Target,
}

impl Context {
    /// Makes one of a directory.
    #[cfg(test)]
    pub(crate) fn below(root: &std::path::Path) -> Self {
        let global = Global { root: root.to_owned(), format: Format::Text, color: crate::cli::Colour::Auto };
        Self { global, layout: Layout::new(root), target: crate::boot_target::target(root) }
    }

    /// Reads and compiles the spec that a command names, and prints what was found.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn compile(&self, spec: &SpecArgument) -> Result<Compiled, Failure> {
        let path = spec.spec.clone().unwrap_or_else(|| self.layout.candidate());
        let compiled = compile_file(&path, &self.target)?;
        self.print(&compiled);
        Ok(compiled)
    }

    /// Prints what was found: errors as JSON take the place of what the command would print, warnings stand beside it.
    pub(crate) fn print(&self, compiled: &Compiled) {
        let Global { format, color, .. } = self.global;
        let print = |format| report::report(&compiled.diagnostics, &compiled.sources.files, format, color);
        match format {
            Format::Json if compiled.artifacts.is_some() => eprint!("{}", print(Format::Short)),
            Format::Json => print!("{}", print(Format::Json)),
            _ => eprint!("{}", print(format)),
        }
    }

    /// Tells how something goes on: beside JSON, which programs read as a whole, on the standard error.
    pub(crate) fn tell(&self, line: &str) {
        if self.global.format == Format::Json {
            eprintln!("{line}");
        } else {
            println!("{line}");
        }
    }

    /// Compiles a text that was applied before; absent or empty text: nothing.
    ///
    /// # Errors
    /// It has errors: what the host runs is not known.
    pub(crate) fn artifacts_of(&self, name: &str, text: Option<&str>) -> Result<Artifacts, Failure> {
        let Some(text) = text.filter(|it| !it.is_empty()) else { return Ok(Artifacts::default()) };
        let compiled = compile_text(name, text, &self.target);
        let first = compiled.diagnostics.iter().next().map(|it| it.short(&compiled.sources.files));
        compiled.artifacts.ok_or_else(|| Failure::new(format!("compile {name}"), first.unwrap_or_default()))
    }

    /// Returns the path of hostwright itself, as units name it.
    pub(crate) fn program(&self) -> String {
        format!("{}/hostwright", self.target.binaries)
    }

    /// Returns the applied spec's text.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn applied_text(&self) -> Result<Option<String>, Failure> {
        store::read_if_there(&self.layout.applied())
    }
}
