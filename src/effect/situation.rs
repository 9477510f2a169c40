//! What the table asks of a host.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{Holds, Operation};
use crate::artifact::{Link, OWN_FILES};
use crate::observed::{KERNEL, Observed, ObservedAddress, ObservedRoute, Release, RoutingDaemon, STATIC};
use crate::value::InterfaceAddress;

/// What holds on a host, and for the link that an operation is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Situation {
    /// Major version of the networkd that runs.
    pub version: u32,
    /// Versions that the operation is about.
    pub(super) versions: Vec<Release>,
    holds: BTreeSet<Holds>,
}

/// Longest prefix of an IPv4 network that has a broadcast address.
const LONGEST_WITH_BROADCAST: u8 = 30;

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
        let Some(link) = observed.links.get(name) else { return self };
        let loaded = observed.networkd.as_ref().and_then(|it| it.loaded.get(name));
        let own = || link.addresses.iter().filter(|it| it.permanent && !it.is_link_local());
        let lent =
            || link.addresses.iter().filter(|it| !it.permanent && !it.is_link_local() && loaded.is_some());
        let speaks =
            |it: &ObservedAddress| observed.sessions.iter().any(|other| other.local == it.address.ip());
        let bfd: Vec<_> = observed.bfd_speakers().map(|it| it.local).collect();
        let has_bfd = |it: &ObservedAddress| bfd.contains(&it.address.ip());
        // Each file of ours writes `Broadcast=`.
        let ours = |path: &str| path.rsplit('/').next().is_some_and(|it| it.starts_with(OWN_FILES));
        let plain = loaded.is_some_and(|it: &String| it.starts_with('/') && !ours(it));
        let flaps =
            |it: &&ObservedAddress| plain && it.is_ipv4() && it.address.prefix() <= LONGEST_WITH_BROADCAST;
        let bird = observed.daemons.contains(&RoutingDaemon::Bird);
        let bond = link.master.as_deref().filter(|_| observed.is_port_of_bond(link));
        let foreign: BTreeSet<_> = match specs {
            [] => BTreeSet::new(),
            _ => observed.foreign_addresses(name, specs).map(InterfaceAddress::ip).collect(),
        };
        let given = |it: &Link, route: &ObservedRoute| it.routes.iter().any(|own| route.is(own, &it.name));
        let is_ours = |route: &ObservedRoute| specs.iter().any(|it| given(it, route));
        let is_source = |it: &IpAddr| !observed.tables_of_source(*it, is_ours).is_empty();
        let over = observed.has_foreign_route(name);
        let carries_routes = |it: &&ObservedAddress| it.is_ipv4() && (over || is_source(&it.address.ip()));
        let freed = observed.may_lose_its_master(name);
        let found = [
            (Holds::Address, own().next().is_some()),
            (Holds::Session, own().any(|it| speaks(it) || has_bfd(it))),
            (Holds::PlainAddress, own().any(|it| flaps(&it))),
            (Holds::BirdOnPlainAddress, bird && own().filter(flaps).any(speaks)),
            (Holds::BfdOnPlainAddress, own().filter(flaps).any(has_bfd)),
            (Holds::RoutesByAddress, !own().any(speaks) && own().any(|it| carries_routes(&it))),
            (
                Holds::RoutesByPlainAddress,
                !(bird && own().filter(flaps).any(speaks))
                    && own().filter(flaps).any(|it| carries_routes(&it)),
            ),
            (Holds::BondPort, bond.is_some()),
            (Holds::SessionOverBond, bond.is_some_and(|it| observed.carries_session(it))),
            (Holds::BfdOverBond, bond.is_some_and(|it| observed.carries_bfd(it))),
            (Holds::Lease, lent().next().is_some()),
            (Holds::SessionOnLease, lent().any(|it| speaks(it) || has_bfd(it))),
            (Holds::ForeignAddress, !foreign.is_empty()),
            (
                Holds::SessionOnForeignAddress,
                observed.speakers().iter().any(|it| foreign.contains(&it.local)),
            ),
            (Holds::StorageOnForeignAddress, observed.stored_from(&foreign).next().is_some()),
            (Holds::SourceOnForeignAddress, foreign.iter().any(is_source)),
            (Holds::ForeignNeighbor, observed.has_foreign_neighbor(name, specs)),
            (Holds::ForeignMaster, freed),
            (Holds::SessionOnForeignMaster, freed && observed.carries_session(name)),
            (
                Holds::RoutesOnForeignMaster,
                freed && observed.above(name).iter().any(|it| observed.has_foreign_route(it)),
            ),
            (Holds::Loaded, loaded.is_some()),
            (Holds::ForeignLinks, observed.has_links_of_others(name)),
            (Holds::Functions, link.functions.is_some_and(|it| it.present > 0)),
        ];
        self.holds.extend(true_ones(found));
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
        let together = bond(name).filter(|it| others.any(|other| other != name && bond(other) == Some(it)));
        if together.is_some_and(|it| observed.carries_session(it)) {
            self.holds.insert(Holds::SessionOverPorts);
        }
        self
    }

    pub(super) fn has(&self, what: Holds) -> bool {
        self.holds.contains(&what)
    }
}

fn true_ones<const N: usize>(found: [(Holds, bool); N]) -> impl Iterator<Item = Holds> {
    found.into_iter().filter_map(|(what, holds)| holds.then_some(what))
}
