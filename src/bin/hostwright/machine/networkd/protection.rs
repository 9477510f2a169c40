//! What the running networkd has read in `networkd.conf`: what lay there when it started.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use hostwright::observed::LeftAlone;

use super::stamp::{Stamped, TICK_MICROSECONDS, follow, text};
use crate::failure::{During, Failure};

/// Where networkd looks, the first of a name counts. networkd.conf(5).
const FOLDERS: [&str; 4] = ["etc/systemd", "run/systemd", "usr/local/lib/systemd", "usr/lib/systemd"];
/// Folder of drop-ins in each.
const DROP_INS: &str = "networkd.conf.d";
/// Those of them that packages do not write to.
const OF_PEOPLE: [&str; 2] = ["etc/systemd", "run/systemd"];
/// Says what of others a networkd leaves alone that started at a time of the real-time clock; nothing where a file
/// came, changed or went since, or its start is not known: what it said then nobody knows.
///
/// # Errors
/// A file or folder is there and cannot be read.
pub(super) fn left_alone(root: &Path, started: Option<u64>) -> Result<LeftAlone, Failure> {
    let texts = texts(root)?;
    let stamps = folder_stamps(root).during(|| "look at the drop-ins of networkd.conf".to_owned())?;
    let is_older =
        |changed: u64| started.is_some_and(|started| changed.saturating_add(TICK_MICROSECONDS) < started);
    if !texts.iter().map(|it| it.1).chain(stamps).all(is_older) {
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
        texts.push(read(root, &file).during(|| format!("read {}", file.display()))?);
    }
    Ok(texts)
}

/// Returns when the folders of drop-ins changed that people and programs write to: of a file that went nothing else tells.
fn folder_stamps(root: &Path) -> io::Result<Vec<u64>> {
    let mut found = Vec::new();
    for folder in OF_PEOPLE.map(|it| root.join(it).join(DROP_INS)) {
        match follow(root, &folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            folder => found.push(folder?.changed),
        }
    }
    Ok(found)
}

/// Lists the main file and the drop-ins in the order in which they count.
fn files(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut drop_ins = BTreeMap::new();
    for folder in FOLDERS.map(|it| root.join(it).join(DROP_INS)) {
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

/// Reads a file, and when it or a link to it changed: for certain lately where it is gone, or a link to nothing.
fn read(root: &Path, file: &Path) -> io::Result<(String, u64)> {
    let found = follow(root, file).and_then(|Stamped { path, changed }| Ok((text(&path)?, changed)));
    match found {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok((String::new(), u64::MAX)),
        found => found,
    }
}
