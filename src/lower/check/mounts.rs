//! Where file systems are mounted.

use std::path::Path;

use super::super::Declared;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::spec::Namespace;

/// Directories that a boot needs as they are, before any mount of a spec.
const OF_THE_SYSTEM: &[&str] =
    &["/", "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr"];
/// Directories below which the kernel and systemd alone mount.
const OF_THE_KERNEL: &[&str] = &["/dev", "/proc", "/sys"];

/// Refuses to hide what the host boots from.
pub(in super::super) fn over_the_system(declared: &Declared, diagnostics: &mut Diagnostics) {
    for (place, table) in declared.given(Namespace::MountPoint).filter(|(place, _)| is_of_the_system(place)) {
        let message =
            format!("`{place}` is a directory of the system: a mount would hide what the host boots from");
        let hint = "a file system of your own belongs below `/srv`, `/mnt`, `/var/lib` or a new directory";
        diagnostics.push(Diagnostic::error(Code::InvalidValue, table.span, message).hint(hint));
    }
}

fn is_of_the_system(place: &str) -> bool {
    let path = Path::new(place);
    OF_THE_SYSTEM.iter().any(|it| path == Path::new(it))
        || OF_THE_KERNEL.iter().any(|it| path.starts_with(it))
}
