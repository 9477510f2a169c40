//! Which version of networkd runs: behind an upgrade it is not systemd's, for on our hosts nobody restarts it.

use std::fs;

use hostwright::observed::Release;

/// Name of the library that systemd's programs share, up to its version.
const LIBRARY: &str = "/libsystemd-shared-";
/// What the kernel says of a file that another took the place of.
const REPLACED: &str = " (deleted)";

/// Returns the version of a running program of systemd, by the library that it has loaded; nothing where that does not
/// tell. `installed` is systemd's own.
pub(super) fn release(process: u32, installed: Release) -> Option<Release> {
    release_in(&fs::read_to_string(format!("/proc/{process}/maps")).ok()?, installed)
}

/// A library whose name has no point release is of the installed one while it is the installed one.
fn release_in(maps: &str, installed: Release) -> Option<Release> {
    let library = maps.lines().find_map(|line| line.split_once(LIBRARY)).map(|it| it.1)?;
    let found = Release::parse(library)?;
    let is_installed = found.major == installed.major && !library.ends_with(REPLACED);
    Some(Release { point: found.point.or_else(|| installed.point.filter(|_| is_installed)), ..found })
}

#[cfg(test)]
mod tests {
    use super::{Release, release_in};

    #[test]
    fn the_library_tells_even_when_it_was_replaced() {
        let line = |name: &str| {
            format!(
                "7f2c-7f2d r-xp 0002 fd:00 12 /usr/lib/x86_64-linux-gnu/libc.so.6\n7f3c-7f3d r-xp 0002 fd:00 13 /usr/lib/x86_64-linux-gnu/systemd/{name}\n"
            )
        };
        let installed = Release { major: 255, point: Some(4) };
        for (library, expected) in [
            ("libsystemd-shared-252.so", Some((252, None))),
            ("libsystemd-shared-257.13-1~deb13u1.so (deleted)", Some((257, Some(13)))),
            ("libsystemd-shared-255.so", Some((255, Some(4)))),
            ("libsystemd-shared-255.so (deleted)", Some((255, None))),
            ("libsystemd.so.0", None),
        ] {
            let found = release_in(&line(library), installed);
            assert_eq!(found.map(|it| (it.major, it.point)), expected, "{library}");
        }
    }
}
