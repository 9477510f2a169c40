//! Which version of networkd runs: behind an upgrade it is not systemd's, for on our hosts nobody restarts it.

use std::fs;

/// Name of the library that systemd's programs share, up to its version.
const LIBRARY: &str = "/libsystemd-shared-";

/// Returns the major version of a running program of systemd, by the library that it has loaded; nothing where that
/// does not tell.
pub(super) fn major(process: u32) -> Option<u32> {
    major_in(&fs::read_to_string(format!("/proc/{process}/maps")).ok()?)
}

fn major_in(maps: &str) -> Option<u32> {
    let version = maps.lines().find_map(|line| line.split_once(LIBRARY)).map(|it| it.1)?;
    let digits = version.find(|it: char| !it.is_ascii_digit()).map_or(version, |end| &version[..end]);
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major_in;

    #[test]
    fn the_library_tells_even_when_it_was_replaced() {
        let line = |name: &str| {
            format!(
                "7f2c-7f2d r-xp 0002 fd:00 12 /usr/lib/x86_64-linux-gnu/libc.so.6\n7f3c-7f3d r-xp 0002 fd:00 13 /usr/lib/x86_64-linux-gnu/systemd/{name}\n"
            )
        };
        assert_eq!(major_in(&line("libsystemd-shared-252.so")), Some(252));
        assert_eq!(major_in(&line("libsystemd-shared-257.13-1~deb13u1.so (deleted)")), Some(257));
        assert_eq!(major_in(&line("libsystemd.so.0")), None);
    }
}
