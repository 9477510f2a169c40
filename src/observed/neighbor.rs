//! Permanent neighbors, and whether anything is sent to them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::{Observed, ObservedLink};
use crate::artifact::Link;

/// Returns the permanent neighbors that something is sent to: routes lead through them, or they are in a network of their
/// link. FRR makes one for each session without addresses of its own, which no route needs where it has nexthop objects.
#[must_use]
pub fn used_neighbors(
    links: &BTreeMap<String, ObservedLink>,
    gateways: &BTreeSet<(String, IpAddr)>,
) -> BTreeSet<(String, IpAddr)> {
    let of = |(name, link): (&String, &ObservedLink)| -> Vec<_> {
        link.used_neighbors(name, gateways).map(|it| (name.clone(), it)).collect()
    };
    links.iter().flat_map(of).collect()
}

impl ObservedLink {
    fn used_neighbors(
        &self,
        name: &str,
        gateways: &BTreeSet<(String, IpAddr)>,
    ) -> impl Iterator<Item = IpAddr> {
        let in_network = |it: IpAddr| self.addresses.iter().any(|own| own.address.network().contains(&it));
        let is_used = move |it: &IpAddr| in_network(*it) || gateways.contains(&(name.to_owned(), *it));
        self.neighbors.iter().map(|it| it.address).filter(is_used)
    }
}

impl Observed {
    /// Says whether something is sent to a permanent neighbor of a link that none of some specs gives it.
    #[must_use]
    pub fn has_foreign_neighbor(&self, name: &str, specs: &[&Link]) -> bool {
        let ours = |it: IpAddr| specs.iter().flat_map(|it| &it.neighbors).any(|other| other.address == it);
        let link = self.links.get(name);
        link.is_some_and(|it| it.used_neighbors(name, &self.gateways).any(|it| !ours(it)))
    }
}
