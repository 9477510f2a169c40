//! The command: everything with an effect is in this program.
#![allow(clippy::disallowed_methods, reason = "effects are what this program is for")]

mod apply;
mod author;
#[path = "../boot/target.rs"]
mod boot_target;
mod caller;
mod cli;
mod clock;
mod commands;
mod configuration;
mod context;
mod failure;
mod install;
mod layout;
mod lock;
mod machine;
mod memory;
mod observe;
mod prepare;
mod process;
mod recovery;
mod report;
mod rewrite;
mod service;
mod spec;
mod store;

use std::process::ExitCode;

use clap::Parser;

use cli::Cli;
use context::Exit;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match commands::run(&cli) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            eprintln!("error: {failure}");
            Exit::Unusable.into()
        }
    }
}
