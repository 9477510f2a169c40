//! `build`: every artifact of a spec as files to look at, the same for the same spec.

use std::collections::BTreeSet;
use std::path::Path;

use hostwright::artifact::{File, Place, Root};
use hostwright::review::{self, Tree};

use crate::cli::SpecArgument;
use crate::context::{Context, Exit};
use crate::failure::{During, Failure};
use crate::store;

/// List of the files that a build wrote, one a line, in the directory itself.
const LIST: &str = ".hostwright-build";
/// What may lie in a directory that a build has not written yet: the repository that keeps it.
const ALLOWED: [&str; 1] = [".git"];

/// Writes the artifacts below a directory, and removes those that an earlier build wrote there and this one does not.
///
/// # Errors
/// The spec cannot be read, the directory cannot be written, or it holds what no build wrote.
pub(super) fn run(context: &Context, spec: &SpecArgument, out: &Path) -> Result<Exit, Failure> {
    let Some(artifacts) = context.compile(spec)?.artifacts else { return Ok(Exit::Errors) };
    write(out, &review::tree(&artifacts).during(|| "write artifacts".to_owned())?)
}

/// Writes the artifacts of all hosts of a directory, each below the name of its file; nothing where one has errors.
///
/// # Errors
/// As for one spec.
pub(super) fn fleet(context: &Context, directory: &Path, out: &Path) -> Result<Exit, Failure> {
    let hosts = super::fleet::hosts(directory)?;
    let exit = super::fleet::report(context, &hosts);
    if exit != Exit::Done {
        return Ok(exit);
    }
    let mut whole = Tree::new();
    for (sources, path) in &hosts {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let artifacts = hostwright::compile(sources, &context.target).0.unwrap_or_default();
        let tree = review::tree(&artifacts).during(|| format!("write artifacts of {name}"))?;
        whole.extend(tree.into_iter().map(|(path, content)| (format!("{name}/{path}"), content)));
    }
    write(out, &whole)
}

fn write(out: &Path, tree: &Tree) -> Result<Exit, Failure> {
    let former = written_before(out)?;
    refuse_links(out, former.iter().chain(tree.keys()))?;
    refuse_foreign(out, tree, &former)?;
    // Before any file: a build that is torn off owns what it has written.
    list(out, former.iter().chain(tree.keys()))?;
    write_files(out, tree)?;
    for path in former.iter().filter(|it| !tree.contains_key(*it)) {
        hostwright::emit::remove(out, path).during(|| format!("write below {}", out.display()))?;
    }
    list(out, tree.keys())?;
    Ok(Exit::Done)
}

fn write_files(out: &Path, tree: &Tree) -> Result<(), Failure> {
    for (path, content) in tree {
        let file = File { place: Place::new(Root::Unit, path.as_str()), content: content.clone() };
        hostwright::emit::write(out, &file).during(|| format!("write below {}", out.display()))?;
    }
    Ok(())
}

/// Returns what an earlier build wrote; nothing where the directory is empty or not there.
fn written_before(out: &Path) -> Result<BTreeSet<String>, Failure> {
    if let Some(list) = store::read_if_there(&out.join(LIST))? {
        return Ok(list.lines().filter(|it| is_below(it)).map(str::to_owned).collect());
    }
    let what = || format!("write below {}", out.display());
    let entries = match std::fs::read_dir(out) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        entries => entries.during(what)?,
    };
    for entry in entries {
        let name = entry.during(what)?.file_name();
        if !ALLOWED.iter().any(|it| name == *it) {
            let cause =
                format!("it holds `{}` and was written by no build: name an empty directory", name.display());
            return Err(Failure::new(what(), cause));
        }
    }
    Ok(BTreeSet::new())
}

/// Says whether a path of the list leads to a file below the directory; anything else was written by hand.
fn is_below(path: &str) -> bool {
    let normal = |it| matches!(it, std::path::Component::Normal(_));
    !path.is_empty() && Path::new(path).components().all(normal)
}

/// Refuses a directory of the tree that is a symbolic link: what is written or removed behind it lies elsewhere.
fn refuse_links<'a>(out: &Path, mut paths: impl Iterator<Item = &'a String>) -> Result<(), Failure> {
    let link = |path: &String| {
        let above = Path::new(path).ancestors().skip(1).filter(|it| !it.as_os_str().is_empty());
        above.map(|it| out.join(it)).find(|it| it.is_symlink())
    };
    match paths.find_map(link) {
        Some(link) => Err(Failure::new(
            format!("write below {}", link.display()),
            "it is a symbolic link, which no build makes: remove it, or name another directory",
        )),
        None => Ok(()),
    }
}

/// Refuses to write over a file that no build wrote.
fn refuse_foreign(out: &Path, tree: &Tree, former: &BTreeSet<String>) -> Result<(), Failure> {
    let is_foreign = |path: &&String| !former.contains(*path) && out.join(path).symlink_metadata().is_ok();
    match tree.keys().find(is_foreign) {
        Some(path) => Err(Failure::new(
            format!("write {}", out.join(path).display()),
            "something else is there already: move it away, or name another directory",
        )),
        None => Ok(()),
    }
}

fn list<'a>(out: &Path, paths: impl Iterator<Item = &'a String>) -> Result<(), Failure> {
    let paths: BTreeSet<_> = paths.map(String::as_str).collect();
    let text: String = paths.into_iter().flat_map(|it| [it, "\n"]).collect();
    let path = out.join(LIST);
    if store::read_if_there(&path)?.as_ref() == Some(&text) {
        return Ok(());
    }
    store::write_whole(&path, &text)
}
