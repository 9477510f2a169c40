//! Units and generator put in place, for hosts without a package.

use std::io;
use std::path::{Path, PathBuf};

use hostwright::artifact::{Content, File, Place, Root};
use hostwright::emit;

/// Units as shipped: name, text, target that wants them.
const UNITS: [(&str, &str, &str); 2] = [
    (
        "hostwright-network.service",
        include_str!("../../../units/hostwright-network.service"),
        "sysinit.target",
    ),
    (
        "hostwright-recover.service",
        include_str!("../../../units/hostwright-recover.service"),
        "multi-user.target",
    ),
];
/// Word in the shipped units that stands for the directory of our programs.
const BINARIES: &str = "@binaries@";
const UNIT_DIRECTORY: &str = "usr/local/lib/systemd/system";
const GENERATOR: &str = "usr/local/lib/systemd/system-generators/hostwright-generator";

/// Writes what is missing or differs below a root; returns the paths that changed.
///
/// # Errors
/// The file system's.
pub(crate) fn install(root: &Path, binaries: &Path) -> io::Result<Vec<PathBuf>> {
    let binaries = binaries.display().to_string();
    let mut files = vec![symlink(GENERATOR, format!("{binaries}/hostwright-generator"))];
    for (name, text, target) in UNITS {
        let place = Place::new(Root::Unit, format!("{UNIT_DIRECTORY}/{name}"));
        files.push(File { place, content: Content::Text(text.replace(BINARIES, &binaries)) });
        let wants = format!("etc/systemd/system/{target}.wants/{name}");
        files.push(symlink(&wants, format!("/{UNIT_DIRECTORY}/{name}")));
    }
    let mut changed = Vec::new();
    for file in &files {
        if emit::write(root, file)? {
            changed.push(root.join(&file.place.path));
        }
    }
    Ok(changed)
}

fn symlink(path: &str, target: String) -> File {
    File { place: Place::new(Root::Unit, path), content: Content::Symlink(target) }
}
