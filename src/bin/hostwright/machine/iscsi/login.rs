//! Logins, and the disks they bring.

use std::net::TcpStream;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use hostwright::value::{Iqn, ItemName, Lun, Portal, Wwn};

use super::record::{Chap, ChapFrom, Record, Secret, Timeouts};
use super::sessions::{Session, sessions};
use super::{Ended, iscsiadm, records};
use crate::failure::{During, Failure};

/// How long a portal may take to answer at all.
const PORTAL_LIMIT: Duration = Duration::from_secs(5);
/// How long a disk may take to appear after a login.
const DISK_LIMIT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(500);
const SYS: &str = "/sys";

/// What a login unit knows: everything but secrets.
#[derive(Debug)]
pub(crate) struct Login<'a> {
    pub(crate) name: &'a ItemName,
    pub(crate) target: &'a Iqn,
    pub(crate) portals: &'a [Portal],
    pub(crate) initiator: Option<&'a Iqn>,
    pub(crate) chap: Option<&'a ChapFrom>,
    pub(crate) mutual_chap: Option<&'a ChapFrom>,
    pub(crate) timeouts: Timeouts,
}

/// Brings about one session, over the first portal that answers; one that is there is taken.
///
/// # Errors
/// No portal let the host in: each with its reason.
pub(crate) fn login(login: &Login<'_>) -> Result<(), Failure> {
    let what = || format!("log in to {}", login.target);
    let records = records()?;
    let chap = login.chap.map(secret).transpose()?;
    let mutual_chap = login.mutual_chap.map(secret).transpose()?;
    let mut refusals = Vec::new();
    for portal in login.portals {
        let record = Record {
            name: login.name,
            target: login.target,
            portal: *portal,
            initiator: login.initiator,
            chap: chap.as_ref(),
            mutual_chap: mutual_chap.as_ref(),
            timeouts: login.timeouts,
        };
        record.write(&records)?;
        if !sessions(Path::new(SYS), Some(login.target)).is_empty() {
            return Ok(());
        }
        match try_portal(login.target, *portal)? {
            Ended::Done | Ended::SessionExists => return Ok(()),
            Ended::NothingFound => {
                refusals.push(format!("portal {portal}: open-iscsi does not read the record"));
            }
            Ended::Refused(why) => refusals.push(format!("portal {portal}: {why}")),
        }
    }
    Err(Failure::new(what(), refusals.join("; ")))
}

fn try_portal(target: &Iqn, portal: Portal) -> Result<Ended, Failure> {
    if TcpStream::connect_timeout(&portal.socket(), PORTAL_LIMIT).is_err() {
        return Ok(Ended::Refused("it does not answer"));
    }
    let portal = portal.to_string();
    iscsiadm(&["-m", "node", "-T", target.as_str(), "-p", &portal, "--login"])
}

/// Reads a side's secret from the credential that systemd has decrypted for the unit.
fn secret(from: &ChapFrom) -> Result<Chap, Failure> {
    let what = || format!("read the credential {}", from.credential);
    let directory = std::env::var_os("CREDENTIALS_DIRECTORY");
    let directory = directory.ok_or_else(|| {
        Failure::new(what(), "systemd did not hand it over: this runs in the unit of the target")
    })?;
    let text = std::fs::read_to_string(Path::new(&directory).join(from.credential.as_str())).during(what)?;
    Ok(Chap { user: from.user.clone(), secret: Secret::new(&text).during(what)? })
}

/// Waits for a disk and compares its name with the spec's.
///
/// # Errors
/// It does not come, or it is another one: both names are said.
pub(crate) fn check_disk(lun: &Lun, target: &Iqn, wwn: &Wwn) -> Result<(), Failure> {
    let what = || format!("find disk {lun}");
    let end = Instant::now() + DISK_LIMIT;
    let mut asked = false;
    loop {
        let sessions = sessions(Path::new(SYS), Some(target));
        let refusal = match found(&sessions, lun) {
            Some(wwid) if wwid == wwn.as_str() => {
                if Path::new(wwn.device().as_str()).exists() {
                    return Ok(());
                }
                format!("udev has not made {}", wwn.device())
            }
            Some(wwid) => {
                let cause = format!("the disk behind it is {wwid}, the spec says {wwn}: nothing uses it");
                return Err(Failure::new(what(), cause));
            }
            None if sessions.is_empty() => {
                return Err(Failure::new(what(), format!("the host is not logged in to {target}")));
            }
            None => format!("{target} shows no disk with the number {}", lun.number),
        };
        if Instant::now() >= end {
            return Err(Failure::new(what(), refusal));
        }
        if !std::mem::replace(&mut asked, true) {
            sessions.iter().try_for_each(rescan)?;
        }
        sleep(PAUSE);
    }
}

fn found<'a>(sessions: &'a [Session], lun: &Lun) -> Option<&'a str> {
    let disk = sessions.iter().find_map(|it| it.disks.get(&lun.number.into()))?;
    Some(disk.wwid.as_deref().unwrap_or("without a name"))
}

/// Has the kernel ask a target for its disks.
///
/// # Errors
/// The kernel's.
pub(crate) fn rescan(session: &Session) -> Result<(), Failure> {
    let path = Path::new(SYS).join("class/scsi_host").join(&session.host).join("scan");
    std::fs::write(&path, "- - -").during(|| format!("look for disks of {}", session.target))
}
