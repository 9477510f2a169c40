//! Who asks, and in which boot.

use nix::unistd::{Uid, User, getuid};

use crate::failure::{During, Failure};

/// What `/proc/self/loginuid` has where nobody logged in.
const NOBODY: u32 = u32::MAX;

/// Returns the name of the person: the one before sudo, or who logged in and became another, where there is one.
pub(crate) fn name() -> String {
    let named = |variable: &str| std::env::var(variable).ok().filter(|it| !it.is_empty());
    let logged_in = || login(&std::fs::read_to_string("/proc/self/loginuid").ok()?);
    named("SUDO_USER").unwrap_or_else(|| user(logged_in().unwrap_or_else(getuid)))
}

fn user(uid: Uid) -> String {
    User::from_uid(uid).ok().flatten().map_or_else(|| uid.to_string(), |it| it.name)
}

/// Reads who logged in.
fn login(text: &str) -> Option<Uid> {
    text.trim().parse().ok().filter(|it| *it != NOBODY).map(Uid::from_raw)
}

/// Returns the kernel's identifier of this boot.
///
/// # Errors
/// It cannot be read.
pub(crate) fn boot() -> Result<String, Failure> {
    let path = "/proc/sys/kernel/random/boot_id";
    std::fs::read_to_string(path).map(|it| it.trim().to_owned()).during(|| format!("read {path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_logged_in_is_known_unless_nobody_did() {
        assert_eq!(login("1000\n"), Some(Uid::from_raw(1000)));
        assert_eq!(login("4294967295"), None);
        assert_eq!(login(""), None);
        assert_eq!(user(Uid::from_raw(NOBODY - 7)), (NOBODY - 7).to_string(), "a user without a name");
    }
}
