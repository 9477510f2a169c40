//! Specs and generations on disk.

mod files;

use std::fs;
use std::io;
use std::path::PathBuf;

use hostwright::takeover::TakeOver;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::apply::journal::{Header, Outcome, Record};
use crate::failure::{During, Failure};
use crate::layout::Layout;
use crate::report::FORMAT_VERSION;
use files::remove_for_good;
pub(crate) use files::{is_for_files, read_if_there, remove, write_whole};

/// What is kept of an apply that ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Generation {
    /// What it began with.
    pub(crate) header: Header,
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// What others had before the first step, in words.
    #[serde(default)]
    pub(crate) before: Vec<String>,
    /// What they had at the end: behind the last step, or behind the undo.
    #[serde(default)]
    pub(crate) after: Vec<String>,
}

impl Generation {
    /// Says whether the host ran this spec.
    pub(crate) fn was_applied(&self) -> bool {
        self.outcome == Outcome::Applied
    }
}

/// Reads the list of files of others that lie aside, without those that somebody removed; absent: there are none.
///
/// # Errors
/// The file system's, or it is not what was written.
pub(crate) fn taken_over(layout: &Layout) -> Result<TakeOver, Failure> {
    let path = layout.taken_over();
    let text = read_if_there(&path)?.unwrap_or_default();
    let mut list = TakeOver::parse(&text).during(|| format!("read {}", path.display()))?;
    let exists = |path: &str| layout.root().join(path.trim_start_matches('/')).symlink_metadata().is_ok();
    list.files.retain(|it| exists(&it.path) || exists(&it.aside()));
    Ok(list)
}

/// Makes a spec the applied one and keeps the former beside it; an empty one leaves none of both.
///
/// # Errors
/// The file system's.
pub(crate) fn commit(layout: &Layout, spec: &str) -> Result<(), Failure> {
    if spec.is_empty() {
        remove_for_good(&layout.applied_before())?;
        remove_for_good(&layout.applied())?;
        return remove(&layout.running());
    }
    let former = read_if_there(&layout.applied())?;
    if former.as_deref() != Some(spec) {
        if let Some(former) = former {
            write_whole(&layout.applied_before(), &former)?;
        }
        write_whole(&layout.applied(), spec)?;
    }
    remove(&layout.running())
}

/// Says whether a spec is the applied one; an empty one is where there is none.
///
/// # Errors
/// The file system's.
pub(crate) fn is_applied(layout: &Layout, spec: &str) -> Result<bool, Failure> {
    Ok(read_if_there(&layout.applied())?.unwrap_or_default() == spec)
}

/// Makes the former spec the applied one again where a new one is; absent or empty: none was.
///
/// # Errors
/// The file system's.
pub(crate) fn revoke(layout: &Layout, new: &str, former: Option<&str>) -> Result<(), Failure> {
    let former = former.unwrap_or_default();
    if former == new || !is_applied(layout, new)? {
        return Ok(());
    }
    if former.is_empty() {
        remove_for_good(&layout.applied())
    } else {
        write_whole(&layout.applied(), former)
    }
}

/// Returns a generation; absent: its apply has not ended.
///
/// # Errors
/// The file system's, or it is not what was written, or a later version wrote it in another form.
pub(crate) fn generation(layout: &Layout, number: u64) -> Result<Option<Generation>, Failure> {
    let found: Option<Generation> = read_generation(layout, number)?;
    match found {
        Some(it) if it.header.format_version > FORMAT_VERSION => {
            let why = format!("format {} is of a later version of hostwright", it.header.format_version);
            Err(Failure::new(format!("read generation {number}"), why))
        }
        found => Ok(found),
    }
}

/// Reads of a generation what is asked for: with many links the plan alone is megabytes.
fn read_generation<T: DeserializeOwned>(layout: &Layout, number: u64) -> Result<Option<T>, Failure> {
    let path = directory(layout, number).join("generation.json");
    let text = read_if_there(&path)?;
    let parsed = text.map(|it| serde_json::from_str(&it)).transpose();
    parsed.during(|| format!("read {}", path.display()))
}

