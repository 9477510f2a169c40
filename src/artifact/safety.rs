//! What keeps a host from harm: not an output, but what goes along with all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use crate::value::{Harm, ItemName};

/// What an apply may disturb, and how it is watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Safety {
    /// What a plan may disturb.
    pub allow: BTreeSet<Harm>,
    /// Seconds that an apply waits for `hostwright confirm`; absent: it does not.
    pub confirm: Option<u32>,
    /// Seconds that an apply is watched after its last step where nobody is waited for.
    pub watch: u32,
    /// What must work after a change if it worked before, by name.
    pub probes: BTreeMap<ItemName, Probe>,
}

/// Seconds of BGP's hold time where nobody says another. RFC 4271, section 10.
pub const HOLD_TIME: u32 = 90;

/// Shortest time in seconds that an apply may be watched, or waits to be confirmed: it looks once a second.
pub const SHORTEST_WATCH: u32 = 5;

impl Default for Safety {
    fn default() -> Self {
        Self { allow: BTreeSet::new(), confirm: None, watch: HOLD_TIME, probes: BTreeMap::new() }
    }
}

/// A trial of something that must work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// What is tried.
    pub trial: Trial,
    /// Milliseconds after which it has failed.
    pub timeout: u32,
}

/// What is tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trial {
    /// An echo request is answered.
    Ping(IpAddr),
    /// A TCP connection comes about.
    Tcp(SocketAddr),
    /// A BGP session with the peer is established.
    BgpPeer(IpAddr),
    /// The session of an iSCSI target is logged in; its name.
    IscsiSession(String),
    /// A request for an `http` address is answered with a status below 400; host with port, and path.
    Http(String, String),
    /// A program ends with 0; its path and arguments.
    Command(Vec<String>),
}
