//! networkd: what it has loaded, and reloading it.

mod description;
mod links;
mod protection;
mod running;
mod settle;
mod stamp;
mod states;
#[cfg(test)]
mod tests;
mod unread;

use std::collections::BTreeSet;
use std::path::Path;
use std::thread;
use std::time::Instant;

use hostwright::observed::{self, NextStart, UnitState};
use hostwright::value::{TextValue, UnitName};
use nix::sys::signal::Signal;

use super::netlink::Netlink;
use super::systemd::{Object, Systemd};
use crate::failure::{During, Failure};
use crate::moment::Moment;
use description::Link;
pub(crate) use stamp::TICK_MICROSECONDS;
pub(crate) use states::file_of;
pub(crate) use unread::unread;

const MANAGER: Object<'static> = Object {
    service: "org.freedesktop.network1",
    path: "/org/freedesktop/network1",
    interface: "org.freedesktop.network1.Manager",
};
const ALREADY_RELOADING: &str = "org.freedesktop.network1.AlreadyReloading";

/// systemd-networkd, reached over systemd's connection; never started by asking it.
#[derive(Debug)]
pub(crate) struct Networkd<'systemd> {
    systemd: &'systemd Systemd,
}

impl<'systemd> Networkd<'systemd> {
    /// Takes the manager that says whether networkd runs.
    pub(crate) fn new(systemd: &'systemd Systemd) -> Self {
        Self { systemd }
    }

    /// Returns what networkd has, its configuration below a root; nothing when it does not run.
    ///
    /// # Errors
    /// The bus or the file cannot be read, or networkd is just starting or stopping.
    pub(crate) fn state(&self, root: &Path) -> Result<Option<observed::Networkd>, Failure> {
        if !self.runs()? {
            return Ok(None);
        }
        let started = self.systemd.main_process_started(&unit())?.map(Moment::certainly);
        let changed = self.systemd.changed_state(&unit())?.map(Moment::certainly);
        let process = self.systemd.main_process(&unit())?;
        let links = self.links()?;
        let installed = self.systemd.version()?;
        let runs = process.and_then(|it| running::release(it, installed));
        let next = NextStart {
            version: installed.major,
            point: installed.point,
            left_alone: protection::left_alone_at_start(root)?,
        };
        Ok(Some(observed::Networkd {
            version: runs.map_or(installed.major, |it| it.major),
            point: runs.and_then(|it| it.point),
            left_alone: protection::left_alone(root, started)?,
            next,
            read: started.max(changed).unwrap_or_default(),
            failed: failed(&links),
            loaded: links.into_iter().filter_map(|it| Some((it.name, it.file?))).collect(),
            ..observed::Networkd::default()
        }))
    }

    /// Has networkd, with its state below a root, read its files again and waits until links have settled.
    ///
    /// # Errors
    /// The bus fails, networkd does not run, or links failed that had not failed before.
    pub(crate) fn reload(&self, root: &Path, netlink: &Netlink) -> Result<(), Failure> {
        self.demand()?;
        let before = self.links()?;
        self.call_reload()?;
        let after = settle::settled(&Working { networkd: self, root, netlink }, &before)?;
        let fresh: Vec<String> = failed(&after).difference(&failed(&before)).cloned().collect();
        if fresh.is_empty() {
            return Ok(());
        }
        Err(Failure::new(RELOAD, format!("failed links: {}", fresh.join(", "))))
    }

    /// Stops networkd as its own restart does, which leaves links as they are. systemd itself is not asked for it: on our
    /// hosts it refuses that.
    ///
    /// # Errors
    /// systemd refuses, or networkd does not end: it runs as before.
    pub(crate) fn end(&self) -> Result<(), Failure> {
        self.demand()?;
        let ending = self.systemd.main_process(&unit())?;
        self.systemd.kill(&unit(), Signal::SIGUSR2)?;
        let begun = Instant::now();
        // Its socket may have the next one started before anybody looks.
        while self.unit_state()? == Some(UnitState::Active) && self.systemd.main_process(&unit())? == ending {
            if begun.elapsed() > settle::LIMIT {
                return Err(Failure::new("restart networkd", "it does not end"));
            }
            thread::sleep(settle::PAUSE);
        }
        Ok(())
    }

    /// Starts networkd, with its state below a root, where its socket did not, and waits until links have settled.
    ///
    /// # Errors
    /// systemd refuses, or links do not settle.
    pub(crate) fn start(&self, root: &Path, netlink: &Netlink) -> Result<(), Failure> {
        self.systemd.start(&unit())?;
        settle::settled(&Working { networkd: self, root, netlink }, &[]).map(drop)
    }

    fn call_reload(&self) -> Result<(), Failure> {
        let begun = Instant::now();
        loop {
            let bus = &self.systemd.bus;
            match bus.call_within(bus.limits.network, MANAGER, "Reload", &()) {
                Err(error)
                    if begun.elapsed() < settle::LIMIT
                        && super::systemd::is_refusal(&error, ALREADY_RELOADING) =>
                {
                    thread::sleep(settle::PAUSE);
                }
                done => return done.during(|| RELOAD.to_owned()),
            }
        }
    }

    fn links(&self) -> Result<Vec<Link>, Failure> {
        links::all(&self.systemd.bus).during(|| "read the links of networkd".to_owned())
    }

    /// Waits for one that is starting or stopping: its package may just be upgraded.
    fn demand(&self) -> Result<(), Failure> {
        let begun = Instant::now();
        while self.unit_state()? == Some(UnitState::Changing) && begun.elapsed() < settle::LIMIT {
            thread::sleep(settle::PAUSE);
        }
        if self.runs()? { Ok(()) } else { Err(Failure::new("ask networkd", "systemd-networkd does not run")) }
    }

    /// Asks systemd: a call to a networkd that is stopped would start it.
    fn unit_state(&self) -> Result<Option<UnitState>, Failure> {
        Ok(self.systemd.states(&[unit()])?.remove(&unit()))
    }

    fn runs(&self) -> Result<bool, Failure> {
        match self.unit_state()? {
            Some(UnitState::Active) => Ok(true),
            Some(UnitState::Changing) => Err(Failure::new("ask networkd", "it is starting or stopping")),
            Some(UnitState::Inactive | UnitState::Failed) | None => Ok(false),
        }
    }
}

/// networkd at work, its state below a root, and the kernel it works on.
struct Working<'ports> {
    networkd: &'ports Networkd<'ports>,
    root: &'ports Path,
    netlink: &'ports Netlink,
}

impl settle::Links for Working<'_> {
    fn described(&self) -> Result<Vec<Link>, Failure> {
        self.networkd.links()
    }

    fn glimpsed(&self) -> Option<Vec<Link>> {
        states::read(self.root)
    }

    fn answers(&self) -> Result<(), Failure> {
        links::ping(&self.networkd.systemd.bus).during(|| "ask networkd".to_owned())
    }

    fn detecting(&self) -> Result<BTreeSet<u32>, Failure> {
        self.netlink.detecting()
    }
}

const RELOAD: &str = "reload networkd";

fn unit() -> UnitName {
    UnitName::parse("systemd-networkd.service").expect("a unit name")
}

fn failed(links: &[Link]) -> BTreeSet<String> {
    let failed = links.iter().filter(|it| it.state == "failed");
    failed.map(|it| it.name.clone()).collect()
}
