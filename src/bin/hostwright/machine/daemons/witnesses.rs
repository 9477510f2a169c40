//! Daemons that are asked about what of theirs the kernel lacks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hostwright::observed::{ForeignRoute, Nexthop};

use super::{Daemons, LIMIT, RUN, ZEBRA, nexthops, routes};
use crate::apply::churn::{Claim, Routes};
use crate::apply::guard::Fate;

/// Time for which one that was silent is not asked: each look with doubts would wait for it, up to three times.
const LEFT_ALONE: Duration = Duration::from_secs(10);

/// Those of this host.
#[derive(Debug)]
pub(crate) struct Witnesses {
    run: PathBuf,
    /// Counts the processes of BIRD in this network namespace.
    birds: fn() -> usize,
    /// Sockets at which nobody answered in time, and since when.
    silent: BTreeMap<&'static str, Instant>,
}

impl Default for Witnesses {
    fn default() -> Self {
        Self::at(Path::new(RUN), Daemons::birds)
    }
}

impl Witnesses {
    /// Makes those whose sockets are in a directory, and of which there are so many.
    pub(super) fn at(run: &Path, birds: fn() -> usize) -> Self {
        Self { run: run.to_owned(), birds, silent: BTreeMap::new() }
    }

    /// Says of some routes that the kernel lacks, where it has others now, what their daemons say; of the others nobody
    /// tells.
    pub(crate) fn claims(
        &mut self,
        gone: &[ForeignRoute],
        now: &Routes,
        tables: &routes::Tables<'_>,
    ) -> BTreeMap<ForeignRoute, Claim> {
        let mut claims = BTreeMap::new();
        for asked in routes::ASKED {
            let gone: Vec<_> = gone.iter().filter(|it| (asked.has)(it.protocol)).copied().collect();
            // Of two with one number neither knows what the other one had.
            let is_alone = || asked.socket != routes::BIRD_SOCKET || (self.birds)() == 1;
            if !gone.is_empty() && is_alone() {
                claims.extend(self.hear(asked.socket, |it| (asked.says)(it, &gone, now, tables)));
            }
        }
        claims
    }

    /// Says of some nexthop objects what their daemon did to them; those that somebody else took, or of which nobody tells, are
    /// left out.
    pub(crate) fn fates(&mut self, gone: &[Nexthop], now: &BTreeSet<Nexthop>) -> BTreeMap<u32, Fate> {
        let gone: Vec<_> = gone.iter().filter(|it| it.protocol == nexthops::PROTOCOL).cloned().collect();
        if gone.is_empty() { BTreeMap::new() } else { self.hear(ZEBRA, |it| nexthops::fates(it, &gone, now)) }
    }

    /// Asks at a socket, unless who has it was silent lately.
    fn hear<T: Default>(&mut self, socket: &'static str, ask: impl FnOnce(&Path) -> T) -> T {
        if self.silent.get(socket).is_some_and(|it| it.elapsed() < LEFT_ALONE) {
            return T::default();
        }
        let begun = Instant::now();
        let said = ask(&self.run.join(socket));
        if begun.elapsed() >= LIMIT {
            self.silent.insert(socket, Instant::now());
        }
        said
    }
}
