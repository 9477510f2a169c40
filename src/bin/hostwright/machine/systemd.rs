//! systemd's manager: units, jobs, transient units, reloading.

mod bus;
mod jobs;
mod limit;
mod properties;
#[cfg(test)]
mod tests;
mod transient;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hostwright::observed::{Release, UnitState};
use hostwright::value::UnitName;
use nix::sys::signal::Signal;
use zbus::OwnedObjectPath;

pub(super) use bus::{Bus, Object, is_refusal};
use transient::Auxiliary;
pub(crate) use transient::{TransientService, TransientTimer};

use crate::failure::{During, Failure};

const SERVICE: &str = "org.freedesktop.systemd1";
const MANAGER: Object<'static> = Object {
    service: SERVICE,
    path: "/org/freedesktop/systemd1",
    interface: "org.freedesktop.systemd1.Manager",
};
const NOT_LOADED: &str = "org.freedesktop.systemd1.NoSuchUnit";
/// Longest wait for a job; systemd's own limits, a minute and a half by default, end most jobs before.
const JOB_LIMIT: Duration = Duration::from_secs(300);
/// What each job has where all of them together had their time: most end at once.
const LEAST: Duration = Duration::from_secs(5);

/// A unit as `ListUnitsByNames` writes it: name, description, load, active and sub state, followed unit, path, job.
type Listed = (String, String, String, String, String, String, OwnedObjectPath, u32, String, OwnedObjectPath);

/// systemd as PID 1, reached over the system bus when it is first asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Systemd {
    pub(super) bus: Bus,
    /// When all jobs together had their time; absent: each has its own.
    pub(super) hurry: Option<Instant>,
}

impl Systemd {
    /// Returns the version of the running manager.
    ///
    /// # Errors
    /// The bus fails, or the version does not begin with a number.
    pub(crate) fn version(&self) -> Result<Release, Failure> {
        let what = || "read the version of systemd".to_owned();
        let text: String = self.bus.property(MANAGER, "Version").during(what)?;
        Release::parse(&text).ok_or_else(|| Failure::new(what(), format!("`{text}` is not a version")))
    }

    /// Gives all jobs from now on a time together.
    pub(crate) fn hurry(&mut self, time: Duration) {
        self.hurry = Some(Instant::now() + time);
    }

    fn job_limit(&self) -> Duration {
        let left = self.hurry.map(|it| it.saturating_duration_since(Instant::now()));
        left.map_or(JOB_LIMIT, |it| it.max(LEAST))
    }

    /// Says whether the machine goes down. Where only userspace starts anew, links stay as they are: then it does not.
    ///
    /// # Errors
    /// The bus fails.
    pub(crate) fn is_stopping(&self) -> Result<bool, Failure> {
        let asked = (&["shutdown.target", "soft-reboot.target"][..],);
        let listed: Vec<Listed> = self
            .bus
            .call(MANAGER, "ListUnitsByNames", &asked)
            .during(|| "read the state of the machine".to_owned())?;
        let comes = |name: &str| {
            let mut units = listed.iter().filter(|it| it.0 == name);
            units.any(|it| it.7 != 0 || matches!(it.3.as_str(), "active" | "activating"))
        };
        Ok(comes("shutdown.target") && !comes("soft-reboot.target"))
    }

    /// Runs the generators and loads all units again; returns when that is done.
    ///
    /// # Errors
    /// The bus fails, or systemd refuses.
    pub(crate) fn daemon_reload(&self) -> Result<(), Failure> {
        let what = || "load units again".to_owned();
        // systemd replies when it has reloaded, not before.
        self.bus.call_within(self.bus.limits.units, MANAGER, "Reload", &()).during(what)
    }

    /// Starts a unit and waits for its job.
    ///
    /// # Errors
    /// The bus fails, the job still runs at the limit or ends with another result than `done` or `skipped`.
    pub(crate) fn start(&self, name: &UnitName) -> Result<(), Failure> {
        let what = || format!("start {name}");
        let body = (name.as_str(), "replace");
        let result = jobs::run(&self.bus, "StartUnit", &body, self.job_limit()).during(what)?;
        self.judge(name, what(), &result)
    }

