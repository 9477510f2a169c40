//! Files of the admin, rewritten whole: the same owner and mode, never half a text.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::Path;

use crate::failure::{During, Failure};

/// Puts another text into a file that holds a known one; a symbolic link stays, what it names is rewritten.
///
/// # Errors
/// The file has changed since, or the file system's; then the file is as it was.
pub(crate) fn rewrite(path: &Path, before: &str, after: &str) -> Result<(), Failure> {
    let what = || format!("write {}", path.display());
    let path = fs::canonicalize(path).during(what)?;
    if fs::read_to_string(&path).during(what)? != before {
        return Err(Failure::new(what(), "somebody changed it since it was read: say it again"));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.hostwright-{}", std::process::id()));
    let written = write(&temporary, &fs::metadata(&path).during(what)?, after);
    let renamed = written.and_then(|()| fs::rename(&temporary, &path));
    if renamed.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    renamed.during(what)?;
    let directory = path.parent().unwrap_or(Path::new("/"));
    fs::File::open(directory).and_then(|it| it.sync_all()).during(what)
}

fn write(path: &Path, like: &fs::Metadata, text: &str) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let own = file.metadata()?;
    if (own.uid(), own.gid()) != (like.uid(), like.gid()) {
        fchown(&file, Some(like.uid()), Some(like.gid()))?;
    }
    file.set_permissions(fs::Permissions::from_mode(like.mode() & 0o7777))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
