//! What the table asks of a host.

use std::collections::BTreeSet;

use super::Holds;
use crate::artifact::OWN_FILES;
use crate::observed::{Observed, ObservedAddress, RoutingDaemon, STATIC};
use crate::value::InterfaceAddress;

/// What holds on a host, and for the link that an operation is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Situation {
    /// Major version of the networkd that runs.
    pub version: u32,
    holds: BTreeSet<Holds>,
}

/// Protocol of rules and routes that the kernel gives.
const KERNEL: u8 = 2;

impl Situation {
    /// Makes a situation by hand.
    #[cfg(test)]
    pub(super) fn new(version: u32, holds: &[Holds]) -> Self {
        Self { version, holds: holds.iter().copied().chain([Holds::Always]).collect() }
    }

    /// Looks at a host without any link; absent: networkd does not run.
    #[must_use]
    pub fn of(observed: &Observed) -> Option<Self> {
        let networkd = observed.networkd.as_ref()?;
        let routes = !observed.daemons.is_empty() || !observed.foreign_routes.is_empty();
        let rules = observed.rules.iter().any(|it| !matches!(it.protocol, KERNEL | STATIC));
        let nexthops = !observed.nexthops.is_empty();
        let bare = !networkd.protected;
        let found = [
            (Holds::Always, true),
            (Holds::ForeignRoutes, routes && bare),
            (Holds::ForeignRules, rules && bare),
            (Holds::Nexthops, nexthops),
            (Holds::NexthopsUnprotected, nexthops && bare),
            (Holds::UnknownDaemon, observed.daemons.contains(&RoutingDaemon::Other)),
            (Holds::Forsaken, !networkd.forsaken.is_empty()),
        ];
        Some(Self { version: networkd.version, holds: true_ones(found).collect() })
    }

    /// Looks at a link too, whose file gives these addresses.
    #[must_use]
    pub fn about(mut self, observed: &Observed, name: &str, given: &[InterfaceAddress]) -> Self {
        let Some(link) = observed.links.get(name) else { return self };
        let loaded = observed.networkd.as_ref().and_then(|it| it.loaded.get(name));
        let foreign =
            |it: &ObservedAddress| it.permanent && !it.is_link_local() && !given.contains(&it.address);
        // Each file of ours writes `Broadcast=`.
        let ours = |path: &str| path.rsplit('/').next().is_some_and(|it| it.starts_with(OWN_FILES));
        let plain = |it: &String| it.starts_with('/') && !ours(it);
        let plain = loaded.is_some_and(plain);
        let found = [
            (Holds::PlainAddress, plain),
            (Holds::BirdOnPlainAddress, plain && observed.daemons.contains(&RoutingDaemon::Bird)),
            (Holds::BondPort, observed.is_port_of_bond(link)),
            (Holds::ForeignAddress, link.addresses.iter().any(foreign)),
        ];
        self.holds.extend(true_ones(found));
        self
    }

    pub(super) fn has(&self, what: Holds) -> bool {
        self.holds.contains(&what)
    }
}

fn true_ones<const N: usize>(found: [(Holds, bool); N]) -> impl Iterator<Item = Holds> {
    found.into_iter().filter_map(|(what, holds)| holds.then_some(what))
}
