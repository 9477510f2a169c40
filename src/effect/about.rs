//! What the table asks of one link.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::Holds;
use super::situation::true_ones;
use crate::artifact::Link;
use crate::observed::{Observed, ObservedAddress, ObservedLink, ObservedRoute};
use crate::value::InterfaceAddress;

#[cfg(test)]
mod tests;

/// Longest prefix of an IPv4 network that has a broadcast address.
const LONGEST_WITH_BROADCAST: u8 = 30;

/// A link of a host, as specs have it.
pub(super) struct About<'a> {
    observed: &'a Observed,
    name: &'a str,
    link: &'a ObservedLink,
    specs: &'a [&'a Link],
    /// Whether networkd has loaded it.
    is_loaded: bool,
    /// Local addresses of BFD sessions.
    bfd: BTreeSet<IpAddr>,
}

impl<'a> About<'a> {
    /// Finds the link; absent: there is none.
    pub(super) fn of(observed: &'a Observed, name: &'a str, specs: &'a [&'a Link]) -> Option<Self> {
        let link = observed.links.get(name)?;
        let is_loaded = observed.networkd.as_ref().is_some_and(|it| it.loaded.contains_key(name));
        let bfd = observed.bfd_speakers().map(|it| it.local).collect();
        Some(Self { observed, name, link, specs, is_loaded, bfd })
    }

    /// Says what holds for it.
    pub(super) fn holds(&self) -> impl Iterator<Item = Holds> {
        let itself = [
            (Holds::Loaded, self.is_loaded),
            (Holds::ForeignLinks, self.observed.has_links_of_others(self.name)),
            (Holds::Functions, self.link.functions.is_some_and(|it| it.present > 0)),
            (Holds::ForeignNeighbor, self.observed.has_foreign_neighbor(self.name, self.specs)),
        ];
        true_ones(itself)
            .chain(self.of_own_addresses())
            .chain(self.of_plain_addresses())
            .chain(self.of_a_lease())
            .chain(self.of_foreign_addresses())
            .chain(self.of_a_bond())
            .chain(self.of_a_foreign_master())
    }

    fn of_own_addresses(&self) -> impl Iterator<Item = Holds> {
        true_ones([
            (Holds::Address, self.own().next().is_some()),
            (Holds::Session, self.own().any(|it| self.speaks(it) || self.has_bfd(it))),
            (
                Holds::RoutesByAddress,
                !self.own().any(|it| self.ends(it)) && self.own().any(|it| self.carries_routes(it)),
            ),
        ])
    }

    fn of_plain_addresses(&self) -> impl Iterator<Item = Holds> {
        let plain = || self.own().filter(|it| self.is_plain(it));
        true_ones([
            (Holds::PlainAddress, plain().next().is_some()),
            (Holds::SessionOnPlainAddress, plain().any(|it| self.speaks(it))),
            (Holds::BfdOnPlainAddress, plain().any(|it| self.has_bfd(it))),
            (
                Holds::RoutesByPlainAddress,
                !plain().any(|it| self.ends(it)) && plain().any(|it| self.carries_routes(it)),
            ),
        ])
    }

    fn of_a_lease(&self) -> impl Iterator<Item = Holds> {
        let lent = || self.addresses(false).filter(|_| self.is_loaded);
        true_ones([
            (Holds::Lease, lent().next().is_some()),
            (Holds::SessionOnLease, lent().any(|it| self.speaks(it) || self.has_bfd(it))),
        ])
    }

    fn of_foreign_addresses(&self) -> impl Iterator<Item = Holds> {
        let observed = self.observed;
        let foreign: BTreeSet<_> = match self.specs {
            [] => observed.addresses_beside_its_file(self.name).collect(),
            specs => observed.foreign_addresses(self.name, specs).map(InterfaceAddress::ip).collect(),
        };
        true_ones([
            (Holds::ForeignAddress, !foreign.is_empty()),
            (
                Holds::SessionOnForeignAddress,
                observed.speakers().iter().any(|it| foreign.contains(&it.local)),
            ),
            (Holds::StorageOnForeignAddress, observed.stored_from(&foreign).next().is_some()),
            (Holds::SourceOnForeignAddress, foreign.iter().any(|it| self.is_source(it))),
        ])
    }

    fn of_a_bond(&self) -> impl Iterator<Item = Holds> {
        let observed = self.observed;
        let bond = self.link.master.as_deref().filter(|_| observed.is_port_of_bond(self.link));
        true_ones([
            (Holds::BondPort, bond.is_some()),
            (Holds::SessionOverBond, bond.is_some_and(|it| observed.carries_session(it))),
            (Holds::BfdOverBond, bond.is_some_and(|it| observed.carries_bfd(it))),
        ])
    }

    fn of_a_foreign_master(&self) -> impl Iterator<Item = Holds> {
        let observed = self.observed;
        let freed = observed.may_lose_its_master(self.name);
        let carries_routes = || observed.above(self.name).iter().any(|it| observed.has_foreign_route(it));
        true_ones([
            (Holds::ForeignMaster, freed),
            (Holds::SessionOnForeignMaster, freed && observed.carries_session(self.name)),
            (Holds::RoutesOnForeignMaster, freed && carries_routes()),
        ])
    }

    fn addresses(&self, permanent: bool) -> impl Iterator<Item = &'a ObservedAddress> {
        self.link.addresses.iter().filter(move |it| it.permanent == permanent && !it.is_link_local())
    }

    fn own(&self) -> impl Iterator<Item = &'a ObservedAddress> {
        self.addresses(true)
    }

    fn speaks(&self, address: &ObservedAddress) -> bool {
        self.observed.sessions.iter().any(|it| it.local == address.address.ip())
    }

    /// Says whether a session ends for certain when its address is taken away.
    fn ends(&self, address: &ObservedAddress) -> bool {
        self.speaks(address) && !self.observed.is_of_frr_alone()
    }

    fn has_bfd(&self, address: &ObservedAddress) -> bool {
        self.bfd.contains(&address.address.ip())
    }

    /// Says whether networkd has it from a file of others: each file of ours writes `Broadcast=`.
    fn is_plain(&self, address: &ObservedAddress) -> bool {
        self.observed.foreign_file(self.name).is_some()
            && address.is_ipv4()
            && address.address.prefix() <= LONGEST_WITH_BROADCAST
    }

    fn carries_routes(&self, address: &ObservedAddress) -> bool {
        address.is_ipv4()
            && (self.observed.has_foreign_route(self.name) || self.is_source(&address.address.ip()))
    }

    /// Says whether routes that no spec gives are sent from an address.
    fn is_source(&self, ip: &IpAddr) -> bool {
        let given = |it: &Link, route: &ObservedRoute| it.routes.iter().any(|own| route.is(own, &it.name));
        let is_ours = |route: &ObservedRoute| self.specs.iter().any(|it| given(it, route));
        !self.observed.tables_of_source(*ip, is_ours).is_empty()
    }
}
