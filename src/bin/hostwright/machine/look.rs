//! A look at whether the machine shows a spec. It ends within a limit even where the disk hangs, or who is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hostwright::artifact::{Artifacts, Origin};
use hostwright::observed::Observed;
use hostwright::plan::{
    Change, Deferral, Reach, SETTINGS_OF_NETWORKD, Terms, duplicates, leftovers, plan, without_carrier,
};
use hostwright::value::Harm;

use super::Ports;
use super::real::Real;
use crate::apply::Of;
use crate::failure::Failure;
use crate::layout::Layout;
use crate::{late, observe};

/// Longest wait until everything shows: units and addresses settle.
const SETTLE_LIMIT: Duration = Duration::from_secs(20);
const SETTLE_PAUSE: Duration = Duration::from_millis(500);
/// Longest time of one look: with thousands of links it takes seconds, and a service that hangs half a minute.
const LOOK_LIMIT: Duration = Duration::from_secs(60);

/// Says what of a spec the machine lacks, or has too much, beyond what is known, once it has settled.
///
/// # Errors
/// What could not be read.
pub(super) fn lacks(real: &Real, of: Of, known: &[String]) -> Result<Vec<String>, Failure> {
    settled(known, limit(real), || lacks_now(real, of))
}

/// Says what of a spec the machine lacks, and what of the other one it still has.
///
/// # Errors
/// What could not be read.
pub(super) fn lacks_now(real: &Real, of: Of) -> Result<Vec<String>, Failure> {
    // The thread may outlive whoever waits for it: it has what it needs for itself.
    let ports = Ports { systemd: real.ports.systemd.clone(), ..Ports::default() };
    let (layout, reach) = (real.layout.clone(), real.reach());
    let specs = [Arc::clone(&real.former), Arc::clone(&real.new)];
    let waiting = if of == Of::New { real.waiting.clone() } else { BTreeMap::new() };
    let after_reset = real.after_reset;
    let look = late::begin(move || {
        let [former, new] = &specs;
        let observed = observe(&ports, &layout, reach, [former, new])?;
        let (left, whole) = if of == Of::New { (former, new) } else { (new, former) };
        // What may not be mended is lacking all the same.
        let terms = Terms { deferral: Deferral::Stop, allow: Harm::ALL.iter().copied().collect() };
        let found = plan(whole, whole, &observed, reach, terms);
        // A boot ends before units that start late, and before carriers come.
        let later = if after_reset { without_carrier(whole, &observed) } else { BTreeSet::new() };
        let is_later = |it: &Origin| after_reset && found.only_starts(it) || later.contains(it);
        let comes = |it: &Change| waits(&it.origin, &it.what, &waiting) || is_later(&it.origin);
        let changes = found.changes.iter().filter(|it| !comes(it));
        let changes = changes.map(|it| format!("{}: {}", it.origin, it.what));
        let problems = found.problems.iter().map(|it| format!("{}: {}", it.origin, it.message));
        // One that the new spec brings was waited for; one that was there before has its own say.
        let unusable = if of == Of::New { Vec::new() } else { duplicates(whole, &observed) };
        let unusable = unusable.into_iter().map(|(origin, what)| format!("{origin}: {what}"));
        let too_much = leftovers(left, whole, &observed).into_iter();
        let too_much = too_much.filter(|(origin, what)| !waits(origin, what, &waiting));
        let too_much = too_much.map(|(origin, what)| format!("{origin}: {what}"));
        Ok(changes.chain(problems).chain(too_much).chain(unusable).collect())
    });
    // Whether it is the disk or somebody who is asked, nobody knows.
    let hangs = || Failure::new("look at the machine", format!("no end within {} s", LOOK_LIMIT.as_secs()));
    look.within(LOOK_LIMIT).unwrap_or_else(|| Err(hangs()))
}

/// Says whether a plan left a change for later: each part of it, for what was done beside it must show. What was to change is
/// missing where it does not show: `route X` becomes `+ route X`. A file of networkd waits with whatever waits.
fn waits(origin: &Origin, what: &str, waiting: &BTreeMap<Origin, String>) -> bool {
    let Some(text) = waiting.get(origin) else { return false };
    let lines = text.lines().map(|it| it.strip_suffix(": active from the next boot").unwrap_or(it));
    let later: BTreeSet<&str> = lines.flat_map(|it| it.split(", ")).collect();
    let is_said = |part: &str| {
        part == SETTINGS_OF_NETWORKD
            || later.contains(part)
            || unsigned(part).is_some_and(|it| later.contains(it))
    };
    what.split(", ").all(is_said)
}

/// Returns what changes with a part that is missing.
fn unsigned(part: &str) -> Option<&str> {
    part.strip_prefix("+ ").filter(|it| it.starts_with("route ") || it.starts_with("neighbor "))
}

/// Looks at everything that two specs speak of.
///
/// # Errors
/// What could not be read.
pub(super) fn observe(
    ports: &Ports,
    layout: &Layout,
    reach: Reach,
    specs: [&Artifacts; 2],
) -> Result<Observed, Failure> {
    match reach {
        Reach::Machine => observe::machine(ports, layout, specs),
        Reach::Directory => observe::directory(layout, specs),
    }
}

