//! Waiting until networkd has done with its links what it was told.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

use super::description::Link;
use crate::failure::Failure;

/// Longest wait for links.
pub(super) const LIMIT: Duration = Duration::from_secs(15);
/// Longest wait for links without carrier, which may never be configured.
const CARRIER_LIMIT: Duration = Duration::from_secs(3);
/// Time between two questions whether a service has come or gone.
pub(super) const PAUSE: Duration = Duration::from_millis(100);
/// Shortest time between two looks, and how many times as long as one there is none at least: a description of a thousand links
/// keeps networkd from its work for a tenth of a second.
const SHORT_PAUSE: Duration = Duration::from_millis(25);
const PAUSE_SHARE: u32 = 3;
/// Longest time in which glimpses are believed: of a link that goes while networkd is dead a state may stay behind for ever.
const GLIMPSES: Duration = Duration::from_secs(2);
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

    /// Returns when networkd has answered, which shows that it has come to run.
    ///
    /// # Errors
    /// The bus fails.
    fn answers(&self) -> Result<(), Failure>;

    /// Returns the indices of links that cannot use their link-local address yet.
    ///
    /// # Errors
    /// The kernel's.
    fn detecting(&self) -> Result<BTreeSet<u32>, Failure>;

    /// Returns the time.
    fn now(&self) -> Instant {
        Instant::now()
    }

    /// Waits.
    fn pause(&self, time: Duration) {
        thread::sleep(time);
    }
}

/// Looks until links have stayed settled, or have had their time; `before` are those of before the work. Duplicate detection
/// of a link-local address, which no spec asks for, takes one or two seconds, and nothing else waits for its end.
///
/// # Errors
/// As for [`Links`].
pub(super) fn settled(links: &impl Links, before: &[Link]) -> Result<Vec<Link>, Failure> {
    let begun = links.now();
    let mut work = Work::over(before);
    let mut asks = false;
    links.pause(SHORT_PAUSE);
    loop {
        let look = links.now();
        let time = look.duration_since(begun);
        let glimpsed = if asks || time > GLIMPSES { None } else { links.glimpsed() };
        let is_glimpse = glimpsed.is_some();
        let now = glimpsed.map_or_else(|| links.described(), Ok)?;
        let calm = work.calm(links, &now, Look { begun: look, time, is_glimpse })?;
        if calm && !is_glimpse {
            return Ok(now);
        }
        asks = calm;
        if !asks {
            links.pause(SHORT_PAUSE.max(PAUSE_SHARE * links.now().duration_since(look)));
        }
    }
}

/// One look.
#[derive(Debug, Clone, Copy)]
struct Look {
    /// When it began.
    begun: Instant,
    /// How long the work went on then.
    time: Duration,
    /// Whether networkd was not asked for it.
    is_glimpse: bool,
}

/// What is known of the work from the looks so far.
struct Work<'before> {
    /// Links before it.
    before: &'before [Link],
    /// Indices of those that were on their way already.
    already: BTreeSet<u32>,
    /// Indices of others that were on their way at a look.
    seen: BTreeSet<u32>,
    /// Whether networkd has done with one of them. It takes the kernel's answers in turn: then it has begun with all.
    has_begun_with_all: bool,
    /// When links were last seen that detect duplicates, by their indices.
    detected: BTreeMap<u32, Instant>,
    /// Since when nothing is to be waited for; absent: something is.
    calm: Option<Instant>,
}

impl<'before> Work<'before> {
    fn over(before: &'before [Link]) -> Self {
        Self {
            before,
            already: on_their_way(before).map(|it| it.index).collect(),
            seen: BTreeSet::new(),
            has_begun_with_all: false,
            detected: BTreeMap::new(),
            calm: None,
        }
    }

    /// Says whether links have stayed settled for long enough.
    fn calm(&mut self, links: &impl Links, now: &[Link], look: Look) -> Result<bool, Failure> {
        self.note(now, look.time);
        let busy: Vec<_> = on_their_way(now).collect();
        let detecting = if busy.is_empty() { BTreeSet::new() } else { links.detecting()? };
        self.detected.extend(detecting.into_iter().map(|it| (it, look.begun)));
        // Behind the end of it, networkd needs a moment to hear of it: among many links it ends somewhere at each look.
        let detects = |it: &Link| {
            let last = self.detected.get(&it.index);
            last.is_some_and(|last| look.begun.duration_since(*last) < CALM)
        };
        if busy.iter().any(|it| look.time < patience(it) && !detects(it)) {
            self.calm = None;
            return Ok(false);
        }
        let only_detects = busy.iter().all(|it| it.is_configuring() && detects(it));
        let needed = if self.has_begun_with_all && only_detects { SHORT_CALM } else { CALM };
        let since = match self.calm {
            Some(since) => since,
            None if look.is_glimpse => {
                // One that does not get to run looks as calm as one that has done its work.
                links.answers()?;
                links.now()
            }
            None => look.begun,
        };
        self.calm = Some(since);
        Ok(look.begun.saturating_duration_since(since) >= needed)
    }

    /// Notes which links networkd has begun with, and whether it has done with one. Others may make links for ever.
    fn note(&mut self, now: &[Link], time: Duration) {
        let busy = on_their_way(now).map(|it| it.index);
        let fresh: BTreeSet<_> = busy.filter(|it| !self.already.contains(it)).collect();
        let is_over = |it: &Link| self.seen.contains(&it.index) && !it.is_on_its_way();
        let has_begun_with_all =
            self.has_begun_with_all || is_done(self.before, now) || now.iter().any(is_over);
        if has_begun_with_all != self.has_begun_with_all || time < LIMIT && !fresh.is_subset(&self.seen) {
            self.calm = None;
        }
        self.has_begun_with_all = has_begun_with_all;
        self.seen.extend(fresh);
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
