//! Who asks, and in which boot.

use crate::failure::{During, Failure};

/// Returns the name of the person: the one before sudo, where there is one.
pub(crate) fn name() -> String {
    let named = |variable: &str| std::env::var(variable).ok().filter(|it| !it.is_empty());
    let user = || nix::unistd::User::from_uid(nix::unistd::getuid()).ok().flatten().map(|it| it.name);
    named("SUDO_USER").or_else(user).unwrap_or_else(|| nix::unistd::getuid().to_string())
}

/// Returns the kernel's identifier of this boot.
///
/// # Errors
/// It cannot be read.
pub(crate) fn boot() -> Result<String, Failure> {
    let path = "/proc/sys/kernel/random/boot_id";
    std::fs::read_to_string(path).map(|it| it.trim().to_owned()).during(|| format!("read {path}"))
}
