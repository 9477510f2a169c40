//! Records of open-iscsi: what it logs in with. Written whole; its own `-o new` would reset what is there.

use std::fmt;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use hostwright::value::{CredentialName, Iqn, ItemName, Portal, TextValue, UserName};

use crate::failure::{During, Failure};

/// A secret that nobody prints.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl Secret {
    /// Takes a text without the line break at its end.
    ///
    /// # Errors
    /// It has what a record cannot hold.
    pub(crate) fn new(text: &str) -> Result<Self, &'static str> {
        let text = text.strip_suffix('\n').unwrap_or(text);
        if text.is_empty() {
            return Err("the secret is empty");
        }
        if text.chars().any(|it| it.is_control() || it.is_whitespace()) {
            return Err("the secret has blanks or control characters, which open-iscsi cannot take");
        }
        Ok(Self(text.to_owned()))
    }
}

/// A name and its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chap {
    pub(crate) user: UserName,
    pub(crate) secret: Secret,
}

/// Where a side's name and secret are: `CREDENTIAL:USER`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChapFrom {
    pub(crate) credential: CredentialName,
    pub(crate) user: UserName,
}

/// What one session is made with.
#[derive(Debug)]
pub(crate) struct Record<'a> {
    pub(crate) name: &'a ItemName,
    pub(crate) target: &'a Iqn,
    pub(crate) portal: Portal,
    pub(crate) initiator: Option<&'a Iqn>,
    pub(crate) chap: Option<&'a Chap>,
    pub(crate) mutual_chap: Option<&'a Chap>,
    pub(crate) timeouts: Timeouts,
}

/// Seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeouts {
    pub(crate) replacement: u32,
    pub(crate) login: u32,
    pub(crate) noop_interval: u32,
    pub(crate) noop: u32,
}

/// First line of a record of ours, up to the name.
pub(crate) const MARK: &str = "# hostwright [iscsi.";

impl Record<'_> {
    /// Returns the record's place below the directory of records: one without a portal group, which the target tells.
    pub(crate) fn path(&self) -> PathBuf {
        let socket = self.portal.socket();
        Path::new(self.target.as_str()).join(format!("{},{}", socket.ip(), socket.port()))
    }

    fn text(&self) -> String {
        let mut text = format!("{MARK}{}]; do not edit\n# BEGIN RECORD 2.0\n", self.name);
        for (key, value) in self.lines() {
            writeln!(text, "{key} = {value}").expect("a string takes everything");
        }
        text.push_str("# END RECORD\n");
        text
    }

    fn lines(&self) -> Vec<(&'static str, String)> {
        let socket = self.portal.socket();
        let Timeouts { replacement, login, noop_interval, noop } = self.timeouts;
        let mut lines = vec![
            ("node.name", self.target.to_string()),
            ("node.tpgt", "-1".to_owned()),
            ("node.startup", "manual".to_owned()),
            ("node.leading_login", "No".to_owned()),
            ("iface.iscsi_ifacename", "default".to_owned()),
            ("iface.transport_name", "tcp".to_owned()),
            ("node.discovery_type", "static".to_owned()),
            ("node.session.initial_login_retry_max", "1".to_owned()),
            ("node.session.timeo.replacement_timeout", replacement.to_string()),
            ("node.conn[0].address", socket.ip().to_string()),
            ("node.conn[0].port", socket.port().to_string()),
            ("node.conn[0].startup", "manual".to_owned()),
            ("node.conn[0].timeo.login_timeout", login.to_string()),
            ("node.conn[0].timeo.noop_out_interval", noop_interval.to_string()),
            ("node.conn[0].timeo.noop_out_timeout", noop.to_string()),
        ];
        lines.extend(self.initiator.map(|it| ("iface.initiatorname", it.to_string())));
        lines.push((
            "node.session.auth.authmethod",
            if self.chap.is_some() { "CHAP" } else { "None" }.to_owned(),
        ));
        for (chap, user, secret) in [
            (self.chap, "node.session.auth.username", "node.session.auth.password"),
            (self.mutual_chap, "node.session.auth.username_in", "node.session.auth.password_in"),
        ] {
            lines.extend(chap.map(|it| (user, it.user.to_string())));
            lines.extend(chap.map(|it| (secret, it.secret.0.clone())));
        }
        lines
    }

    /// Writes the record whole, readable by root alone, below the directory of records.
    ///
    /// # Errors
    /// What the file system says.
    pub(crate) fn write(&self, records: &Path) -> Result<(), Failure> {
        let path = records.join(self.path());
        let what = || format!("write the record {}", path.display());
        let directory = path.parent().unwrap_or(records);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).during(what)?;
        let ignored = format!("{MARK}{}]; do not edit\n*\n", self.name);
        write_whole(&directory.join(IGNORED), &ignored).during(what)?;
        write_whole(&path, &self.text()).during(what)
    }
}

