//! Permanent neighbors, and whether anything is sent to them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;

use super::{Observed, ObservedLink};
use crate::artifact::Link;

/// Returns the permanent neighbors of links that packets go to. FRR makes one for each session without addresses of its own,
/// which no route needs where it has nexthop objects.
#[must_use]
pub fn used_neighbors(
    links: &BTreeMap<String, ObservedLink>,
    direct: &BTreeSet<(String, IpNet)>,
) -> BTreeSet<(String, IpAddr)> {
    let of = |(name, link): (&String, &ObservedLink)| -> Vec<_> {
        link.used_neighbors(name, direct).map(|it| (name.clone(), it)).collect()
    };
    links.iter().flat_map(of).collect()
}

impl ObservedLink {
    fn used_neighbors(&self, name: &str, direct: &BTreeSet<(String, IpNet)>) -> impl Iterator<Item = IpAddr> {
        let is_used = move |it: &IpAddr| direct.iter().any(|(link, net)| link == name && net.contains(it));
        self.neighbors.iter().map(|it| it.address).filter(is_used)
    }
}

impl Observed {
    /// Says whether packets go to a permanent neighbor of a link that none of some specs gives it.
    #[must_use]
    pub fn has_foreign_neighbor(&self, name: &str, specs: &[&Link]) -> bool {
        let ours = |it: IpAddr| specs.iter().flat_map(|it| &it.neighbors).any(|other| other.address == it);
        let link = self.links.get(name);
        link.is_some_and(|it| it.used_neighbors(name, &self.direct).any(|it| !ours(it)))
    }
}
