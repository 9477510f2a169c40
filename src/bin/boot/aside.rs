//! Files of others that lie aside while hostwright configures their links: renamed at boot, before networkd starts.

use std::fs;
use std::io;
use std::path::Path;

use hostwright::artifact::Artifacts;
use hostwright::takeover::{LIST, TakeOver, TakenFile};

use crate::boot::log::Log;

/// Brings every file of the list to where it belongs with the spec that is booted; absent: none is.
///
/// What cannot be done is said and left: then networkd reads the files of others, which mean the same links.
pub(crate) fn bring_about(root: &Path, spec: Option<&Artifacts>, log: &Log) {
    let list = match fs::read_to_string(root.join(LIST)) {
        Ok(text) => TakeOver::parse(&text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return,
        Err(error) => Err(error.to_string()),
    };
    match list {
        Ok(list) => list.files.iter().for_each(|file| place(root, file, spec, log)),
        Err(error) => log.warn(&format!("/{LIST}: {error}")),
    }
}

fn place(root: &Path, file: &TakenFile, spec: Option<&Artifacts>, log: &Log) {
    let (own, aside) = (root.join(file.path.trim_start_matches('/')), root.join(file.aside()));
    let [from, to] = if file.lies_aside(spec) { [&own, &aside] } else { [&aside, &own] };
    if !is_there(from) {
        return;
    }
    let moved = if is_there(to) {
        Err(io::Error::other(format!("{} is there as well: neither is touched, remove one", to.display())))
    } else {
        rename(from, to)
    };
    if let Err(error) = moved {
        log.warn(&format!("{} cannot be moved: {error}", from.display()));
    }
}

/// Says whether something lies at a path, a symbolic link to nowhere too.
fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Renames a file: bytes, owner, mode and times stay.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(directory) = to.parent() {
        fs::create_dir_all(directory)?;
    }
    fs::rename(from, to)?;
    // An empty directory of drop-ins would be all that is left.
    if let Some(directory) = from.parent().filter(|it| it.extension().is_some_and(|it| it == "d")) {
        let _ = fs::remove_dir(directory);
    }
    Ok(())
}
