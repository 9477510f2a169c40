//! What the table asks of a host.

use std::collections::BTreeSet;

use super::about::About;
use super::{Holds, Operation};
use crate::artifact::Link;
use crate::observed::{KERNEL, Observed, Release, RoutingDaemon, STATIC};

/// What holds on a host, and for the link that an operation is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Situation {
    /// Major version of the networkd that runs.
    pub version: u32,
    /// Versions that the operation is about.
    pub(super) versions: Vec<Release>,
    holds: BTreeSet<Holds>,
}

impl Situation {
    /// Makes a situation by hand.
    #[cfg(test)]
    pub(super) fn new(version: u32, holds: &[Holds]) -> Self {
        let holds = holds.iter().copied().chain([Holds::Always]).collect();
        Self { version, versions: vec![Release { major: version, point: None }], holds }
    }

    /// Knows the point release, too.
    #[cfg(test)]
    pub(super) fn with_point(mut self, point: u32) -> Self {
        self.versions.iter_mut().for_each(|it| it.point = Some(point));
        self
    }

    /// Looks at a host without any link before an operation; absent: networkd does not run.
    #[must_use]
    pub fn of(observed: &Observed, operation: Operation) -> Option<Self> {
        let networkd = observed.networkd.as_ref()?;
        let starts = operation == Operation::Restart;
        let routes = !observed.daemons.is_empty() || !observed.foreign_routes.is_empty();
        let rules = observed.rules.iter().any(|it| !matches!(it.protocol, KERNEL | STATIC));
        let nexthops = !observed.nexthops.is_empty();
        let alone = if starts { networkd.next.left_alone } else { networkd.left_alone };
        let found = [
            (Holds::Always, true),
            (Holds::FrrAlone, observed.is_of_frr_alone()),
            (Holds::ForeignRoutes, routes && !alone.routes),
            (Holds::ForeignRules, rules && !alone.rules),
            (Holds::Nexthops, nexthops),
            (Holds::NexthopsUnprotected, nexthops && !alone.nexthops),
            (Holds::UnknownDaemon, observed.daemons.contains(&RoutingDaemon::Other)),
            (Holds::Forsaken, !networkd.forsaken.is_empty()),
            (Holds::UnreadFile, !networkd.unread.is_empty()),
            (Holds::UnreadFileOfSession, networkd.unread.keys().any(|it| observed.carries_session(it))),
        ];
        let version = networkd.version;
        let runs = Release { major: version, point: networkd.point };
        let next = Release { major: networkd.next.version, point: networkd.next.point };
        let versions = [runs].into_iter().chain(starts.then_some(next)).collect();
        Some(Self { version, versions, holds: true_ones(found).collect() })
    }

    /// Looks at a link too, as specs have it; none: its file is somebody else's, and nobody knows what that gives.
    #[must_use]
    pub fn about(mut self, observed: &Observed, name: &str, specs: &[&Link]) -> Self {
        if let Some(about) = About::of(observed, name, specs) {
            self.holds.extend(about.holds());
        }
        self
    }

    /// Leaves out what a link is as a port of a bond: it has left that, and networkd no longer takes it up.
    #[must_use]
    pub fn released(mut self) -> Self {
        let of_bond = [Holds::BondPort, Holds::SessionOverBond, Holds::BfdOverBond];
        self.holds.retain(|it| !of_bond.contains(it));
        self
    }

    /// Looks at the links that networkd is told of at the same reload.
    #[must_use]
    pub fn beside<'a>(
        mut self,
        observed: &Observed,
        name: &str,
        mut others: impl Iterator<Item = &'a str>,
    ) -> Self {
        let bond = |name: &str| {
            let link = observed.links.get(name).filter(|it| observed.is_port_of_bond(it))?;
            link.master.as_deref()
        };
        let told = |master: &str, other: &str| other != name && bond(other) == Some(master);
        let stays = |master: &str| observed.ports(master).any(|it| it != name && observed.is_up(it));
        let cut = bond(name).filter(|it| others.any(|other| told(it, other)) || !stays(it));
        if cut.is_some_and(|it| observed.carries_session(it)) {
            self.holds.insert(Holds::SessionOverPorts);
        }
        self
    }

    pub(super) fn has(&self, what: Holds) -> bool {
        self.holds.contains(&what)
    }
}

pub(super) fn true_ones<const N: usize>(found: [(Holds, bool); N]) -> impl Iterator<Item = Holds> {
    found.into_iter().filter_map(|(what, holds)| holds.then_some(what))
}
