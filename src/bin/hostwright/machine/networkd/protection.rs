//! Whether the running networkd has read our drop-in.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::failure::{During, Failure};

/// The kernel stamps files with a clock that may be a tick behind systemd's.
const TICK_MICROSECONDS: u64 = 10_000;

/// Says whether a file has a text, and had it when a process started at a time of the real-time clock.
///
/// # Errors
/// The file is there and cannot be read.
pub(super) fn is_older(file: &Path, expected: &str, started: Option<u64>) -> Result<bool, Failure> {
    let Some((text, changed)) = read(file).during(|| format!("read {}", file.display()))? else {
        return Ok(false);
    };
    let old = started.is_some_and(|started| changed.saturating_add(TICK_MICROSECONDS) < started);
    Ok(old && text == expected.as_bytes())
}

fn read(file: &Path) -> io::Result<Option<(Vec<u8>, u64)>> {
    let found = fs::metadata(file).and_then(|it| Ok((fs::read(file)?, changed(&it))));
    match found {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        found => found.map(Some),
    }
}

/// Returns the time of the last change of any kind: a rename into place leaves the time of the content
/// as it was.
fn changed(metadata: &fs::Metadata) -> u64 {
    let microseconds = metadata.ctime() * 1_000_000 + metadata.ctime_nsec() / 1000;
    u64::try_from(microseconds).unwrap_or(0)
}
