//! networkd: what it has loaded, and reloading it.

mod description;
mod links;
mod protection;
mod running;
#[cfg(test)]
mod tests;
mod unread;

use std::collections::BTreeSet;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use hostwright::observed::{self, NextStart, UnitState};
use hostwright::value::{TextValue, UnitName};
use nix::sys::signal::Signal;

use super::systemd::{Object, Systemd};
use crate::failure::{During, Failure};
use description::Link;
pub(crate) use unread::unread;

const MANAGER: Object<'static> = Object {
    service: "org.freedesktop.network1",
    path: "/org/freedesktop/network1",
    interface: "org.freedesktop.network1.Manager",
};
const ALREADY_RELOADING: &str = "org.freedesktop.network1.AlreadyReloading";
/// Longest wait for links after a reload.
const SETTLE_LIMIT: Duration = Duration::from_secs(15);
/// Longest wait for links without carrier, which may never be configured.
const CARRIER_LIMIT: Duration = Duration::from_secs(3);
/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(100);
/// Time over which all looks, two at least, must find all links settled: up to 255 the reply comes before the work. With a
/// thousand links a look keeps networkd from that work for a tenth of a second, so it is time that counts, not looks.
const CALM: Duration = Duration::from_millis(400);

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
        let started = self.systemd.main_process_started(&unit())?;
        let process = self.systemd.main_process(&unit())?;
        let links = self.links()?;
        let installed = self.systemd.version()?;
        Ok(Some(observed::Networkd {
            version: process.and_then(running::major).unwrap_or(installed),
            left_alone: protection::left_alone(root, started)?,
            next: NextStart { version: installed, left_alone: protection::left_alone_at_start(root)? },
            read: started.unwrap_or_default().max(self.systemd.changed_state(&unit())?.unwrap_or_default()),
            failed: failed(&links),
            loaded: links.into_iter().filter_map(|it| Some((it.name, it.file?))).collect(),
            ..observed::Networkd::default()
        }))
    }

    /// Has networkd read its files again and waits until links have settled; returns a warning for each
    /// that has not.
    ///
    /// # Errors
    /// The bus fails, networkd does not run, or links failed that had not failed before.
    pub(crate) fn reload(&self) -> Result<Vec<String>, Failure> {
        self.demand()?;
        let before = failed(&self.links()?);
        self.call_reload()?;
        let after = self.settled()?;
        let fresh: Vec<String> = failed(&after).difference(&before).cloned().collect();
        if !fresh.is_empty() {
            let cause = format!("failed links: {}", fresh.join(", "));
            return Err(Failure::new(RELOAD, cause));
        }
        let unsettled = after.iter().filter(|it| it.is_on_its_way());
        Ok(unsettled.map(Link::warning).collect())
    }

    /// Stops networkd as its own restart does, which leaves links as they are, and starts it again. systemd itself is not
    /// asked for a restart: on our hosts it refuses that.
    ///
    /// # Errors
    /// systemd refuses, or networkd does not end or start.
    pub(crate) fn restart(&self) -> Result<(), Failure> {
        self.demand()?;
        self.systemd.kill(&unit(), Signal::SIGUSR2)?;
        let begun = Instant::now();
        while self.systemd.states(&[unit()])?.get(&unit()) == Some(&UnitState::Active) {
            if begun.elapsed() > SETTLE_LIMIT {
                return Err(Failure::new("restart networkd", "it does not end"));
            }
            thread::sleep(PAUSE);
        }
        self.systemd.start(&unit())?;
        self.settled().map(drop)
    }

    fn call_reload(&self) -> Result<(), Failure> {
        let begun = Instant::now();
        loop {
            match self.systemd.bus.call(MANAGER, "Reload", &()) {
                Err(error)
                    if begun.elapsed() < SETTLE_LIMIT
                        && super::systemd::is_refusal(&error, ALREADY_RELOADING) =>
                {
                    thread::sleep(PAUSE);
                }
                done => return done.during(|| RELOAD.to_owned()),
            }
        }
    }

    /// Looks until links have stayed settled, or have had their time.
    fn settled(&self) -> Result<Vec<Link>, Failure> {
        let begun = Instant::now();
        let mut calm: Option<Instant> = None;
        loop {
            let look = Instant::now();
            let links = self.links()?;
            let time = begun.elapsed();
            let awaited = links.iter().any(|it| it.is_on_its_way() && time < patience(it));
            calm = if awaited { None } else { calm.or(Some(look)) };
            if calm.is_some_and(|it| look.duration_since(it) >= CALM) {
                return Ok(links);
            }
            thread::sleep(PAUSE);
        }
    }

    fn links(&self) -> Result<Vec<Link>, Failure> {
        links::all(&self.systemd.bus).during(|| "read the links of networkd".to_owned())
    }

    fn demand(&self) -> Result<(), Failure> {
        if self.runs()? { Ok(()) } else { Err(Failure::new("ask networkd", "systemd-networkd does not run")) }
    }

    /// Asks systemd: a call to a networkd that is stopped would start it.
    fn runs(&self) -> Result<bool, Failure> {
        match self.systemd.states(&[unit()])?.get(&unit()) {
            Some(UnitState::Active) => Ok(true),
            Some(UnitState::Changing) => Err(Failure::new("ask networkd", "it is starting or stopping")),
            Some(UnitState::Inactive | UnitState::Failed) | None => Ok(false),
        }
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

fn patience(link: &Link) -> Duration {
    if link.has_carrier() { SETTLE_LIMIT } else { CARRIER_LIMIT }
}
