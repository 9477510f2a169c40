//! iSCSI: sessions through open-iscsi, disks through sysfs.

pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod record;
pub(crate) mod sessions;
pub(crate) mod status;
mod usage;

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::failure::{During, Failure};

/// Where open-iscsi keeps its records: Debian 13, Debian 12.
pub(crate) const RECORDS: &[&str] = &["/var/lib/iscsi/nodes", "/etc/iscsi/nodes"];

/// Returns the directory of the records of the open-iscsi that is installed.
///
/// # Errors
/// There is none.
pub(crate) fn records() -> Result<PathBuf, Failure> {
    let parent = |it: &&&str| std::path::Path::new(it).parent().is_some_and(std::path::Path::is_dir);
    let there = RECORDS.iter().find(|it| std::path::Path::new(it).is_dir()).or(RECORDS.iter().find(parent));
    let found =
        there.ok_or_else(|| Failure::new("find the records of open-iscsi", "open-iscsi is not installed"));
    found.map(PathBuf::from)
}

/// What iscsiadm(8) ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// 0.
    Done,
    /// 15, `ISCSI_ERR_SESS_EXISTS`.
    SessionExists,
    /// 21, `ISCSI_ERR_NO_OBJS_FOUND`.
    NothingFound,
    /// Any other: why, in words.
    Refused(&'static str),
}

impl Ended {
    /// Reads an exit code, iscsiadm(8).
    pub(crate) const fn of(code: i32) -> Self {
        match code {
            0 => Self::Done,
            15 => Self::SessionExists,
            21 => Self::NothingFound,
            4 => Self::Refused("the connection failed"),
            5 => Self::Refused("iscsid failed"),
            8 => Self::Refused("the time is up"),
            11 => Self::Refused("the kernel refused the session"),
            12 => Self::Refused("the kernel has no iscsi_tcp"),
            19 => Self::Refused("the target refused the login"),
            20 => Self::Refused("iscsid does not run"),
            24 => Self::Refused("CHAP was refused: name or secret is wrong"),
            _ => Self::Refused("iscsiadm failed"),
        }
    }
}

/// Runs iscsiadm(8); its arguments hold no secret.
///
/// # Errors
/// It cannot be run.
pub(crate) fn iscsiadm(arguments: &[&str]) -> Result<Ended, Failure> {
    let ended = Command::new("iscsiadm")
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .during(|| "run iscsiadm".to_owned())?;
    Ok(Ended::of(ended.code().unwrap_or(-1)))
}
