//! Names of systemd units.

use super::{AbsolutePath, Refusal, checked_text};

/// Longest name: `UNIT_NAME_MAX` less its NUL.
const LONGEST: usize = 255;
const SUFFIXES: &[&str] = &[".service", ".mount", ".automount", ".device", ".target", ".timer"];

fn unit_name(text: &str) -> Result<(), Refusal> {
    let allowed = |it: char| it.is_ascii_alphanumeric() || ":-_.\\@".contains(it);
    let suffixed = SUFFIXES.iter().any(|suffix| text.ends_with(suffix) && text.len() > suffix.len());
    if suffixed && text.len() <= LONGEST && text.chars().all(allowed) {
        Ok(())
    } else {
        Err(format!("`{text}` is not a unit name"))
    }
}

checked_text!(
    /// Name of a unit with its suffix, systemd.unit(5).
    UnitName, "a unit name, like \"srv-scratch.mount\"", unit_name
);

impl UnitName {
    /// Names the unit of a path: `/srv/a-b` with `mount` is `srv-a\x2db.mount`.
    ///
    /// # Errors
    /// The name would be longer than systemd allows.
    pub fn of_path(path: &AbsolutePath, suffix: &str) -> Result<Self, Refusal> {
        let name = format!("{}.{suffix}", escape_path(path.as_str()));
        unit_name(&name).map(|()| Self(name))
    }

    /// Returns the part behind the last dot.
    #[must_use]
    pub fn suffix(&self) -> &str {
        self.as_str().rsplit('.').next().unwrap_or_default()
    }

    /// Returns the mount that an automount triggers; absent for other units.
    #[must_use]
    pub fn triggered_mount(&self) -> Option<Self> {
        self.as_str().strip_suffix(".automount").map(|path| Self(format!("{path}.mount")))
    }

    /// Says whether the unit is a mount, systemd.mount(5).
    #[must_use]
    pub fn is_mount(&self) -> bool {
        self.suffix() == "mount"
    }
}

/// Escapes a path as systemd-escape(1) `--path` does.
#[must_use]
pub fn escape_path(path: &str) -> String {
    let path = path.trim_matches('/');
    let mut escaped = String::with_capacity(path.len());
    for (at, byte) in path.bytes().enumerate() {
        match byte {
            b'/' => escaped.push('-'),
            b'.' if at == 0 => escaped.push_str("\\x2e"),
            b':' | b'_' | b'.' => escaped.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => escaped.push(char::from(byte)),
            _ => escaped.push_str(&format!("\\x{byte:02x}")),
        }
    }
    if escaped.is_empty() { "-".to_owned() } else { escaped }
}

#[cfg(test)]
mod tests {
    use super::super::{TextValue, check};
    use super::*;

    #[test]
    fn paths_are_escaped_like_systemd_escape_does() {
        for (path, escaped) in [
            ("/srv/ct/web-01", r"srv-ct-web\x2d01"),
            ("/srv/.a b", r"srv-.a\x20b"),
            ("/.srv", r"\x2esrv"),
            ("/dev/disk/by-path/ip-1:3260", r"dev-disk-by\x2dpath-ip\x2d1:3260"),
            ("/é%", r"\xc3\xa9\x25"),
            ("/", "-"),
        ] {
            assert_eq!(escape_path(path), escaped, "{path}");
        }
    }

    #[test]
    fn unit_names() {
        check::<UnitName>("hostwright-domain-web1.service", Ok("hostwright-domain-web1.service"));
        check::<UnitName>(".service", Err("not a unit name"));
        check::<UnitName>("a/b.service", Err("not a unit name"));
        let long = AbsolutePath::parse(&format!("/{}", "ä".repeat(30))).expect("a path");
        assert!(UnitName::of_path(&long, "mount").is_ok());
        let longer = AbsolutePath::parse(&format!("/{}", "ä".repeat(32))).expect("a path");
        assert!(UnitName::of_path(&longer, "mount").is_err());
    }
}
