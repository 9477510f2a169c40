//! Logouts: only of sessions whose disks nobody uses.

use std::fs;
use std::path::Path;

use hostwright::value::{Iqn, TextValue};

use super::record::MARK;
use super::sessions::{Session, sessions};
use super::{Ended, iscsiadm, records, usage};
use crate::failure::Failure;

/// Logs out of a target whose disks nobody uses; otherwise returns who does.
///
/// # Errors
/// It cannot be found out, or open-iscsi refuses.
pub(crate) fn logout(target: &Iqn) -> Result<Vec<String>, Failure> {
    let sessions = sessions(Path::new("/sys"), Some(target));
    if sessions.is_empty() {
        return Ok(Vec::new());
    }
    let users = users(&sessions)?;
    if !users.is_empty() {
        return Ok(users);
    }
    match iscsiadm(&["-m", "node", "-T", target.as_str(), "--logout"])? {
        Ended::Refused(why) => Err(Failure::new(format!("log out of {target}"), why)),
        _ => Ok(Vec::new()),
    }
}

/// Says who uses the disks of a target.
///
/// # Errors
/// It cannot be found out.
pub(crate) fn users_of(target: &Iqn) -> Result<Vec<String>, Failure> {
    users(&sessions(Path::new("/sys"), Some(target)))
}

fn users(sessions: &[Session]) -> Result<Vec<String>, Failure> {
    let mut users = Vec::new();
    for (number, disk) in sessions.iter().flat_map(|it| &it.disks) {
        let found = usage::users(&disk.name)?;
        users.extend(found.into_iter().map(|it| format!("disk {number}, {}: {it}", disk.name)));
    }
    Ok(users)
}

/// Logs out of targets that others recorded and nobody uses: what a stop of open-iscsi.service does on our hosts.
///
/// # Errors
/// The records cannot be found.
pub(crate) fn logout_others() -> Result<Vec<String>, Failure> {
    let records = records()?;
    let mut said = Vec::new();
    for session in sessions(Path::new("/sys"), None) {
        let Ok(target) = Iqn::parse(&session.target) else { continue };
        if is_ours(&records.join(target.as_str())) {
            continue;
        }
        let users = logout(&target).unwrap_or_else(|failure| vec![failure.to_string()]);
        said.extend(users.into_iter().map(|it| format!("{target} stays: {it}")));
    }
    Ok(said)
}

/// Says whether a target's directory holds a record of ours.
fn is_ours(target: &Path) -> bool {
    let entries = fs::read_dir(target).into_iter().flatten().flatten();
    entries.map(|it| it.path()).any(|it| {
        let text = if it.is_file() { fs::read_to_string(it) } else { Ok(String::new()) };
        text.is_ok_and(|it| it.starts_with(MARK))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_tells_whose_it_is() {
        let directory = tempfile::tempdir().expect("a directory");
        let target = directory.path().join("iqn.2026-01.example:a");
        fs::create_dir_all(target.join("10.0.0.1,3260,1")).expect("made");
        fs::write(target.join("10.0.0.1,3260,1/default"), "# BEGIN RECORD 2.1.8\n").expect("written");
        assert!(!is_ours(&target) && !is_ours(&directory.path().join("absent")));
        fs::write(target.join("10.0.0.2,3260"), "# hostwright [iscsi.a]; do not edit\n").expect("written");
        assert!(is_ours(&target));
    }
}
