//! Sessions and their disks as sysfs shows them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use hostwright::value::Iqn;

/// A session to a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    /// `session1`.
    pub(crate) name: String,
    /// Name of the target.
    pub(crate) target: String,
    /// What the kernel says: `LOGGED_IN`, `FAILED`, `FREE`.
    pub(crate) state: String,
    /// SCSI host: `host2`.
    pub(crate) host: String,
    /// Disks by logical unit number.
    pub(crate) disks: BTreeMap<u64, Disk>,
}

/// A disk of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Disk {
    /// Kernel name: `sda`.
    pub(crate) name: String,
    /// World wide name; absent: it has none, or does not answer.
    pub(crate) wwid: Option<String>,
}

/// Returns the sessions to a target, or to all.
pub(crate) fn sessions(sys: &Path, target: Option<&Iqn>) -> Vec<Session> {
    let entries = fs::read_dir(sys.join("class/iscsi_session")).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries.filter_map(|it| session(&it.path())).collect();
    found.retain(|it| target.is_none_or(|target| target.as_str() == it.target));
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn session(class: &Path) -> Option<Session> {
    let device = class.join("device");
    let real = fs::canonicalize(&device).ok()?;
    Some(Session {
        name: class.file_name()?.to_str()?.to_owned(),
        target: line(&class.join("targetname"))?,
        state: line(&class.join("state")).unwrap_or_default(),
        host: real.parent()?.file_name()?.to_str()?.to_owned(),
        disks: disks(&device),
    })
}

/// Reads `targetH:C:T/H:C:T:L/block/NAME`.
fn disks(device: &Path) -> BTreeMap<u64, Disk> {
    let below = |path: &Path| fs::read_dir(path).into_iter().flatten().flatten().map(|it| it.path());
    let name = |path: &PathBuf| path.file_name().and_then(|it| it.to_str()).unwrap_or_default().to_owned();
    let targets = below(device).filter(|it| name(it).starts_with("target"));
    let units = targets.flat_map(|it| below(&it).collect::<Vec<_>>());
    let disk = |unit: PathBuf| {
        let number = name(&unit).rsplit_once(':')?.1.parse().ok()?;
        let block = below(&unit.join("block")).next()?;
        Some((number, Disk { name: name(&block), wwid: line(&unit.join("wwid")) }))
    };
    units.filter_map(disk).collect()
}

fn line(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    Some(text.trim().to_owned()).filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_disks_by_number() {
        let sys = tempfile::tempdir().expect("a directory");
        let device = sys.path().join("devices/platform/host2/session1");
        let unit = device.join("target2:0:0/2:0:0:3");
        fs::create_dir_all(unit.join("block/sda")).expect("made");
        fs::write(unit.join("wwid"), "naa.6001405a0b1c2d3e\n").expect("written");
        let class = device.join("iscsi_session/session1");
        fs::create_dir_all(&class).expect("made");
        fs::write(class.join("targetname"), "iqn.2026-01.example:san\n").expect("written");
        fs::write(class.join("state"), "LOGGED_IN\n").expect("written");
        std::os::unix::fs::symlink(&device, class.join("device")).expect("linked");
        fs::create_dir_all(sys.path().join("class/iscsi_session")).expect("made");
        std::os::unix::fs::symlink(&class, sys.path().join("class/iscsi_session/session1")).expect("linked");
        let disk = Disk { name: "sda".to_owned(), wwid: Some("naa.6001405a0b1c2d3e".to_owned()) };
        let expected = Session {
            name: "session1".to_owned(),
            target: "iqn.2026-01.example:san".to_owned(),
            state: "LOGGED_IN".to_owned(),
            host: "host2".to_owned(),
            disks: [(3, disk)].into(),
        };
        assert_eq!(sessions(sys.path(), None), [expected]);
        let other = hostwright::value::TextValue::parse("iqn.2026-01.example:other").expect("a name");
        assert_eq!(sessions(sys.path(), Some(&other)), []);
    }
}
