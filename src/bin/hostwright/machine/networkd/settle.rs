//! Waiting until networkd has done with its links what it was told.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

use super::description::Link;
use crate::failure::Failure;

/// Longest wait for links.
pub(super) const LIMIT: Duration = Duration::from_secs(15);
/// Longest wait for links without carrier, which may never be configured.
const CARRIER_LIMIT: Duration = Duration::from_secs(3);
/// Time between two questions to systemd.
pub(super) const PAUSE: Duration = Duration::from_millis(100);
/// Shortest time between two looks, and as long as one takes at least: one at all links keeps networkd from its work.
const SHORT_PAUSE: Duration = Duration::from_millis(25);
/// Time over which all looks, two at least, must find all links settled: up to 255 the reply comes before the work. Where
/// looks take long, it is time that counts, not looks.
const CALM: Duration = Duration::from_millis(400);
/// The same where it is known that it has begun with all.
const SHORT_CALM: Duration = Duration::from_millis(100);

/// What is looked at while networkd works.
pub(super) trait Links {
    /// Returns what networkd says of all links.
    ///
    /// # Errors
    /// The bus fails.
    fn described(&self) -> Result<Vec<Link>, Failure>;

    /// Returns links as what is cheap to look at has them, for the time to ask; absent: there is no such thing.
    fn glimpsed(&self) -> Option<Vec<Link>>;

    /// Returns the indices of links that cannot use their link-local address yet.
    ///
    /// # Errors
    /// The kernel's.
    fn detecting(&self) -> Result<BTreeSet<u32>, Failure>;
}

/// Looks until links have stayed settled, or have had their time; `before` are those of before the work. Duplicate detection
/// of a link-local address, which no spec asks for, takes one or two seconds, and nothing else waits for its end.
///
/// # Errors
/// As for [`Links`].
pub(super) fn settled(links: &impl Links, before: &[Link]) -> Result<Vec<Link>, Failure> {
    let begun = Instant::now();
    let already: BTreeSet<_> = on_their_way(before).map(|it| it.index).collect();
    let mut has_worked = false;
    let mut detected = BTreeMap::new();
    let mut calm: Option<Instant> = None;
    let mut asks = false;
    thread::sleep(SHORT_PAUSE);
    loop {
        let look = Instant::now();
        let glimpsed = if asks { None } else { links.glimpsed() };
        let is_glimpse = glimpsed.is_some();
        let now = glimpsed.map_or_else(|| links.described(), Ok)?;
        let time = begun.elapsed();
        let busy: Vec<_> = on_their_way(&now).collect();
        if !has_worked && (busy.iter().any(|it| !already.contains(&it.index)) || is_done(before, &now)) {
            (has_worked, calm) = (true, None);
        }
        let detecting = if busy.is_empty() { BTreeSet::new() } else { links.detecting()? };
        detected.extend(detecting.into_iter().map(|it| (it, look)));
        // Behind the end of it, networkd needs a moment to hear of it: among many links it ends somewhere at each look.
        let has_detected =
            |it: &Link| detected.get(&it.index).is_some_and(|last| look.duration_since(*last) < CALM);
        let only_detects = busy.iter().all(|it| it.has_begun() && has_detected(it));
        let is_awaited = |it: &&Link| time < patience(it) && !has_detected(it);
        calm = if busy.iter().any(is_awaited) { None } else { calm.or(Some(look)) };
        // It takes the kernel's answers in turn: when the first link is done, it has begun with all.
        let needed = if has_worked && only_detects { SHORT_CALM } else { CALM };
        let is_calm = calm.is_some_and(|it| look.duration_since(it) >= needed);
        if is_calm && !is_glimpse {
            return Ok(now);
        }
        asks = is_calm;
        if !asks {
            thread::sleep(SHORT_PAUSE.max(look.elapsed()));
        }
    }
}

/// Says whether a link has been configured since that was not on its way before.
fn is_done(before: &[Link], now: &[Link]) -> bool {
    let settled = before.iter().filter(|it| !it.is_on_its_way());
    let before: BTreeMap<_, _> = settled.map(|it| (it.index, it)).collect();
    let differs = |it: &Link, old: &Link| it.state != old.state || it.has_other_file_than(old);
    now.iter().any(|it| it.state == "configured" && before.get(&it.index).is_some_and(|old| differs(it, old)))
}

