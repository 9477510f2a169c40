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
mod generations;
mod install;
mod late;
mod layout;
mod lock;
mod machine;
mod memory;
mod moment;
mod observe;
mod prepare;
mod process;
mod recovery;
mod report;
mod rewrite;
mod service;
mod sessions;
mod spec;
mod store;

use std::panic;
use std::process::ExitCode;

use clap::Parser;

use cli::Cli;
use context::Exit;

/// Why nothing can be printed: the pipe's other end, or the terminal, is gone.
const REASONS: [&str; 2] = ["Broken pipe", "Input/output error"];
/// What a shell says of a program that SIGPIPE ended: 128 + 13.
const NOBODY_READS: i32 = 141;

fn main() -> ExitCode {
    end_where_nobody_reads();
    let cli = Cli::parse();
    match commands::run(&cli) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            eprintln!("error: cannot {failure}");
            Exit::Unusable.into()
        }
    }
}

/// Ends without a word where nobody reads what is printed any more, as behind `| head` or on a terminal that is gone.
fn end_where_nobody_reads() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let said = panic.payload().downcast_ref::<String>();
        let is_gone = |it: &String| {
            it.starts_with("failed printing to std") && REASONS.iter().any(|reason| it.contains(reason))
        };
        if said.is_some_and(is_gone) {
            std::process::exit(NOBODY_READS);
        }
        usual(panic);
    }));
}