/// Says what of the former spec the machine lacks before the first step.
///
/// # Errors
/// What could not be read.
pub(super) fn drift(real: &Real) -> Result<Vec<String>, Failure> {
    answered(limit(real), || lacks_now(real, Of::Former))
}

fn limit(real: &Real) -> Duration {
    if real.layout.is_machine() { SETTLE_LIMIT } else { Duration::ZERO }
}

/// Looks until nothing is missing but what is known, or the limit is over.
fn settled(
    known: &[String],
    limit: Duration,
    mut look: impl FnMut() -> Result<Vec<String>, Failure>,
) -> Result<Vec<String>, Failure> {
    let begin = Instant::now();
    loop {
        let mut lacks = answered(limit.saturating_sub(begin.elapsed()), &mut look)?;
        lacks.retain(|it| !is_known(it, known));
        if lacks.is_empty() || begin.elapsed() >= limit {
            return Ok(lacks);
        }
        std::thread::sleep(SETTLE_PAUSE);
    }
}

/// Says whether each part of what is missing was missing before: what somebody mended meanwhile makes the line shorter.
fn is_known(lacking: &str, known: &[String]) -> bool {
    let parts = |line| -> Option<(&str, BTreeSet<&str>)> {
        let (origin, what) = str::split_once(line, ": ")?;
        Some((origin, what.split(", ").collect()))
    };
    let Some((origin, missing)) = parts(lacking) else { return known.iter().any(|it| it == lacking) };
    let before = known.iter().filter_map(|it| parts(it)).filter(|it| it.0 == origin);
    missing.is_subset(&before.flat_map(|it| it.1).collect())
}

/// Looks again where that fails, until the limit is over: who is asked may just be starting.
fn answered<T>(limit: Duration, mut look: impl FnMut() -> Result<T, Failure>) -> Result<T, Failure> {
    let begin = Instant::now();
    loop {
        match look() {
            Err(_) if begin.elapsed() < limit => std::thread::sleep(SETTLE_PAUSE),
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_for_the_boot_excuses_nothing_beside_it() {
        let origin = Origin::new("nic", "eno1");
        let left = "MTU 1500 → 9000, + 10.0.0.3/24, route default: active from the next boot\n".to_owned();
        let waiting = [(origin, left)].into();
        let is_left = |name: &str, what: &str| waits(&Origin::new("nic", name), what, &waiting);
        assert!(is_left("eno1", "MTU 1500 → 9000, + 10.0.0.3/24"));
        assert!(is_left("eno1", "+ 10.0.0.3/24"));
        assert!(!is_left("eno1", "+ 10.0.0.3/24, + 10.0.0.4/24"));
        assert!(is_left("eno1", "+ route default"), "it has another gateway");
        assert!(!is_left("eno1", "- route default") && !is_left("eno1", "MTU 1500"));
        assert!(!is_left("eno2", "+ 10.0.0.3/24"));
        assert!(is_left("eno1", SETTINGS_OF_NETWORKD) && !is_left("eno2", SETTINGS_OF_NETWORKD));
    }

    #[test]
    fn what_lacked_before_is_not_waited_for() {
        let known = ["vlan x: it was deleted by hand".to_owned()];
        let mut looks = 0;
        let mut look = |lacks: &[&str]| {
            looks += 1;
            Ok(lacks.iter().map(|it| (*it).to_owned()).collect())
        };
        let begin = Instant::now();
        assert_eq!(settled(&known, SETTLE_LIMIT, || look(&[&known[0]])), Ok(Vec::new()));
        assert!(begin.elapsed() < SETTLE_PAUSE && looks == 1);
    }

    #[test]
    fn what_is_left_of_what_lacked_before_is_known() {
        let known = ["nic eno1: MTU 1500 → 9000, + 10.0.0.3/24".to_owned()];
        assert!(is_known("nic eno1: MTU 1500 → 9000", &known), "somebody added the address meanwhile");
        assert!(is_known("nic eno1: MTU 1500 → 9000, + 10.0.0.3/24", &known));
        assert!(!is_known("nic eno1: + 10.0.0.3/24, + 10.0.0.4/24", &known));
        assert!(!is_known("nic eno2: MTU 1500 → 9000", &known));
    }

    #[test]
    fn what_is_missing_beside_it_is_waited_for() {
        let known = ["a".to_owned()];
        let mut left = vec![vec![], vec!["a", "b"], vec!["a", "b"]];
        let mut look = || Ok(left.pop().unwrap_or_default().into_iter().map(str::to_owned).collect());
        assert_eq!(settled(&known, SETTLE_LIMIT, &mut look), Ok(Vec::new()));
        assert!(left.is_empty());
        let late = || Ok(vec!["a".to_owned(), "b".to_owned()]);
        assert_eq!(settled(&known, Duration::ZERO, late), Ok(vec!["b".to_owned()]));
    }

    #[test]
    fn a_look_that_fails_is_taken_again_until_the_limit_is_over() {
        let fails = || Err(Failure::new("ask networkd", "it is starting or stopping"));
        let mut looks = vec![Ok(Vec::new()), Ok(vec!["a".to_owned()]), fails()];
        let look = || looks.pop().unwrap_or_else(fails);
        assert_eq!(settled(&[], SETTLE_LIMIT, look), Ok(Vec::new()));
        assert_eq!(settled(&[], Duration::ZERO, fails), fails());
    }
}
