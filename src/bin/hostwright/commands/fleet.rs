//! `check --fleet`: everything that is wrong with the hosts of a directory, and between them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use hostwright::fleet;
use hostwright::spec::Sources;

use crate::cli::{Format, Global};
use crate::context::{Context, Exit};
use crate::failure::{During, Failure};
use crate::spec::sources_of;

/// Checks every spec of a directory. A file that others include and that describes no host is none.
///
/// # Errors
/// The directory or a file cannot be read, or there is no spec.
pub(super) fn check(context: &Context, directory: &Path) -> Result<Exit, Failure> {
    Ok(report(context, &hosts(directory)?))
}

/// Prints what is wrong with hosts.
pub(super) fn report(context: &Context, hosts: &[(Sources, PathBuf)]) -> Exit {
    let specs: Vec<_> = hosts.iter().map(|(sources, _)| sources.clone()).collect();
    let findings = fleet::check(&specs, &context.target);
    let Global { format, color, .. } = context.global;
    let text = crate::report::report(&findings.diagnostics, &findings.files, format, color);
    match format {
        Format::Json => print!("{text}"),
        _ => eprint!("{text}"),
    }
    if findings.diagnostics.has_errors() { Exit::Errors } else { Exit::Done }
}

/// Reads the spec of each host of a directory.
///
/// # Errors
/// The directory or a file cannot be read, or there is no spec.
pub(super) fn hosts(directory: &Path) -> Result<Vec<(Sources, PathBuf)>, Failure> {
    let paths = specs(directory)?;
    let read = paths.into_iter().map(|path| Ok((sources_of(&path)?, path)));
    let read = read.collect::<Result<Vec<_>, Failure>>()?;
    let included: BTreeSet<_> =
        read.iter().flat_map(|(it, _)| &it.files[1..]).map(|it| real(it.name.as_ref())).collect();
    let is_host = |(sources, path): &(Sources, PathBuf)| {
        fleet::is_host(&sources.files[0]) || !included.contains(&real(path))
    };
    Ok(read.into_iter().filter(is_host).collect())
}

/// Lists the files `*.toml` of a directory, in the order of their names.
fn specs(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let what = || format!("read {}", directory.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).during(what)? {
        let path = entry.during(what)?.path();
        if path.extension().is_some_and(|it| it == "toml") && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    if found.is_empty() {
        return Err(Failure::new(what(), "it holds no file `*.toml`"));
    }
    Ok(found)
}

/// Returns the path without links and `..`; as it is where there is none.
fn real(path: impl AsRef<Path>) -> PathBuf {
    let path = path.as_ref();
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
