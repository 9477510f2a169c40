//! One command each; what they share is here.

mod adopt;
mod apply;
mod build;
mod check;
mod confirm;
mod diff;
mod explain;
mod fleet;
mod fmt;
mod graph;
mod history;
mod init;
mod iscsi;
mod networkd;
mod plan;
mod reference;
mod rollback;
mod secret;
mod status;
mod unit;
mod who;

use std::path::PathBuf;

use clap::CommandFactory;
use hostwright::format::Order;

use crate::boot_target;
use crate::cli::{Cli, Command, NetworkdCommand, SecretCommand};
use crate::context::{Context, Exit};
use crate::failure::{During, Failure};
use crate::install;
use crate::layout::Layout;

/// Runs the command.
///
/// # Errors
/// Usage or I/O.
pub(crate) fn run(cli: &Cli) -> Result<Exit, Failure> {
    let root = std::path::absolute(&cli.global.root).during(|| "find the root".to_owned())?;
    let target = boot_target::target(&root);
    let context = Context { global: cli.global.clone(), layout: Layout::new(&root), target };
    if cli.global.format.is_of_graphs() && !matches!(cli.command, Command::Graph(_)) {
        return Err(Failure::new("use this format", "`dot` and `mermaid` are for `hostwright graph` alone"));
    }
    match &cli.command {
        Command::Init { out } => init::run(&context, out.as_deref()),
        Command::Check { fleet: Some(directory), .. } => fleet::check(&context, directory),
        Command::Check { spec, fix: true, .. } => check::fix(&context, spec),
        Command::Check { spec, .. } => check::run(&context, spec),
        Command::Build { fleet: Some(directory), out, .. } => build::fleet(&context, directory, out),
        Command::Build { spec, fleet: None, out } => build::run(&context, spec, out),
        Command::Fmt { spec, by_kind, check } => {
            fmt::run(&context, spec, if *by_kind { Order::ByKind } else { Order::Written }, *check)
        }
        Command::Plan { spec, output, exit_code, acceptance } => {
            let (changes, terms) = (changes(*exit_code), acceptance.terms());
            plan::run(&context, spec, plan::Wish { output: output.as_deref(), changes, terms })
        }
        Command::Apply { spec, plan, consent } => apply::run(&context, spec, plan.as_deref(), consent),
        Command::Confirm { same_connection } => confirm::run(&context, *same_connection),
        Command::Rollback { generation, consent } => rollback::run(&context, *generation, consent),
        Command::Adopt { thing, spec } => adopt::run(&context, thing, spec),
        Command::Status => status::status(&context),
        Command::History { generation: Some(number) } => history::one(&context, *number),
        Command::History { generation: None } => history::all(&context),
        Command::Diff { from, to, exit_code } => diff::run(&context, from, to.as_ref(), changes(*exit_code)),
        Command::Graph(spec) => graph::run(&context, spec),
        Command::Who { pid } => who::run(&context, *pid),
        Command::Explain { word, list: _ } => explain::run(&context, word.as_deref()),
        Command::Reference { specs } => reference::run(specs),
        Command::Schema => {
            println!("{:#}", hostwright::schema::schema());
            Ok(Exit::Done)
        }
        Command::Networkd(NetworkdCommand::Restart { allow }) => networkd::restart(&context, allow),
        Command::Iscsi(command) => iscsi::run(&context, command),
        Command::Secret(SecretCommand::Set { name }) => secret::set(&context, name),
        Command::Install => installed(&context),
        Command::Completions { shell } => {
            clap_complete::generate(*shell, &mut Cli::command(), "hostwright", &mut std::io::stdout());
            Ok(Exit::Done)
        }
        Command::Unit(command) => unit::run(&context, command),
    }
}

/// Returns how a command ends that found changes.
const fn changes(exit_code: bool) -> Exit {
    if exit_code { Exit::Changes } else { Exit::Done }
}

fn installed(context: &Context) -> Result<Exit, Failure> {
    let binaries = PathBuf::from(&context.target.binaries);
    let written = install::install(context.layout.root(), &binaries).during(|| "install units".to_owned())?;
    for path in written {
        println!("{}", path.display());
    }
    Ok(Exit::Done)
}
