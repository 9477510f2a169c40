//! What keeps a host from harm: not an output, but what goes along with all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use crate::value::{Harm, ItemName};

/// What an apply may disturb, and how it is watched.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Safety {
    /// What a plan may disturb.
    pub allow: BTreeSet<Harm>,
    /// Seconds that an apply waits for `hostwright confirm`; absent: it does not.
    pub confirm: Option<u32>,
    /// Seconds that an apply is watched after its last step where nobody is waited for; absent: as long as sessions need to be
    /// found lost.
    pub watch: Option<u32>,
    /// What must work after a change if it worked before, by name.
    pub probes: BTreeMap<ItemName, Probe>,
}

/// Seconds of BGP's hold time where nobody says another. RFC 4271, section 10.
pub const HOLD_TIME: u32 = 90;

/// Longest time in seconds that sessions have an apply watched for: hold times reach to 18 hours, in which its lock would be
/// held. What is commonly set, up to 240 s, is below.
pub const LONGEST_WATCH: u32 = 600;

/// Shortest time in seconds that an apply may be watched, or waits to be confirmed: it looks once a second.
pub const SHORTEST_WATCH: u32 = 5;

impl Safety {
    /// Returns the seconds that an apply is watched where sessions were negotiated with a hold time at most; absent: there are
    /// none.
    #[must_use]
    pub fn watch_for(&self, hold_time: Option<u32>) -> u32 {
        self.watch.unwrap_or_else(|| hold_time.unwrap_or_default().clamp(HOLD_TIME, LONGEST_WATCH))
    }

    /// Returns the seconds in which an apply waits to be confirmed, or is watched.
    #[must_use]
    pub fn window(&self) -> u32 {
        self.confirm.unwrap_or_else(|| self.watch_for(None))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_make_the_time_longer_and_what_is_written_stays() {
        let safety = Safety::default();
        assert_eq!([None, Some(0), Some(240)].map(|it| safety.watch_for(it)), [90, 90, 240]);
        assert_eq!(safety.watch_for(Some(u16::MAX.into())), 600);
        let written = Safety { watch: Some(5), ..safety };
        assert_eq!((written.watch_for(Some(240)), written.window()), (5, 5));
    }
}
