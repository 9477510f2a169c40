//! What the two boot programs share: which spec they read, what it compiles to, and where they complain.
//!
//! They run before D-Bus, with /var not mounted, and start no process.

pub(crate) mod log;
pub(crate) mod target;

use std::io;
use std::path::{Path, PathBuf};

use hostwright::artifact::{Artifacts, File, Root};
use hostwright::spec::Sources;

use log::Log;

const RUNNING: &str = "run/hostwright/running.toml";
const APPLIED: &str = "etc/hostwright/applied.toml";
const FORMER: &str = "etc/hostwright/applied.toml~";
/// Specs in the order in which they are tried: what an apply is bringing about, what the host runs, the one before.
const SPECS: [&str; 3] = [RUNNING, APPLIED, FORMER];
/// What `hostwright status` reads when the first spec could not be used.
const FALLBACK: &str = "run/hostwright/fallback";
/// What a login shows then, `pam_motd(8)`.
const MOTD: &str = "run/motd.d/50-hostwright";

/// Returns the root: `/`, or what tests set.
pub(crate) fn root() -> PathBuf {
    std::env::var_os("HOSTWRIGHT_ROOT").map_or_else(|| PathBuf::from("/"), PathBuf::from)
}

/// Compiles the first spec that compiles; absent: there is none.
pub(crate) fn artifacts(root: &Path, log: &Log) -> Option<Artifacts> {
    let mut refused = Vec::new();
    for name in SPECS {
        match compile(root, name) {
            Ok(None) if name == APPLIED && root.join(FORMER).exists() => {
                refused.push(format!("/{name} is not there"));
            }
            Ok(None) => {}
            Ok(Some(artifacts)) => {
                say_fallback(root, &refused, &format!("the host runs /{name}"), log);
                return Some(artifacts);
            }
            Err(reason) => refused.push(format!("/{name} cannot be used: {reason}")),
        }
    }
    say_fallback(root, &refused, "hostwright configures nothing", log);
    None
}

/// Compiles a spec; an empty one that runs, what a host goes back to that had none, is one that says nothing. On the disk an
/// empty file is what a reset left of one.
fn compile(root: &Path, name: &str) -> Result<Option<Artifacts>, String> {
    let path = root.join(name);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    if text.is_empty() && name == RUNNING {
        return Ok(Some(Artifacts::default()));
    }
    let sources = Sources::single(&format!("/{name}"), &text);
    let (artifacts, diagnostics) = hostwright::compile_applied(&sources, &target::target(root));
    artifacts.map(Some).ok_or_else(|| {
        let lines: Vec<_> = diagnostics.iter().map(|it| it.short(&sources.files)).collect();
        lines.join("; ")
    })
}

/// Says which spec was not used and which was; where it cannot be kept, the log has it.
fn say_fallback(root: &Path, refused: &[String], used: &str, log: &Log) {
    let places = [FALLBACK, MOTD].map(|it| root.join(it));
    if refused.is_empty() {
        places.iter().for_each(|it| drop(std::fs::remove_file(it)));
        return;
    }
    let text = format!("{}; {used}", refused.join("; "));
    log.warn(&text);
    for path in places {
        if let Some(directory) = path.parent() {
            let _ = std::fs::create_dir_all(directory);
        }
        let _ = std::fs::write(path, format!("hostwright: {text}\n"));
    }
}

/// Returns the files of a root.
pub(crate) fn files(artifacts: &Artifacts, root: Root) -> impl Iterator<Item = &File> {
    artifacts.files().filter(move |it| it.place.root == root)
}