/// Returns the numbers of all generations, the oldest first.
///
/// # Errors
/// The file system's.
pub(crate) fn numbers(layout: &Layout) -> Result<Vec<u64>, Failure> {
    let directory = layout.generations();
    let what = || format!("read {}", directory.display());
    let entries = match fs::read_dir(&directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).during(what),
    };
    let mut found = Vec::new();
    for entry in entries {
        found.extend(entry.during(what)?.file_name().to_str().and_then(|it| it.parse::<u64>().ok()));
    }
    found.sort_unstable();
    Ok(found)
}

/// Reads the generations one by one, the newest first: all at once they may be more than memory should hold. One that cannot
/// be read is to stop nobody from the others: why, it says in its place.
///
/// # Errors
/// The file system's.
pub(crate) fn newest_first(
    layout: &Layout,
) -> Result<impl Iterator<Item = (u64, Result<Generation, Failure>)>, Failure> {
    let numbers = numbers(layout)?;
    Ok(numbers.into_iter().rev().filter_map(|it| Some((it, generation(layout, it).transpose()?))))
}

/// Returns the numbers of those that were applied last, at most so many, the newest first; without those that cannot be read.
///
/// # Errors
/// The file system's.
pub(crate) fn last_applied(layout: &Layout, count: usize) -> Result<Vec<u64>, Failure> {
    #[derive(Deserialize)]
    struct Ended {
        outcome: Outcome,
    }
    let mut found = Vec::new();
    for number in numbers(layout)?.into_iter().rev() {
        if found.len() == count {
            break;
        }
        let ended: Option<Ended> = read_generation(layout, number).unwrap_or_default();
        found.extend(ended.filter(|it| it.outcome == Outcome::Applied).map(|_| number));
    }
    Ok(found)
}

/// Returns the spec of the generation that was applied last; absent: there is none.
///
/// # Errors
/// The file system's.
pub(crate) fn newest_applied_spec(layout: &Layout) -> Result<Option<String>, Failure> {
    let newest = last_applied(layout, 1)?.first().copied();
    let path = |number: u64| directory(layout, number).join("spec.toml");
    Ok(newest.map(|it| read_if_there(&path(it))).transpose()?.flatten())
}

/// Returns where a generation is kept.
pub(crate) fn directory(layout: &Layout, number: u64) -> PathBuf {
    layout.generations().join(number.to_string())
}

/// Keeps an apply that ended, with what its journal says, and removes the journal.
///
/// # Errors
/// The file system's.
pub(crate) fn keep(
    layout: &Layout,
    header: Header,
    outcome: Outcome,
    records: &[Record],
) -> Result<(), Failure> {
    let directory = directory(layout, header.generation);
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for record in records {
        match record {
            Record::Before(lines) => before.clone_from(lines),
            Record::After(lines) => after.clone_from(lines),
            // What was there before it is not what is there behind it.
            Record::Undoing(_) => after.clear(),
            _ => {}
        }
    }
    let generation = Generation { header, outcome, before, after };
    let text = serde_json::to_string_pretty(&generation).during(|| "write a generation".to_owned())?;
    write_whole(&directory.join("spec.toml"), &generation.header.spec)?;
    write_whole(&directory.join("generation.json"), &text)?;
    remove_for_good(&layout.journal())?;
    remove(&layout.journal_in_memory())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_that_became_the_applied_one_late_is_revoked() {
        let root = tempfile::tempdir().expect("a folder");
        let layout = Layout::new(root.path());
        let applied = || read_if_there(&layout.applied()).expect("readable");
        commit(&layout, "new").expect("written");
        revoke(&layout, "new", Some("former")).expect("written");
        assert_eq!(applied().as_deref(), Some("former"));
        revoke(&layout, "new", None).expect("nothing to do");
        assert_eq!(applied().as_deref(), Some("former"), "it is not the new one");
        commit(&layout, "new").expect("written");
        revoke(&layout, "new", None).expect("removed");
        assert_eq!(applied(), None);
        assert_eq!(is_applied(&layout, "new"), Ok(false));
        commit(&layout, "").expect("removed");
        assert_eq!(is_applied(&layout, ""), Ok(true), "the host as it was");
        revoke(&layout, "", Some("former")).expect("written");
        assert_eq!(applied().as_deref(), Some("former"), "the new one was none");
    }
}
