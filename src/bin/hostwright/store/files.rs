//! Files that are read, written and removed as a whole.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::failure::{During, Failure};

/// Mode of specs: they hold no secrets, and the boot programs read them as root.
const MODE: u32 = 0o644;

/// Reads a file; absent: it is not there.
///
/// # Errors
/// The file system's.
pub(crate) fn read_if_there(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).during(|| format!("read {}", path.display())),
    }
}

/// Says whether a file may be written in a place whole: what is there and is no file, a device or a link, another file would
/// take the name of.
pub(crate) fn is_for_files(path: &Path) -> bool {
    path.symlink_metadata().map_or(true, |it| it.is_file())
}

/// Writes a file whole: another file, synced, takes its name.
///
/// # Errors
/// The file system's.
pub(crate) fn write_whole(path: &Path, text: &str) -> Result<(), Failure> {
    let what = || format!("write {}", path.display());
    let directory = directory(path);
    fs::create_dir_all(directory).during(what)?;
    // Nobody else's: two may write one file at once.
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.new", std::process::id()));
    let temporary = Path::new(&temporary);
    // A link of its name, in a directory that everybody may write to, must not lead elsewhere.
    remove(temporary)?;
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(MODE).open(temporary);
    let mut file = file.during(what)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).during(what)?;
    fs::rename(temporary, path).during(what)?;
    fs::File::open(directory).and_then(|it| it.sync_all()).during(what)
}

/// Removes a file; absent is done.
///
/// # Errors
/// The file system's.
pub(crate) fn remove(path: &Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).during(|| format!("remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Removes a file that no reset may bring back, and waits until the disk has it so.
pub(super) fn remove_for_good(path: &Path) -> Result<(), Failure> {
    if !path.exists() {
        return Ok(());
    }
    remove(path)?;
    fs::File::open(directory(path))
        .and_then(|it| it.sync_all())
        .during(|| format!("remove {}", path.display()))
}

/// Returns the directory that a file lies in; a name alone is one of the working directory.
fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(directory) if directory.as_os_str().is_empty() => Path::new("."),
        directory => directory.unwrap_or(Path::new("/")),
    }
}
