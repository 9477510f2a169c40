//! Units, generator and schema put in place, for hosts without a package.

use std::collections::BTreeSet;
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

/// Returns the path of the schema that editors read, absolute, beside the directory of our programs.
pub(crate) fn schema_path(binaries: &Path) -> PathBuf {
    binaries.parent().unwrap_or(Path::new("/usr")).join("share/hostwright/schema.json")
}

/// Where NixOS has the packages of the running system: paths in the store go with their version.
const PROFILE: &str = "/run/current-system/sw";

/// Returns the path by which a spec names the schema for long.
pub(crate) fn named_schema_path(binaries: &Path) -> PathBuf {
    let lasting = schema_path(&Path::new(PROFILE).join("bin"));
    if binaries.starts_with("/nix/store") && lasting.exists() { lasting } else { schema_path(binaries) }
}

/// Directories of units, below the root: systemd.unit(5).
const UNIT_DIRECTORIES: [&str; 4] =
    ["etc/systemd/system", "run/systemd/system", UNIT_DIRECTORY, "usr/lib/systemd/system"];
/// Directories of generators, below the root: systemd.generator(7).
const GENERATOR_DIRECTORIES: [&str; 4] = [
    "etc/systemd/system-generators",
    "run/systemd/system-generators",
    "usr/local/lib/systemd/system-generators",
    "usr/lib/systemd/system-generators",
];

/// Names what a boot needs to bring about what is applied, and does not find: units that no target wants, or the generator.
pub(crate) fn missing(root: &Path) -> BTreeSet<String> {
    let is_there = |directories: &[&str], file: &str| {
        directories.iter().any(|it| root.join(it).join(file).symlink_metadata().is_ok())
    };
    let is_masked = |name: &str| {
        let mask = root.join(UNIT_DIRECTORIES[0]).join(name);
        mask.read_link().is_ok_and(|it| it == Path::new("/dev/null"))
    };
    let is_wanted = |name: &str, target: &str| is_there(&UNIT_DIRECTORIES, &format!("{target}.wants/{name}"));
    let units = UNITS.iter().filter(|(name, _, target)| is_masked(name) || !is_wanted(name, target));
    let mut missing: BTreeSet<_> = units.map(|it| it.0.to_owned()).collect();
    if !is_there(&GENERATOR_DIRECTORIES, "hostwright-generator") {
        missing.insert("hostwright-generator".to_owned());
    }
    missing
}

/// Writes what is missing or differs below a root; returns the paths that changed.
///
/// # Errors
/// The file system's.
pub(crate) fn install(root: &Path, binaries: &Path) -> io::Result<Vec<PathBuf>> {
    let schema = schema_path(binaries);
    let schema = schema.strip_prefix("/").unwrap_or(&schema).display().to_string();
    let binaries = binaries.display().to_string();
    let mut files = vec![symlink(GENERATOR, format!("{binaries}/hostwright-generator"))];
    for (name, text, target) in UNITS {
        let place = Place::new(Root::Unit, format!("{UNIT_DIRECTORY}/{name}"));
        files.push(File { place, content: Content::Text(text.replace(BINARIES, &binaries)) });
        let wants = format!("etc/systemd/system/{target}.wants/{name}");
        files.push(symlink(&wants, format!("/{UNIT_DIRECTORY}/{name}")));
    }
    let text = format!("{:#}\n", hostwright::schema::schema());
    files.push(File { place: Place::new(Root::Unit, schema), content: Content::Text(text) });
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_boot_starts_is_named() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path();
        assert_eq!(missing(root).len(), 3);
        install(root, Path::new("/usr/local/bin")).expect("installed");
        assert!(missing(root).is_empty());
        let mask = root.join("etc/systemd/system/hostwright-network.service");
        std::os::unix::fs::symlink("/dev/null", mask).expect("made");
        assert_eq!(missing(root), ["hostwright-network.service".to_owned()].into());
    }
}
