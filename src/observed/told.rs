//! What routing daemons tell of their peers, beyond what the kernel shows: sessions on whatever port, networks that
//! peers may come from, BFD.

mod bird;
mod frr;
mod time;

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::BgpSession;

/// What the daemons of a host told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Established BGP sessions.
    pub sessions: Vec<ToldSession>,
    /// Networks that peers may come from without being named: dynamic neighbors.
    pub ranges: BTreeSet<IpNet>,
    /// BFD sessions, those that are down too.
    pub bfd: BTreeSet<BfdPeer>,
    /// Who was not heard, and why, in words: "BIRD: it did not answer within 2 s".
    pub silent: BTreeSet<String>,
}

/// An established BGP session, as its daemon tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldSession {
    /// Own address; absent: it was not told.
    pub local: Option<IpAddr>,
    /// Peer's address.
    pub peer: IpAddr,
    /// Seconds since it was established, at least; absent: it was not told.
    pub age: Option<u64>,
    /// Seconds without a word after which it ends, as was negotiated; absent: it was not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_time: Option<u32>,
}

/// A BFD session. RFC 5880.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct BfdPeer {
    /// Own address; absent: it was not told.
    pub local: Option<IpAddr>,
    /// Peer's address.
    pub peer: IpAddr,
    /// Link of a session over one hop; absent: it is over several, or it was not told.
    pub link: Option<String>,
    /// Whether it is up.
    pub up: bool,
}

/// Why an answer cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable(String);

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "its answer has another form: {}", self.0)
    }
}

impl std::error::Error for Unreadable {}

impl Told {
    /// Takes in BIRD's answer to `show protocols all`; `status` is that to `show status`, which has BIRD's clock.
    ///
    /// # Errors
    /// It is no such answer.
    pub fn add_bird_protocols(&mut self, protocols: &str, status: &str) -> Result<(), Unreadable> {
        let (sessions, ranges) = bird::protocols(protocols, status)?;
        self.sessions.extend(sessions);
        self.ranges.extend(ranges);
        Ok(())
    }

    /// Takes in BIRD's answer to `show bfd sessions`.
    ///
    /// # Errors
    /// It is no such answer.
    pub fn add_bird_bfd(&mut self, answer: &str) -> Result<(), Unreadable> {
        self.bfd.extend(bird::bfd(answer)?);
        Ok(())
    }

    /// Takes in the answer of FRR's bgpd to `show bgp vrf all neighbors json`.
    ///
    /// # Errors
    /// It is no such answer.
    pub fn add_frr_neighbors(&mut self, answer: &str) -> Result<(), Unreadable> {
        self.sessions.extend(frr::neighbors(answer)?);
        Ok(())
    }

    /// Takes in the answer of FRR's bgpd to `show bgp peer-group json`.
    ///
    /// # Errors
    /// It is no such answer.
    pub fn add_frr_groups(&mut self, answer: &str) -> Result<(), Unreadable> {
        self.ranges.extend(frr::ranges(answer)?);
        Ok(())
    }

    /// Takes in the answer of FRR's bfdd to `show bfd peers json`.
    ///
    /// # Errors
    /// It is no such answer.
    pub fn add_frr_bfd(&mut self, answer: &str) -> Result<(), Unreadable> {
        self.bfd.extend(frr::bfd(answer)?);
        Ok(())
    }

    /// Takes in what another daemon told.
    pub fn extend(&mut self, other: Self) {
        self.sessions.extend(other.sessions);
        self.ranges.extend(other.ranges);
        self.bfd.extend(other.bfd);
        self.silent.extend(other.silent);
    }

    /// Says whether an address is a peer's, or lies where peers may come from.
    #[must_use]
    pub fn knows(&self, peer: IpAddr) -> bool {
        self.sessions.iter().any(|it| it.peer == peer) || self.ranges.iter().any(|it| it.contains(&peer))
    }

    /// Returns the longest hold time that sessions were negotiated with; absent: there are none, or it was not told.
    #[must_use]
    pub fn hold_time(&self) -> Option<u32> {
        self.sessions.iter().filter_map(|it| it.hold_time).max()
    }

    /// Returns for how many seconds a session has been established, at least; absent: no daemon told, or it told of several
    /// between the same addresses. The kernel does not know.
    #[must_use]
    pub fn age(&self, session: &BgpSession) -> Option<u64> {
        let is = |it: &&ToldSession| it.peer == session.peer && it.local.is_none_or(|it| it == session.local);
        let mut found = self.sessions.iter().filter(is);
        let age = found.next()?.age;
        age.filter(|_| found.next().is_none())
    }
}

/// Reads an address, which may have the name of a link behind it: `fe80::1%eno1`.
fn address(text: &str) -> Option<IpAddr> {
    text.split('%').next()?.parse().ok()
}

#[cfg(test)]
mod tests;