    /// Stops a unit and waits for its job; one that is not loaded is stopped.
    ///
    /// # Errors
    /// As for [`Systemd::start`].
    pub(crate) fn stop(&self, name: &UnitName) -> Result<(), Failure> {
        let what = || format!("stop {name}");
        let body = (name.as_str(), "replace");
        match jobs::run(&self.bus, "StopUnit", &body, self.job_limit()) {
            Err(error) if bus::is_refusal(&error, NOT_LOADED) => Ok(()),
            ended => self.judge(name, what(), &ended.during(what)?),
        }
    }

    /// Sends a signal to the main process of a unit.
    ///
    /// # Errors
    /// The bus fails, or the unit has no such process.
    pub(crate) fn kill(&self, name: &UnitName, signal: Signal) -> Result<(), Failure> {
        let body = (name.as_str(), "main", signal as i32);
        self.bus.call(MANAGER, "KillUnit", &body).during(|| format!("send {signal} to {name}"))
    }

    /// Returns the states of those units that are loaded or active.
    ///
    /// # Errors
    /// The bus fails.
    pub(crate) fn states(&self, names: &[UnitName]) -> Result<BTreeMap<UnitName, UnitState>, Failure> {
        let asked: Vec<&str> = names.iter().map(UnitName::as_str).collect();
        let listed: Vec<Listed> = self
            .bus
            .call(MANAGER, "ListUnitsByNames", &(asked,))
            .during(|| "read the states of units".to_owned())?;
        let state = |it: &Listed| state(&it.2, &it.3);
        let states = listed.iter().filter_map(|it| {
            let name = names.iter().find(|name| name.as_str() == it.0)?;
            Some((name.clone(), state(it)?))
        });
        Ok(states.collect())
    }

    /// Starts a transient service; returns when its program was executed.
    ///
    /// # Errors
    /// As for [`Systemd::start`], and when a unit of this name exists.
    pub(crate) fn start_transient(&self, service: &TransientService) -> Result<(), Failure> {
        self.queue_transient(&service.name, service.properties(), Vec::new())
    }

    /// Starts a transient timer, with the service it will start.
    ///
    /// # Errors
    /// As for [`Systemd::start_transient`], and when the names differ by more than the suffix.
    pub(crate) fn arm_timer(&self, timer: &TransientTimer) -> Result<(), Failure> {
        let service = &timer.service;
        if !timer.fits() {
            let cause = format!("a timer of this name cannot start {}", service.name);
            return Err(Failure::new(format!("start {}", timer.name), cause));
        }
        let beside = vec![(service.name.as_str(), service.properties())];
        self.queue_transient(&timer.name, timer.properties(), beside)
    }

    /// Stops a timer; a service it has started goes on.
    ///
    /// # Errors
    /// As for [`Systemd::start`].
    pub(crate) fn disarm(&self, timer: &UnitName) -> Result<(), Failure> {
        self.stop(timer)
    }

    fn queue_transient(
        &self,
        name: &UnitName,
        properties: Vec<transient::Property>,
        beside: Vec<Auxiliary<'_>>,
    ) -> Result<(), Failure> {
        let what = || format!("start {name}");
        let body = (name.as_str(), "fail", properties, beside);
        let result = jobs::run(&self.bus, "StartTransientUnit", &body, self.job_limit()).during(what)?;
        self.judge(name, what(), &result)
    }

    fn judge(&self, name: &UnitName, what: String, result: &str) -> Result<(), Failure> {
        if matches!(result, "done" | "skipped") {
            return Ok(());
        }
        let why: Vec<String> = [("Result", "result"), ("StatusText", "status")]
            .iter()
            .filter_map(|(property, word)| Some(format!(", {word} {}", self.said(name, property)?)))
            .collect();
        Err(Failure::new(what, format!("job {result}{}", why.concat())))
    }
}

/// Reads load and active state; nothing for a unit that does not exist.
fn state(load: &str, active: &str) -> Option<UnitState> {
    match active {
        "active" | "reloading" | "refreshing" => Some(UnitState::Active),
        "failed" => Some(UnitState::Failed),
        "inactive" if load == "not-found" => None,
        "inactive" => Some(UnitState::Inactive),
        _ => Some(UnitState::Changing),
    }
}
