//! The time after the last step: what worked before must work on, until somebody confirms or the time is over.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hostwright::plan::Reach;
use hostwright::value::Harm;

use super::Machine;
use super::guard::{Baseline, Fate, Loss};
use super::journal::{Header, Log, Record};
use super::stop::{Stop, write};
use crate::failure::Failure;
use crate::late::DISK_LIMIT;

/// Shortest time between two looks.
pub(crate) const SECOND: Duration = Duration::from_secs(1);
/// Time before the end of a confirm window at which everybody is told; of a shorter one at once.
const WARNING: Duration = Duration::from_secs(60);
/// Time after which the timer takes back what an executor that hangs does not: one that waits for a disk in vain must have
/// the time to do it itself, for a process whose thread hangs there cannot be ended.
const GRACE: Duration = DISK_LIMIT.saturating_add(Duration::from_secs(15));
/// Looks for which it waits beside: one that begins at the end of the window may have to look again.
const LAST_LOOKS: u32 = 1 + MORE_LOOKS;

/// What is known of an apply when its steps are done and shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    /// How long its first look took.
    pub(super) look: Duration,
    /// When all that its steps do had ended.
    pub(super) ended: Duration,
}

/// Watches the machine after its last step; returns the last picture of it.
///
/// # Errors
/// Why everything must be taken back.
pub(super) fn watch<M: Machine>(
    machine: &mut M,
    journal: &mut impl Log,
    header: &Header,
    baseline: &mut Baseline,
    Times { look: slowest, ended }: Times,
) -> Result<Baseline, Stop> {
    if header.plan.reach == Reach::Directory {
        return Ok(Baseline::default());
    }
    let confirm = header.safety.confirm.map(seconds);
    let limit = confirm.unwrap_or_else(|| patience(header, baseline));
    if limit.is_zero() {
        if baseline.is_worth_watching() {
            // What was tried behind a step is not tried again at once.
            machine.pause(SECOND);
        }
        let now = guard(machine, &header.plan.agreed(), baseline);
        return now.and_then(|it| returned(baseline, it)).map_err(Stop::Harm);
    }
    // Whoever is to confirm has the whole time for it; what steps did shows also while it is looked whether all of it is there.
    let end = limit + if confirm.is_some() { machine.now() } else { ended };
    let mut window = Window { end, slowest, last: Duration::ZERO, warned: confirm.is_none(), awaits: false };
    window.arm(machine)?;
    write(journal, Record::Watching(end.as_secs()))?;
    let is_confirmed = |machine: &mut M| confirm.is_some() && machine.is_confirmed(header.generation);
    let nobody = || Stop::Harm(format!("nobody confirmed it within {} s", limit.as_secs()));
    loop {
        // With a full table a look takes a while, which whoever waits for the end of the window need not wait for.
        if machine.now() >= end && confirm.is_some() && !is_confirmed(machine) {
            return Err(nobody());
        }
        let picture = window.look(machine, header, baseline).map_err(Stop::Harm)?;
        let (now, is_confirmed) = (machine.now(), is_confirmed(machine));
        if now >= end && confirm.is_some() && !is_confirmed {
            return Err(nobody());
        }
        if now >= end || is_confirmed {
            match returned(baseline, picture) {
                // What was agreed to may take until the end to come back, whoever says that the host can be reached.
                Err(what) if now < end => window.say_what_it_awaits(journal, what),
                ended => return ended.map_err(Stop::Harm),
            }
        }
        if !is_confirmed {
            window.warn(machine, end.saturating_sub(now));
        }
        machine.pause(window.pause(end.saturating_sub(now)));
    }
}

/// The time in which an apply is watched, and what is known of how long a look takes: with a full table of routes seconds,
/// and the timer must not take who looks for one that hangs.
struct Window {
    end: Duration,
    slowest: Duration,
    /// How long the last look took.
    last: Duration,
    /// Whether everybody was told of its end, or need not be.
    warned: bool,
    /// Whether it was said what somebody who confirmed waits for.
    awaits: bool,
}

