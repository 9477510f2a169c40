//! networkd's files of the applied spec, early at boot, before udev and networkd read them, sysctls of links and the
//! settings of containers.
#![allow(clippy::disallowed_methods, reason = "effects are what this program is for")]

#[path = "boot/aside.rs"]
mod aside;
#[path = "boot/mod.rs"]
mod boot;

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use boot::log::Log;
use hostwright::artifact::{Artifacts, Root};
use hostwright::emit;

/// First line of every file of ours.
const HEADER: &str = "# hostwright [";
/// Beginning of the name of every file of ours that networkd or udev reads.
const PREFIX: &str = "10-hostwright";

fn main() -> ExitCode {
    let log = Log::new("hostwright-network");
    let root = boot::root();
    if networkd_runs(&root) {
        // What lies in /run/systemd/network is what the running networkd has loaded, and stays so.
        log.warn("networkd runs, nothing is written");
        return ExitCode::SUCCESS;
    }
    let artifacts = boot::artifacts(&root, &log);
    aside::bring_about(&root, artifacts.as_ref(), &log);
    let Some(artifacts) = artifacts else { return ExitCode::SUCCESS };
    for directory in [Root::Network, Root::NetworkdConf, Root::Sysctl, Root::Nspawn] {
        let path = root.join(directory.directory().trim_start_matches('/'));
        if let Err(error) = bring_about(&artifacts, directory, &path) {
            log.warn(&error.to_string());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Says whether networkd has a process: its control group does not outlive it.
fn networkd_runs(root: &Path) -> bool {
    let path = root.join("sys/fs/cgroup/system.slice/systemd-networkd.service/cgroup.procs");
    std::fs::read_to_string(path).is_ok_and(|it| !it.trim().is_empty())
}

fn bring_about(artifacts: &Artifacts, root: Root, directory: &Path) -> io::Result<()> {
    let files: Vec<_> = boot::files(artifacts, root).collect();
    let stale = !directory.read_dir().is_ok_and(|mut it| it.next().is_none()) && directory.exists();
    if stale {
        let keep: BTreeSet<&str> = files.iter().map(|it| it.place.path.as_str()).collect();
        let prefix = if root == Root::Nspawn { "" } else { PREFIX };
        remove_stale(directory, prefix, "", &keep)?;
    }
    for file in files {
        if stale { emit::write(directory, file).map(|_| ())? } else { emit::write_new(directory, file)? }
    }
    Ok(())
}

/// Removes files of ours that an earlier run wrote and the spec no longer has.
fn remove_stale(directory: &Path, prefix: &str, below: &str, keep: &BTreeSet<&str>) -> io::Result<()> {
    for entry in directory.join(below).read_dir()?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        if below.is_empty() && !name.starts_with(prefix) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            remove_stale(directory, prefix, &path, keep)?;
        } else if !keep.contains(path.as_str()) && is_ours(&entry.path()) {
            emit::remove(directory, &path)?;
        }
    }
    Ok(())
}

fn is_ours(path: &Path) -> bool {
    std::fs::read_to_string(path).is_ok_and(|it| it.starts_with(HEADER))
}
