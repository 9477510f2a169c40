//! Permanent neighbors, and whether anything is sent to them.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use super::Observed;
use crate::artifact::Link;

/// Says whether packets go to an address over a link, by what is reached directly. FRR makes a permanent neighbor for each
/// session without addresses of its own, which no route needs where it has nexthop objects.
#[must_use]
pub fn is_reached(direct: &BTreeSet<(String, IpNet)>, link: &str, address: IpAddr) -> bool {
    direct.iter().any(|(over, net)| over == link && net.contains(&address))
}

impl Observed {
    /// Says whether packets go to a permanent neighbor of a link that none of some specs gives it.
    #[must_use]
    pub fn has_foreign_neighbor(&self, name: &str, specs: &[&Link]) -> bool {
        let ours = |it: IpAddr| specs.iter().flat_map(|it| &it.neighbors).any(|other| other.address == it);
        let all = self.links.get(name).into_iter().flat_map(|it| &it.neighbors).map(|it| it.address);
        all.filter(|it| !ours(*it)).any(|it| is_reached(&self.direct, name, it))
    }
}
