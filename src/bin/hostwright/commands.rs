//! One command each; what they share is here.

mod apply;
mod build;
mod check;
mod explain;
mod plan;
mod rollback;
mod status;
mod unit;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::CommandFactory;
use hostwright::artifact::Artifacts;
use hostwright::host::Target;
use hostwright::plan::Deferral;

use crate::boot_target;
use crate::cli::{Cli, Command, Global, SpecArgument};
use crate::failure::{During, Failure};
use crate::layout::Layout;
use crate::spec::{Compiled, compile_file, compile_text};
use crate::{install, report, store};

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
#[derive(Debug)]
pub(crate) struct Context {
    /// Options of every command.
    pub(crate) global: Global,
    /// Paths.
    pub(crate) layout: Layout,
    /// What is compiled for.
    pub(crate) target: Target,
}

/// Runs the command.
///
/// # Errors
/// Usage or I/O.
pub(crate) fn run(cli: &Cli) -> Result<Exit, Failure> {
    let root = std::path::absolute(&cli.global.root).during(|| "find the root".to_owned())?;
    let target = boot_target::target(&root);
    let context = Context { global: cli.global.clone(), layout: Layout::new(&root), target };
    match &cli.command {
        Command::Check(spec) => check::run(&context, spec),
        Command::Build { spec, out } => build::run(&context, spec, out),
        Command::Plan { spec, output, exit_code, at_boot } => {
            let changes = if *exit_code { Exit::Changes } else { Exit::Done };
            let deferral = if *at_boot { Deferral::AtBoot } else { Deferral::Stop };
            plan::run(&context, spec, &plan::Wish { output: output.as_deref(), changes, deferral })
        }
        Command::Apply { spec, plan, consent } => apply::run(&context, spec, plan.as_deref(), consent),
        Command::Rollback { consent } => rollback::run(&context, consent),
        Command::Status => status::status(&context),
        Command::History => status::history(&context),
        Command::Explain { word, list: _ } => explain::run(word.as_deref()),
        Command::Install => installed(&context),
        Command::Completions { shell } => {
            clap_complete::generate(*shell, &mut Cli::command(), "hostwright", &mut std::io::stdout());
            Ok(Exit::Done)
        }
        Command::Unit(command) => unit::run(&context, command),
    }
}

fn installed(context: &Context) -> Result<Exit, Failure> {
    let binaries = PathBuf::from(&context.target.binaries);
    let written = install::install(context.layout.root(), &binaries).during(|| "install units".to_owned())?;
    for path in written {
        println!("{}", path.display());
    }
    Ok(Exit::Done)
}

impl Context {
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

    fn print(&self, compiled: &Compiled) {
        let Global { format, color, .. } = self.global;
        let text = report::report(&compiled.diagnostics, &compiled.sources.files, format, color);
        match format {
            crate::cli::Format::Json if compiled.artifacts.is_some() => {}
            crate::cli::Format::Json => print!("{text}"),
            _ => eprint!("{text}"),
        }
    }

    /// Compiles a text that was applied before; absent text: nothing.
    ///
    /// # Errors
    /// It has errors: what the host runs is not known.
    pub(crate) fn artifacts_of(&self, name: &str, text: Option<&str>) -> Result<Artifacts, Failure> {
        let Some(text) = text else { return Ok(Artifacts::default()) };
        let compiled = compile_text(name, text, &self.target);
        let first = compiled.diagnostics.iter().next().map(|it| it.short(&compiled.sources.files));
        compiled.artifacts.ok_or_else(|| Failure::new(format!("compile {name}"), first.unwrap_or_default()))
    }

    /// Returns the applied spec's text.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn applied_text(&self) -> Result<Option<String>, Failure> {
        store::read_if_there(&self.layout.applied())
    }
}
