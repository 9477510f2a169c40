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
/// Time between two looks.
pub(super) const PAUSE: Duration = Duration::from_millis(100);
/// Longest time between two looks while a link is on its way, and how often that one is asked about: with a thousand links a
/// look at all keeps networkd from its work for a tenth of a second.
const LONG_PAUSE: Duration = Duration::from_millis(500);
const SHORT_PAUSE: Duration = Duration::from_millis(25);
/// Time over which all looks, two at least, must find all links settled: up to 255 the reply comes before the work. Where
/// looks take long, it is time that counts, not looks.
const CALM: Duration = Duration::from_millis(400);

/// What is looked at while networkd works.
pub(super) trait Links {
    /// Returns what networkd says of all links.
    ///
    /// # Errors
    /// The bus fails.
    fn described(&self) -> Result<Vec<Link>, Failure>;

    /// Says whether networkd says of a link that it has not finished with it.
    fn is_on_its_way(&self, link: &Link) -> bool;

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
    thread::sleep(SHORT_PAUSE);
    loop {
        let look = Instant::now();
        let now = links.described()?;
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
        let awaited = busy.iter().rfind(|it| time < patience(it) && !has_detected(it));
        calm = if awaited.is_some() { None } else { calm.or(Some(look)) };
        // It takes the kernel's answers in turn: when the first link is done, it has begun with all.
        let needed = if has_worked && busy.is_empty() { PAUSE } else { CALM };
        if calm.is_some_and(|it| look.duration_since(it) >= needed) {
            return Ok(now);
        }
        match awaited {
            Some(link) => wait_for(links, link),
            None => thread::sleep(PAUSE.saturating_sub(look.elapsed())),
        }
    }
}

/// Waits until networkd has finished with a link, not for long: others may have been told something else since.
fn wait_for(links: &impl Links, link: &Link) {
    let begun = Instant::now();
    thread::sleep(SHORT_PAUSE);
    while links.is_on_its_way(link) && begun.elapsed() < LONG_PAUSE {
        thread::sleep(SHORT_PAUSE);
    }
}

/// Says whether a link has been configured since that was not on its way before.
fn is_done(before: &[Link], now: &[Link]) -> bool {
    let settled = before.iter().filter(|it| !it.is_on_its_way());
    let before: BTreeMap<_, _> = settled.map(|it| (it.index, (&it.state, &it.file))).collect();
    let differs = |it: &Link| before.get(&it.index).is_some_and(|old| *old != (&it.state, &it.file));
    now.iter().any(|it| it.state == "configured" && differs(it))
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

    /// States of one link that come one after the other, each at a look, the last one for ever; and the looks, in turn, that find it detecting.
    struct Script(&'static [&'static str], Cell<usize>, &'static [bool]);

    impl Links for Script {
        fn described(&self) -> Result<Vec<Link>, Failure> {
            let look = self.1.get();
            self.1.set(look + 1);
            Ok(link(self.0[look.min(self.0.len() - 1)]))
        }

        fn is_on_its_way(&self, _: &Link) -> bool {
            false
        }

        fn detecting(&self) -> Result<BTreeSet<u32>, Failure> {
            let detects = self.2[self.1.get() % self.2.len()];
            Ok(detects.then_some(2).into_iter().collect())
        }
    }

    fn link(state: &str) -> Vec<Link> {
        let carrier = "carrier".to_owned();
        vec![Link { index: 2, name: "eno1".to_owned(), state: state.to_owned(), carrier, file: None }]
    }

    /// Returns how long is waited, and how often is looked.
    fn waited(
        before: &str,
        states: &'static [&'static str],
        detecting: &'static [bool],
    ) -> (Duration, usize) {
        let begun = Instant::now();
        let script = Script(states, Cell::new(0), detecting);
        settled(&script, &link(before)).expect("links");
        (begun.elapsed(), script.1.get())
    }

    #[test]
    fn where_no_work_was_seen_it_must_stay_calm_for_longer() {
        assert!(waited("configured", &["configured"], &[false]).0 >= CALM);
        let of_before = waited("configuring", &["configuring", "configured"], &[false]);
        assert!(of_before.0 >= CALM + SHORT_PAUSE, "that was work of before");
    }

    #[test]
    fn where_work_was_seen_and_ended_it_has_begun_with_all() {
        let states = &["configured", "configuring", "configured"];
        assert_eq!(waited("configured", states, &[false]).1, states.len() + 1);
        assert_eq!(
            waited("unmanaged", &["unmanaged", "configured"], &[false]).1,
            3,
            "it was too fast to be seen"
        );
    }

    #[test]
    fn duplicate_detection_of_a_link_local_address_is_not_awaited() {
        for looks in [&[true] as &[_], &[true, false]] {
            let detecting = waited("configured", &["configuring"], looks).0;
            assert!(detecting >= CALM && detecting < CARRIER_LIMIT, "{looks:?}: {detecting:?}");
        }
    }
}
