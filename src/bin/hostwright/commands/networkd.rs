//! `networkd restart`: the one restart that is watched.

mod aside;

use std::collections::BTreeSet;
use std::time::Duration;

use hostwright::effect::{Operation, harms};
use hostwright::observed::Observed;
use hostwright::value::Harm;
use nix::sys::signal::{SigSet, Signal};

use super::apply::locked;
use crate::apply::Machine;
use crate::apply::watch::{SECOND, guard, returned};
use crate::context::{Context, Exit};
use crate::failure::{During, Failure};
use crate::machine::networkd::Networkd;
use crate::machine::real::Real;
use crate::prepare::prepare_applied;
use aside::Aside;

/// Restarts networkd where it disturbs no more than is allowed, and says what was lost. There is no way back from it, so
/// it is done without an apply beside it, and ends with networkd running even if the shell goes meanwhile.
///
/// # Errors
/// networkd does not run, or what could not be read.
pub(super) fn restart(context: &Context, allow: &[Harm]) -> Result<Exit, Failure> {
    let _lock = match locked(context)? {
        Ok(lock) => lock,
        Err(exit) => return Ok(exit),
    };
    // Before the bus has threads of its own, which would take them.
    SigSet::from_iter([Signal::SIGHUP, Signal::SIGINT, Signal::SIGTERM])
        .thread_block()
        .during(|| "keep signals back".to_owned())?;
    let mut prepared = prepare_applied(context)?;
    if prepared.observed.networkd.is_none() {
        return Err(Failure::new(
            "restart networkd",
            "it does not run: `systemctl start systemd-networkd` starts it",
        ));
    }
    let forecast = prepared.forecast(Operation::Restart);
    let allowed = |it: &Harm| allow.contains(it) || prepared.machine.new.safety.allow.contains(it);
    let beyond: Vec<_> =
        harms(forecast.iter().map(|it| &it.disturbance)).into_iter().filter(|it| !allowed(it)).collect();
    if !beyond.is_empty() {
        let said = forecast.iter().map(|it| it.disturbance);
        said.for_each(|it| eprintln!("disturbs {}: {}", it.harm, it.why));
        let words: Vec<_> = beyond.iter().map(|it| format!("`--allow {it}`")).collect();
        eprintln!("hint: {}", words.join(" "));
        return Ok(Exit::Stopped);
    }
    let agreed = harms(forecast.iter().map(|it| &it.disturbance)).into_iter().collect();
    let watch = prepared.watch();
    restart_watched(&mut prepared.machine, &prepared.observed, &agreed, watch)
}

/// Restarts networkd without what it would make links from again that are gone. Its socket may start it as soon as it has ended:
/// the files must be gone before. Returns what is to be said of them.
fn restart_without(machine: &Real, observed: &Observed) -> Result<Vec<String>, Failure> {
    let networkd = Networkd::new(&machine.ports.systemd);
    let aside = Aside::of_gone_links(&machine.layout, observed)?;
    networkd.end().inspect_err(|_| aside.give_back())?;
    let said = aside.remove();
    networkd.start(machine.layout.root(), &machine.ports.netlink).map(|()| said)
}

/// Restarts networkd and watches whether all that others have stays, but for what was agreed to, which must come back.
fn restart_watched(
    machine: &mut Real,
    observed: &Observed,
    agreed: &BTreeSet<Harm>,
    watch: u32,
) -> Result<Exit, Failure> {
    let mut before = machine.baseline(None)?;
    machine.learn(&mut before)?;
    let said = machine.keeping_neighbors(|| restart_without(machine, observed))?;
    said.iter().for_each(|it| println!("{it}"));
    println!("watching for {watch} s whether all goes on working");
    let end = machine.now() + Duration::from_secs(watch.into());
    let watched = loop {
        machine.pause(SECOND);
        let picture = guard(machine, agreed, &mut before);
        if picture.is_err() || machine.now() >= end {
            break picture.and_then(|it| returned(&before, it));
        }
    };
    Ok(match watched {
        Ok(_) => {
            println!("networkd was restarted, nothing was lost");
            Exit::Done
        }
        Err(lost) => {
            println!("{lost}");
            Exit::Broken
        }
    })
}