fn on_their_way(links: &[Link]) -> impl Iterator<Item = &Link> {
    links.iter().filter(|it| it.is_on_its_way())
}

fn patience(link: &Link) -> Duration {
    if link.has_carrier() { LIMIT } else { CARRIER_LIMIT }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// States of one link that come one after the other, the last one for ever: those that networkd tells at each look, and those
    /// that are glimpsed, if any; and the looks, in turn, that find it detecting.
    struct Script {
        told: &'static [&'static str],
        glimpsed: &'static [&'static str],
        detecting: &'static [bool],
        looks: Cell<usize>,
        glimpses: Cell<usize>,
    }

    /// Returns the state of a turn.
    fn next(states: &[&'static str], turn: &Cell<usize>) -> Option<Vec<Link>> {
        let now = turn.get();
        turn.set(now + 1);
        Some(link(states.get(now).or(states.last())?))
    }

    impl Links for Script {
        fn described(&self) -> Result<Vec<Link>, Failure> {
            Ok(next(self.told, &self.looks).expect("a state"))
        }

        fn glimpsed(&self) -> Option<Vec<Link>> {
            next(self.glimpsed, &self.glimpses)
        }

        fn detecting(&self) -> Result<BTreeSet<u32>, Failure> {
            let detects = self.detecting[self.looks.get() % self.detecting.len()];
            Ok(detects.then_some(2).into_iter().collect())
        }
    }

    fn link(state: &str) -> Vec<Link> {
        let carrier = "carrier".to_owned();
        vec![Link { index: 2, name: "eno1".to_owned(), state: state.to_owned(), carrier, file: None }]
    }

    /// Returns how long is waited, and how often networkd is asked where there is nothing else to look at.
    fn waited(
        before: &str,
        states: &'static [&'static str],
        detecting: &'static [bool],
    ) -> (Duration, usize) {
        let (time, script) = run(before, states, &[], detecting);
        (time, script.looks.get())
    }

    fn run(
        before: &str,
        told: &'static [&'static str],
        glimpsed: &'static [&'static str],
        detecting: &'static [bool],
    ) -> (Duration, Script) {
        let script = Script { told, glimpsed, detecting, looks: Cell::new(0), glimpses: Cell::new(0) };
        let begun = Instant::now();
        settled(&script, &link(before)).expect("links");
        (begun.elapsed(), script)
    }

    #[test]
    fn networkd_is_asked_when_a_glimpse_says_that_it_is_done_and_has_the_last_word() {
        let glimpsed = &["configured", "configuring", "configuring", "configured"];
        let looks = |told| run("configured", told, glimpsed, &[false]).1.looks.get();
        assert_eq!(looks(&["configured"]), 1);
        assert_eq!(looks(&["configuring", "configuring", "configured"]), 3);
    }

    #[test]
    fn where_no_work_was_seen_it_must_stay_calm_for_longer() {
        assert!(waited("configured", &["configured"], &[false]).0 >= CALM);
        let of_before = waited("configuring", &["configuring", "configured"], &[false]);
        assert!(of_before.0 >= CALM + SHORT_PAUSE, "that was work of before");
    }

    #[test]
    fn where_work_was_seen_and_ended_it_has_begun_with_all() {
        for (before, states) in [
            ("configured", &["configured", "configuring", "configured"] as &[_]),
            ("unmanaged", &["unmanaged", "configured"]),
        ] {
            let (time, looks) = waited(before, states, &[false]);
            assert!(time >= SHORT_CALM && time < CALM && looks > states.len(), "{before}: {time:?}, {looks}");
        }
    }

    #[test]
    fn duplicate_detection_of_a_link_local_address_is_not_awaited() {
        for looks in [&[true] as &[_], &[true, false]] {
            let time = waited("configured", &["configuring"], looks).0;
            assert!(time >= SHORT_CALM && time < CALM, "{looks:?}: {time:?}, it has begun with all");
        }
        let time = waited("configured", &["initialized"], &[true]).0;
        assert!(time >= CALM && time < CARRIER_LIMIT, "{time:?}");
    }
}
