//! Routes of others: routing daemons may bring hundreds of thousands, of which little is kept.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// Protocols of routes that are the kernel's, networkd's, hostwright's or an administrator's: 0 unspecified,
/// 1 redirect, 2 kernel, 3 boot, 4 static, 9 RA, 16 DHCP.
const OWN: &[u8] = &[0, 1, 2, 3, 4, 9, 16];

/// Says whether routes of a protocol (`RTPROT_*`) belong to a routing daemon or another program.
#[must_use]
pub fn is_foreign(protocol: u8) -> bool {
    !OWN.contains(&protocol)
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
