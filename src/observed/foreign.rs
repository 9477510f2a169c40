//! Routes of others: routing daemons may bring hundreds of thousands, of which little is kept.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{KERNEL, Observed, ObservedRoute};

/// Protocols of routes that are the kernel's, networkd's, hostwright's or an administrator's: 0 unspecified,
/// 1 redirect, 2 kernel, 3 boot, 4 static, 9 RA, 16 DHCP.
const OWN: &[u8] = &[0, 1, 2, 3, 4, 9, 16];

/// Says whether routes of a protocol (`RTPROT_*`) belong to a routing daemon or another program.
#[must_use]
pub fn is_foreign(protocol: u8) -> bool {
    !OWN.contains(&protocol)
}

impl Observed {
    /// Returns the tables in which others have routes with an IPv4 address as their source; `is_ours` tells those of a spec.
    #[must_use]
    pub fn tables_of_source(
        &self,
        source: IpAddr,
        is_ours: impl Fn(&ObservedRoute) -> bool,
    ) -> BTreeSet<u32> {
        let IpAddr::V4(ipv4) = source else { return BTreeSet::new() };
        let foreign = self.foreign_sources.iter().filter(|it| it.1 == ipv4).map(|it| it.0);
        let from_it =
            |it: &&ObservedRoute| it.protocol != KERNEL && it.source() == Some(source) && !is_ours(it);
        foreign.chain(self.routes.iter().filter(from_it).map(|it| it.table)).collect()
    }
}

/// What is remembered of a route of somebody else: where it leads, not over what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ForeignRoute {
    /// Number of the table; 254 is `main`.
    pub table: u32,
    /// `RTPROT_*`: 11 zebra, 12 bird, 186 bgp.
    pub protocol: u8,
    /// Destination.
    pub to: IpNet,
}
