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

use std::io::{self, Write};
use std::panic;
use std::process::ExitCode;

use clap::Parser;

use cli::Cli;
use context::Exit;

/// Why nothing can be printed where the other end, or the terminal, is gone.
const REASONS: [&str; 3] = ["Broken pipe", "Connection reset by peer", "Input/output error"];
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

/// Ends without a word where nobody reads what is printed any more, as behind `| head` or on a terminal that is gone, and says
/// what else keeps it from being printed: a full disk.
fn end_where_nobody_reads() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let said = panic.payload().downcast_ref::<String>();
        let Some(said) = said.filter(|it| it.starts_with("failed printing to std")) else {
            return usual(panic);
        };
        if REASONS.iter().any(|it| said.contains(it)) {
            std::process::exit(NOBODY_READS);
        }
        // Where that fails, too, nobody can be told.
        let _ = writeln!(io::stderr(), "error: {said}");
        std::process::exit(Exit::Unusable as i32);
    }));
}
