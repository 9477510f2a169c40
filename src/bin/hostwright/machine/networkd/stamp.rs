//! When files changed, through symbolic links.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A link to it takes a file out of use, whatever becomes of the device. systemd.network(5).
const NULL: &str = "dev/null";
/// Links that lead to links are followed this often, as the kernel does.
const LINKS: usize = 40;

/// The kernel stamps files with a clock that may be a tick behind that of programs.
pub(crate) const TICK_MICROSECONDS: u64 = 10_000;

/// A file, and when it changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stamped {
    /// What a chain of links ends with.
    pub(super) path: PathBuf,
    /// Last change of any of them, in microseconds of the real-time clock.
    pub(super) changed: u64,
}

/// Follows a path that may be a symbolic link, below a root.
///
/// # Errors
/// It leads to nothing, or in circles.
pub(super) fn follow(root: &Path, path: &Path) -> io::Result<Stamped> {
    let mut found = Stamped { path: path.to_owned(), changed: 0 };
    for _ in 0..LINKS {
        if found.path.ends_with(NULL) {
            return Ok(found);
        }
        let metadata = fs::symlink_metadata(&found.path)?;
        found.changed = found.changed.max(stamp(&metadata));
        if !metadata.is_symlink() {
            return Ok(found);
        }
        let target = fs::read_link(&found.path)?;
        found.path = match target.strip_prefix("/") {
            Ok(below) => root.join(below),
            Err(_) => found.path.parent().unwrap_or(root).join(target),
        };
    }
    Err(io::Error::new(ErrorKind::NotFound, "links that lead to links"))
}

/// Reads what a chain of links ends with: the null device says nothing, below any root.
///
/// # Errors
/// The file system's.
pub(super) fn text(path: &Path) -> io::Result<String> {
    if path.ends_with(NULL) { Ok(String::new()) } else { fs::read_to_string(path) }
}

/// Returns the time of the last change of any kind: a rename into place leaves the time of the content
/// as it was.
pub(super) fn stamp(metadata: &fs::Metadata) -> u64 {
    let microseconds = metadata.ctime() * 1_000_000 + metadata.ctime_nsec() / 1000;
    u64::try_from(microseconds).unwrap_or(0)
}

/// Returns a time of the real-time clock between what was done to files and what is done next.
#[cfg(test)]
pub(super) fn between() -> u64 {
    const LONGER_THAN_A_TICK: std::time::Duration = std::time::Duration::from_millis(30);
    std::thread::sleep(LONGER_THAN_A_TICK);
    let now = crate::clock::microseconds();
    std::thread::sleep(LONGER_THAN_A_TICK);
    now
}