/// What git, and etckeeper with it, reads: Debian 12 has the records below /etc, whose history is no place for secrets.
const IGNORED: &str = ".gitignore";

/// Writes a file by way of one beside it, which open-iscsi takes for no portal: its name has no comma.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let temporary = path.with_file_name(format!(".hostwright-{}", std::process::id()));
    let _ = fs::remove_file(&temporary);
    let mut file = fs::File::options().write(true).create_new(true).mode(0o600).open(&temporary)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, path)
}

impl std::str::FromStr for ChapFrom {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (credential, user) = text.split_once(':').ok_or("a credential and a name, divided by `:`")?;
        Ok(Self { credential: CredentialName::parse(credential)?, user: UserName::parse(user)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(test: impl FnOnce(&Record<'_>)) {
        let name = ItemName::parse("san1").expect("a name");
        let target = Iqn::parse("iqn.2026-01.example:san").expect("a target");
        let user = UserName::parse("hv1").expect("a user");
        let chap = Chap { user, secret: Secret::new("geheim12345678\n").expect("a secret") };
        test(&Record {
            name: &name,
            target: &target,
            portal: Portal::parse("2001:db8::10").expect("a portal"),
            initiator: None,
            chap: Some(&chap),
            mutual_chap: None,
            timeouts: Timeouts { replacement: 120, login: 15, noop_interval: 5, noop: 5 },
        });
    }

    #[test]
    fn a_record_is_open_iscsis() {
        record(|it| {
            assert_eq!(it.path(), Path::new("iqn.2026-01.example:san/2001:db8::10,3260"));
            let text = it.text();
            assert!(text.starts_with("# hostwright [iscsi.san1]; do not edit\n# BEGIN RECORD"), "{text}");
            assert!(text.contains("node.session.auth.password = geheim12345678\n"), "{text}");
            assert!(text.contains("node.startup = manual\n") && !text.contains("initiatorname"), "{text}");
        });
    }

    #[test]
    fn nobody_prints_a_secret() {
        record(|it| assert!(!format!("{it:?}").contains("geheim"), "{it:?}"));
    }

    #[test]
    fn a_record_is_for_root_alone() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().expect("a directory");
        let records = directory.path().join("nodes");
        record(|it| {
            it.write(&records).expect("written");
            it.write(&records).expect("written again");
            let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
            assert_eq!(mode(&records.join(it.path())), 0o600);
            assert_eq!(mode(&records), 0o700);
            let left: Vec<_> = fs::read_dir(&records).expect("a directory").collect();
            assert_eq!(left.len(), 1);
        });
    }

    #[test]
    fn git_sees_nothing_of_a_target() {
        let directory = tempfile::tempdir().expect("a directory");
        record(|it| it.write(directory.path()).expect("written"));
        let target = directory.path().join("iqn.2026-01.example:san");
        let mut left: Vec<_> =
            fs::read_dir(&target).expect("a directory").flatten().map(|it| it.file_name()).collect();
        left.sort();
        assert_eq!(left, [".gitignore", "2001:db8::10,3260"]);
        assert!(fs::read_to_string(target.join(IGNORED)).expect("there").ends_with("\n*\n"));
    }

    #[test]
    fn secrets_that_no_record_can_hold() {
        assert!(Secret::new("").is_err() && Secret::new("a b").is_err() && Secret::new("a\nb").is_err());
    }
}
