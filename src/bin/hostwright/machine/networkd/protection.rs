//! What the running networkd has read in `networkd.conf`: what lay there when it started.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use hostwright::observed::LeftAlone;

use crate::failure::{During, Failure};

/// Where networkd looks, the first of a name counts. networkd.conf(5).
const FOLDERS: [&str; 4] = ["etc/systemd", "run/systemd", "usr/local/lib/systemd", "usr/lib/systemd"];
/// The kernel stamps files with a clock that may be a tick behind systemd's.
const TICK_MICROSECONDS: u64 = 10_000;

/// Says what of others a networkd leaves alone that started at a time of the real-time clock; nothing where a file
/// changed since, or its start is not known: what it said then nobody knows.
///
/// # Errors
/// A file is there and cannot be read.
pub(super) fn left_alone(root: &Path, started: Option<u64>) -> Result<LeftAlone, Failure> {
    let texts = texts(root)?;
    let is_older =
        |changed: u64| started.is_some_and(|started| changed.saturating_add(TICK_MICROSECONDS) < started);
    if !texts.iter().all(|(_, changed)| is_older(*changed)) {
        return Ok(LeftAlone::default());
    }
    Ok(parse(&texts))
}

/// Says what of others a networkd leaves alone that starts now.
///
/// # Errors
/// A file is there and cannot be read.
pub(super) fn left_alone_at_start(root: &Path) -> Result<LeftAlone, Failure> {
    Ok(parse(&texts(root)?))
}

fn parse(texts: &[(String, u64)]) -> LeftAlone {
    LeftAlone::parse(texts.iter().map(|(text, _)| text.as_str()))
}

/// Returns the texts in the order in which they count, and when each changed.
fn texts(root: &Path) -> Result<Vec<(String, u64)>, Failure> {
    let mut texts = Vec::new();
    for file in files(root).during(|| "list the drop-ins of networkd.conf".to_owned())? {
        texts.extend(read(&file).during(|| format!("read {}", file.display()))?);
    }
    Ok(texts)
}

/// Lists the main file and the drop-ins in the order in which they count.
fn files(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut drop_ins = BTreeMap::new();
    for folder in FOLDERS.map(|it| root.join(it).join("networkd.conf.d")) {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            let Some(name) = path.file_name().filter(|_| path.extension().is_some_and(|it| it == "conf"))
            else {
                continue;
            };
            drop_ins.entry(name.to_owned()).or_insert(path);
        }
    }
    let main = FOLDERS.map(|it| root.join(it).join("networkd.conf")).into_iter().find(|it| it.exists());
    Ok(main.into_iter().chain(drop_ins.into_values()).collect())
}

/// Reads a file, and when it changed; absent: it is gone, or a link, of which nobody knows what it led to then.
fn read(file: &Path) -> io::Result<Option<(String, u64)>> {
    let found = fs::symlink_metadata(file);
    let found = found.and_then(|it| Ok((fs::read_to_string(file)?, it.is_symlink(), changed(&it))));
    match found {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        found => found.map(|(text, is_link, changed)| (!is_link).then_some((text, changed))),
    }
}

/// Returns the time of the last change of any kind: a rename into place leaves the time of the content
/// as it was.
pub(super) fn changed(metadata: &fs::Metadata) -> u64 {
    let microseconds = metadata.ctime() * 1_000_000 + metadata.ctime_nsec() / 1000;
    u64::try_from(microseconds).unwrap_or(0)
}
