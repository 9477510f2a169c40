//! Files of artifacts below a directory: the only place of the library that writes.
#![expect(clippy::disallowed_methods, reason = "this is the place that writes")]

use std::fs;
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::Path;

use crate::artifact::{Content, File};

/// Mode of every file: networkd reads as a user of its own.
const MODE: u32 = 0o644;

/// Writes a file below a directory, whole or not at all; says whether it changed anything.
///
/// A file that has the content already is not touched: networkd decides by stat, not by content.
///
/// # Errors
/// What the file system says, with the path.
pub fn write(directory: &Path, file: &File) -> io::Result<bool> {
    let path = directory.join(&file.place.path);
    if read(&path)?.as_ref() == Some(&file.content) {
        return Ok(false);
    }
    let parent = path.parent().unwrap_or(directory);
    fs::create_dir_all(parent).map_err(|error| at(parent, &error))?;
    let temporary = parent.join(format!(".hostwright-{}", std::process::id()));
    place(&temporary, &file.content).map_err(|error| at(&temporary, &error))?;
    fs::rename(&temporary, &path).map_err(|error| at(&path, &error))?;
    Ok(true)
}

/// Writes a file that is known to be absent, below a directory that is empty at the start.
///
/// # Errors
/// What the file system says, with the path.
pub fn write_new(directory: &Path, file: &File) -> io::Result<()> {
    let path = directory.join(&file.place.path);
    match place_new(&path, &file.content) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let parent = path.parent().unwrap_or(directory);
            fs::create_dir_all(parent).map_err(|error| at(parent, &error))?;
            place_new(&path, &file.content).map_err(|error| at(&path, &error))
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => write(directory, file).map(|_| ()),
        result => result.map_err(|error| at(&path, &error)),
    }
}

/// Reads what lies at a path; absent: nothing does.
///
/// # Errors
/// What the file system says, with the path.
pub fn read(path: &Path) -> io::Result<Option<Content>> {
    let target = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => fs::read_link(path).map(|it| content_of_link(&it)),
        Ok(_) => fs::read_to_string(path).map(Content::Text),
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => Err(error),
    };
    target.map(Some).map_err(|error| at(path, &error))
}

/// Removes a file and the directories that it leaves empty, up to a directory; absent is done.
///
/// # Errors
/// What the file system says, with the path.
pub fn remove(directory: &Path, path: &str) -> io::Result<()> {
    let path = directory.join(path);
    match fs::remove_file(&path) {
        Err(error) if !is_absent(&error) => return Err(at(&path, &error)),
        _ => {}
    }
    let mut parent = path.parent();
    while let Some(it) = parent.filter(|it| *it != directory && it.starts_with(directory)) {
        if fs::remove_dir(it).is_err() {
            break;
        }
        parent = it.parent();
    }
    Ok(())
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn content_of_link(target: &Path) -> Content {
    Content::Symlink(target.to_string_lossy().into_owned())
}

fn place(path: &Path, content: &Content) -> io::Result<()> {
    let _ = fs::remove_file(path);
    place_new(path, content)?;
    match content {
        Content::Text(_) => fs::set_permissions(path, fs::Permissions::from_mode(MODE)),
        Content::Symlink(_) => Ok(()),
    }
}

fn place_new(path: &Path, content: &Content) -> io::Result<()> {
    match content {
        Content::Text(text) => {
            let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(MODE).open(path)?;
            io::Write::write_all(&mut file, text.as_bytes())
        }
        Content::Symlink(target) => symlink(target, path),
    }
}

fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
