//! The lock that keeps two applies apart.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg};

use crate::clock;
use crate::failure::{During, Failure};
use crate::layout::Layout;

/// Time between two looks whether the lock is free.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Mode of the lock: whoever can open it, if only to read, can hold it and keep an undo away.
const MODE: u32 = 0o600;

/// The lock, held until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: Flock<File>,
}

/// Why there is no lock.
#[derive(Debug)]
pub(crate) enum NoLock {
    /// Somebody holds it: who, and since when.
    Held(String),
    /// It cannot be taken at all.
    Failed(Failure),
}

/// Takes the lock or says who holds it.
///
/// # Errors
/// Who holds it, or what the file system says.
pub(crate) fn take(layout: &Layout, who: &str) -> Result<Lock, NoLock> {
    let file = open(layout).map_err(NoLock::Failed)?;
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(file) => signed(file, who).map_err(NoLock::Failed),
        Err((mut file, _)) => {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            Err(NoLock::Held(holder.trim().to_owned()))
        }
    }
}

/// Waits for the lock as long as it is of use; absent: it no longer is.
///
/// # Errors
/// What the file system says, or what says whether it is of use.
pub(crate) fn wait_while(
    layout: &Layout,
    who: &str,
    mut is_of_use: impl FnMut() -> Result<bool, Failure>,
) -> Result<Option<Lock>, Failure> {
    loop {
        let lock = match take(layout, who) {
            Ok(lock) => Some(lock),
            Err(NoLock::Held(_)) => None,
            Err(NoLock::Failed(failure)) => return Err(failure),
        };
        if !is_of_use()? {
            return Ok(None);
        }
        if lock.is_some() {
            return Ok(lock);
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// Waits for the lock.
///
/// # Errors
/// What the file system says.
pub(crate) fn wait(layout: &Layout, who: &str) -> Result<Lock, Failure> {
    let file = open(layout)?;
    let file = Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, error)| error);
    signed(file.during(|| "take the lock".to_owned())?, who)
}

fn open(layout: &Layout) -> Result<File, Failure> {
    let path = layout.lock();
    let what = || format!("open {}", path.display());
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory).during(what)?;
    }
    let mut options = OpenOptions::new();
    let file =
        options.read(true).write(true).create(true).truncate(false).mode(MODE).open(&path).during(what)?;
    file.set_permissions(Permissions::from_mode(MODE)).during(what)?;
    Ok(file)
}

fn signed(mut file: Flock<File>, who: &str) -> Result<Lock, Failure> {
    let what = || "write the lock".to_owned();
    let text = format!("{who}, process {}, since {}\n", std::process::id(), clock::now_in_words());
    file.set_len(0).during(what)?;
    file.seek(SeekFrom::Start(0)).during(what)?;
    file.write_all(text.as_bytes()).during(what)?;
    Ok(Lock { _file: file })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_can_open_the_lock() {
        let root = tempfile::tempdir().expect("a folder");
        let layout = Layout::new(root.path());
        let mode = || {
            take(&layout, "somebody").expect("free");
            layout.lock().metadata().expect("it is there").permissions().mode() & 0o777
        };
        assert_eq!(mode(), 0o600);
        let open = Permissions::from_mode(0o644);
        std::fs::set_permissions(layout.lock(), open).expect("as earlier versions made it");
        assert_eq!(mode(), 0o600);
    }
}
