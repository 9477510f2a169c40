//! Sessions and their disks as sysfs shows them.

use std::collections::BTreeMap;
use std::fs;
use std::net::IpAddr;
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

/// A TCP connection of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Connection {
    /// Name of the target.
    pub(crate) target: String,
    /// Own address; absent: the kernel does not tell it.
    pub(crate) local: Option<IpAddr>,
    /// Address of the portal.
    pub(crate) peer: IpAddr,
}

/// Returns the connections of the sessions that are logged in.
pub(crate) fn connections(sys: &Path) -> Vec<Connection> {
    let sessions = sessions(sys, None).into_iter().filter(|it| it.state == "LOGGED_IN");
    sessions.flat_map(|it| connections_of(sys, &it)).collect()
}

/// Reads `connectionS:C/iscsi_connection/connectionS:C`. A target may have redirected the login: `address` is where it led,
/// `persistent_address` what was asked for. Of its own end the host of SCSI tells: `iscsi_tcp` has one for each session.
fn connections_of(sys: &Path, session: &Session) -> Vec<Connection> {
    let host = sys.join("class/iscsi_host").join(&session.host);
    let local = line(&host.join("ipaddress")).and_then(|it| ip(&it));
    let device = sys.join("class/iscsi_session").join(&session.name).join("device");
    let entries = fs::read_dir(device).into_iter().flatten().flatten().map(|it| it.file_name());
    let names = entries.filter_map(|it| it.into_string().ok()).filter(|it| it.starts_with("connection"));
    let class = sys.join("class/iscsi_connection");
    let peer = |name: &String| {
        let of = |file: &str| line(&class.join(name).join(file)).and_then(|it| ip(&it));
        of("address").or_else(|| of("persistent_address"))
    };
    let connection = |peer| Connection { target: session.target.clone(), local, peer };
    names.filter_map(|it| peer(&it)).map(connection).collect()
}

fn ip(text: &str) -> Option<IpAddr> {
    let found: IpAddr = text.parse().ok()?;
    Some(found.to_canonical()).filter(|it| !it.is_unspecified())
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

    #[test]
    fn a_connection_has_the_addresses_of_both_ends() {
        let directory = tempfile::tempdir().expect("a directory");
        let sys = directory.path();
        let class = |kind: &str, name: &str, files: &[(&str, &str)]| {
            let place = sys.join("class").join(kind).join(name);
            fs::create_dir_all(&place).expect("made");
            files.iter().for_each(|(file, text)| fs::write(place.join(file), text).expect("written"));
            place
        };
        let session = |number: usize, state: &str, address: &str| {
            let device = sys.join(format!("devices/platform/host{number}/session{number}"));
            fs::create_dir_all(device.join(format!("connection{number}:0"))).expect("made");
            let files = [("targetname", "iqn.2026-01.example:san\n"), ("state", state)];
            let place = class("iscsi_session", &format!("session{number}"), &files);
            std::os::unix::fs::symlink(&device, place.join("device")).expect("linked");
            let files = [("address", address), ("persistent_address", "10.0.42.10\n")];
            class("iscsi_connection", &format!("connection{number}:0"), &files);
        };
        session(2, "LOGGED_IN\n", "10.0.42.11\n");
        session(3, "LOGGED_IN\n", "\n");
        session(4, "FAILED\n", "10.0.42.12\n");
        class("iscsi_host", "host2", &[("ipaddress", "10.0.42.2\n")]);
        let target = "iqn.2026-01.example:san".to_owned();
        let connection = |local: Option<&str>, peer: &str| Connection {
            target: target.clone(),
            local: local.and_then(ip),
            peer: ip(peer).expect("an address"),
        };
        let expected = [connection(Some("10.0.42.2"), "10.0.42.11"), connection(None, "10.0.42.10")];
        assert_eq!(connections(sys), expected);
    }
}