impl Window {
    fn arm(&self, machine: &mut impl Machine) -> Result<(), Failure> {
        let left = self.end.saturating_sub(machine.now());
        machine.arm(left + GRACE + self.slowest * LAST_LOOKS)
    }

    /// Returns how long it waits before its next look, so that the last one begins as the window ends: with as many looks as go
    /// into what is left.
    fn pause(&self, left: Duration) -> Duration {
        let left = left + self.last;
        let looks = left.as_millis() / (SECOND + self.last).as_millis();
        let looks = u32::try_from(looks).unwrap_or(u32::MAX).max(1);
        (left / looks).saturating_sub(self.last).clamp(SECOND, 2 * SECOND)
    }

    fn warn(&mut self, machine: &mut impl Machine, left: Duration) {
        if self.warned || left > WARNING {
            return;
        }
        let left = left.as_secs();
        machine.tell_everybody(&format!(
            "hostwright takes the last change back in {left} s, unless `hostwright confirm`"
        ));
        self.warned = true;
    }

    fn say_what_it_awaits(&mut self, journal: &mut impl Log, what: String) {
        if !self.awaits {
            journal.note(Record::Awaiting(what));
            self.awaits = true;
        }
    }

    fn look(
        &mut self,
        machine: &mut impl Machine,
        header: &Header,
        baseline: &mut Baseline,
    ) -> Result<Baseline, String> {
        let begun = machine.now();
        let picture = guard(machine, &header.plan.agreed(), baseline)?;
        self.last = machine.now().saturating_sub(begun);
        if self.last > self.slowest {
            self.slowest = self.last;
            self.arm(machine).map_err(|it| it.to_string())?;
        }
        Ok(picture)
    }
}

fn seconds(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}

/// Returns how long an apply that nobody confirms is watched: not at all where it touches no network or where there
/// is nothing whose loss would show late.
fn patience(header: &Header, baseline: &Baseline) -> Duration {
    if header.plan.touches_network() && baseline.is_worth_watching() {
        seconds(header.safety.window())
    } else {
        Duration::ZERO
    }
}

/// Looks at routes, nexthop objects, carriers and machines again before one counts as lost: of a table that is never still each
/// look misses others, a daemon puts back what it hears of, a link flaps, and a container that boots anew is gone for a moment.
const MORE_LOOKS: u32 = 2;

/// Takes a picture of the machine, or says why it must be taken back: what is lost, and was not agreed to.
pub(crate) fn guard(
    machine: &mut impl Machine,
    agreed: &BTreeSet<Harm>,
    baseline: &mut Baseline,
) -> Result<Baseline, String> {
    let mut now = machine.baseline(Some(baseline)).map_err(|it| it.to_string())?;
    let not_agreed = |mut lost: Vec<Loss>| {
        lost.retain(|it| it.harm.is_none_or(|it| !is_agreed(agreed, it)));
        lost
    };
    let mut seen = not_agreed(baseline.seen_lost_in(&now));
    // Nobody waits for libvirt, or for what other looks find back, where something else is lost.
    let is_guest = |it: &Loss| it.harm == Some(Harm::Guests);
    if seen.iter().any(is_guest) && !seen.iter().any(|it| it.is_firm() && !is_guest(it)) {
        leave_out_ended(machine, baseline, &now);
        seen = not_agreed(baseline.seen_lost_in(&now));
    }
    if seen.iter().any(Loss::is_firm) {
        said(&seen)?;
    }
    look_again(machine, baseline, &mut now, agreed).map_err(|it| it.to_string())?;
    said(&not_agreed(baseline.lost_in(&now)))?;
    baseline.routes.go_on_from(&now.routes);
    Ok(now)
}

