//! Nexthop objects: routing daemons share them between routes, and make and retire them as routes come and go.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// A nexthop object of the kernel.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Nexthop {
    /// Its number: a daemon that has retired one may give the number again.
    pub id: u32,
    /// `RTPROT_*`: 11 zebra, 186 bgp.
    pub protocol: u8,
    /// Name of the link that it leads over; absent: it is a group or leads nowhere.
    pub device: Option<String>,
    /// Gateway; absent: it has none.
    pub via: Option<IpAddr>,
    /// Objects of which it is a group; none: it is no group.
    pub members: BTreeSet<u32>,
    /// All that tells it from others, the number left out.
    pub rest: String,
}

impl fmt::Display for Nexthop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "id {} {}", self.id, self.rest)
    }
}
