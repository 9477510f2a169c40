//! What is compiled for, found without D-Bus: every program of ours finds the same.

use std::path::{Path, PathBuf};

use hostwright::host::Target;

/// Version that is taken where none is found: what is rendered for it is understood by later ones.
const UNKNOWN: u32 = 252;
/// Directories of systemd's private library, whose name bears the version.
const DIRECTORIES: [&str; 4] =
    ["usr/lib/systemd", "lib/systemd", "usr/lib64/systemd", "run/current-system/systemd/lib/systemd"];

/// Returns what is compiled for below a root.
pub(crate) fn target(root: &Path) -> Target {
    Target { systemd: systemd(root).unwrap_or(UNKNOWN), binaries: binaries() }
}

fn systemd(root: &Path) -> Option<u32> {
    let fixed = DIRECTORIES.iter().map(|it| root.join(it));
    let versions = fixed.chain(multiarch(root)).filter_map(|it| newest(&it));
    versions.max()
}

/// Lists Debian's directories for each architecture.
fn multiarch(root: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(root.join("usr/lib")) else { return Vec::new() };
    let of_linux = |name: &std::ffi::OsStr| name.to_string_lossy().contains("-linux-");
    entries.flatten().filter(|it| of_linux(&it.file_name())).map(|it| it.path().join("systemd")).collect()
}

fn newest(directory: &Path) -> Option<u32> {
    let entries = std::fs::read_dir(directory).ok()?;
    entries.flatten().filter_map(|it| version(&it.file_name().to_string_lossy())).max()
}

/// Reads `libsystemd-shared-252.so`, `libsystemd-shared-257.13-1~deb13u1.so`.
fn version(name: &str) -> Option<u32> {
    let rest = name.strip_prefix("libsystemd-shared-")?;
    let digits = rest.find(|it: char| !it.is_ascii_digit())?;
    rest[..digits].parse().ok()
}

fn binaries() -> String {
    let program = std::fs::read_link("/proc/self/exe").ok();
    let directory = program.as_deref().and_then(Path::parent);
    directory.map_or_else(|| "/usr/bin".to_owned(), |it| it.display().to_string())
}