/// Takes guests out that ended by themselves or by their owners' doing: from then on nobody waits for them.
fn leave_out_ended(machine: &mut impl Machine, baseline: &mut Baseline, now: &Baseline) {
    let gone = baseline.guests_gone_in(now);
    if !gone.is_empty() {
        let ended = machine.ended(&gone);
        baseline.machines.retain(|it| !ended.contains(it));
    }
}

/// Looks again at what comes and goes by itself, where any of it is gone; of nexthop objects and carriers not where their loss
/// was agreed to.
fn look_again(
    machine: &mut impl Machine,
    baseline: &mut Baseline,
    now: &mut Baseline,
    agreed: &BTreeSet<Harm>,
) -> Result<(), Failure> {
    let [routes, links] = [Harm::Routes, Harm::Links].map(|it| is_agreed(agreed, it));
    for _ in 0..MORE_LOOKS {
        let some_are_gone = !routes && forget(machine, baseline, now, &[Fate::Retired]);
        let some_are_lost = ask(machine, baseline, now);
        let some_do_not_run = baseline.lacks_containers_in(now);
        let some_are_unplugged = !links && baseline.lacks_carriers_in(now);
        if !some_are_gone && !some_are_lost && !some_do_not_run && !some_are_unplugged {
            return Ok(());
        }
        machine.pause(SECOND);
        if some_are_lost {
            now.routes.join(&machine.routes()?);
        }
        if some_are_gone {
            now.nexthops.append(&mut machine.nexthops()?);
        }
        if some_do_not_run {
            now.machines.append(&mut machine.machines());
        }
        if some_are_unplugged {
            baseline.see_carriers_again(now, &machine.carriers());
        }
    }
    ask(machine, baseline, now);
    if !routes {
        forget(machine, baseline, now, &[Fate::Retired, Fate::Waits]);
    }
    Ok(())
}

/// Asks daemons about the routes that are gone: one that its daemon holds is lost where churn would explain it, and one that it
/// withdrew is not where it would not. Says whether any is lost.
fn ask(machine: &mut impl Machine, baseline: &mut Baseline, now: &Baseline) -> bool {
    let doubted = baseline.routes.doubted_in(&now.routes);
    let claims = if doubted.is_empty() { BTreeMap::new() } else { machine.claims(&doubted, &now.routes) };
    baseline.routes.heed(&now.routes, &claims);
    !baseline.routes.lost_in(&now.routes).is_empty()
}

/// Takes nexthop objects out that are gone by their daemon's doing: nobody else took them. Says whether others are gone.
fn forget(machine: &mut impl Machine, baseline: &mut Baseline, now: &Baseline, known: &[Fate]) -> bool {
    let mut gone = baseline.nexthops_gone_in(now);
    if !gone.is_empty() {
        let fates = machine.fates(&gone, &now.nexthops);
        gone.retain(|it| !fates.get(&it.id).is_some_and(|it| known.contains(it)));
        baseline.nexthops.retain(|it| now.nexthops.contains(it) || gone.binary_search(it).is_ok());
    }
    !gone.is_empty()
}

/// Says whether a loss for a while was agreed to. Routes go with the session that brought them.
fn is_agreed(agreed: &BTreeSet<Harm>, harm: Harm) -> bool {
    agreed.contains(&harm) || (harm == Harm::Routes && agreed.contains(&Harm::Sessions))
}

/// Hands a picture on unless something was lost for a while, as was agreed to, and has not come back.
pub(crate) fn returned(baseline: &Baseline, now: Baseline) -> Result<Baseline, String> {
    said(&baseline.not_back_in(&now)).map(|()| now)
}

/// Lists at most this many losses.
const SHOWN: usize = 5;

fn said(lost: &[Loss]) -> Result<(), String> {
    if lost.is_empty() {
        return Ok(());
    }
    let mut words: Vec<_> = lost.iter().take(SHOWN).map(|it| it.what.clone()).collect();
    if lost.len() > SHOWN {
        words.push(format!("and {} more", lost.len() - SHOWN));
    }
    Err(format!("lost: {}", words.join("; ")))
}
