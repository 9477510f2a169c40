//! The executor's memory: nothing that the steps need may have to come from a disk, which may hang on a link that is changed.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;

use nix::libc::MCL_ONFAULT;
use nix::sys::mman::{MlockAllFlags, mlockall};

use crate::failure::{During, Failure};

/// Bytes that are read at a time.
const PIECE: usize = 1 << 16;

/// Libraries whose code may be needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Libraries {
    /// Those without which no program runs.
    Basic,
    /// Libvirt's, too, and what it needs itself.
    All,
}

/// Names of the basic ones, up to their versions.
const BASIC: &[&str] = &["ld-linux", "libc.so", "libgcc_s.so", "libm.so"];

/// Locks what is used, and uses what may be needed: the program, and the code of its libraries. All that is mapped would
/// be more than twice that, for libvirt's libraries bring 30 MB of tables.
///
/// # Errors
/// The kernel's.
pub(crate) fn lock(libraries: Libraries) -> Result<(), Failure> {
    let what = || "lock memory".to_owned();
    let on_fault = MlockAllFlags::from_bits_retain(MCL_ONFAULT);
    mlockall(MlockAllFlags::MCL_CURRENT | MlockAllFlags::MCL_FUTURE | on_fault).during(what)?;
    touch(libraries).during(what)
}

/// Reads what is needed through the kernel, which brings it to memory.
fn touch(libraries: Libraries) -> io::Result<()> {
    let program = fs::read_link("/proc/self/exe")?;
    let memory = File::open("/proc/self/mem")?;
    let mut piece = vec![0; PIECE];
    let maps = fs::read_to_string("/proc/self/maps")?;
    let program = program.to_string_lossy();
    for (begin, end) in maps.lines().filter_map(|line| needed(line, &program, libraries)) {
        for place in (begin..end).step_by(PIECE) {
            let length = usize::try_from(end - place).unwrap_or(PIECE).min(PIECE);
            memory.read_exact_at(&mut piece[..length], place)?;
        }
    }
    Ok(())
}

/// Returns where a mapping lies that is code, or the program's own.
fn needed(line: &str, program: &str, libraries: Libraries) -> Option<(u64, u64)> {
    let mut words = line.split_whitespace();
    let (range, rights, path) = (words.next()?, words.next()?, words.nth(3)?);
    let is_basic = || path.rsplit('/').next().is_some_and(|name| BASIC.iter().any(|it| name.starts_with(it)));
    let code = rights.contains('x') && path.starts_with('/') && (libraries == Libraries::All || is_basic());
    if !rights.starts_with('r') || !(code || path == program) {
        return None;
    }
    let (begin, end) = range.split_once('-')?;
    Some((u64::from_str_radix(begin, 16).ok()?, u64::from_str_radix(end, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::{Libraries, needed};

    #[test]
    fn code_and_the_program_are_needed_and_tables_are_not() {
        let line = |rights: &str, path: &str| format!("7f00-7f10 {rights} 00001000 fe:00 12   {path}");
        let place = |rights: &str, path: &str| {
            needed(&line(rights, path), "/usr/local/bin/hostwright", Libraries::All)
        };
        assert_eq!(place("r-xp", "/lib/libvirt.so.0"), Some((0x7f00, 0x7f10)));
        assert_eq!(place("r--p", "/usr/local/bin/hostwright"), Some((0x7f00, 0x7f10)));
        assert_eq!(place("r--p", "/lib/libicudata.so.72"), None);
        assert_eq!(place("r-xp", "[vdso]"), None);
        assert_eq!(place("rw-p", ""), None);
    }

    #[test]
    fn libraries_of_libvirt_are_needed_where_it_is_asked_alone() {
        let is_basic = |path: &str| {
            let line = format!("7f00-7f10 r-xp 00001000 fe:00 12   {path}");
            needed(&line, "/usr/local/bin/hostwright", Libraries::Basic).is_some()
        };
        let basic = [
            "/usr/lib/x86_64-linux-gnu/libc.so.6",
            "/lib64/ld-linux-x86-64.so.2",
            "/usr/local/bin/hostwright",
        ];
        assert!(basic.into_iter().all(is_basic));
        let others = ["/lib/libvirt.so.0.9000.0", "/lib/libcrypto.so.3", "/lib/libcap-ng.so.0"];
        assert!(!others.into_iter().any(is_basic));
    }
}
