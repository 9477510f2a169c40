//! systemd.generator(7): units and drop-ins of the applied spec, at boot and at every daemon-reload.
#![allow(clippy::disallowed_methods, reason = "effects are what this program is for")]

#[path = "boot/mod.rs"]
mod boot;

use std::path::PathBuf;
use std::process::ExitCode;

use boot::log::Log;
use hostwright::artifact::Root;
use hostwright::emit;

fn main() -> ExitCode {
    let log = Log::new("hostwright-generator");
    let directories: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let ([normal] | [normal, _, _]) = directories.as_slice() else {
        eprintln!("usage: hostwright-generator NORMAL-DIR [EARLY-DIR LATE-DIR]");
        return ExitCode::from(2);
    };
    if is_elsewhere() {
        return ExitCode::SUCCESS;
    }
    let Some(artifacts) = boot::artifacts(&boot::root(), &log) else { return ExitCode::SUCCESS };
    for file in boot::files(&artifacts, Root::Unit) {
        if let Err(error) = emit::write_new(normal, file) {
            log.warn(&error.to_string());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Says whether this runs for a user's manager or in the initrd, where the host's units have no place.
fn is_elsewhere() -> bool {
    let is = |name: &str, value: &str| std::env::var_os(name).is_some_and(|it| it == value);
    is("SYSTEMD_SCOPE", "user") || is("SYSTEMD_IN_INITRD", "1")
}
