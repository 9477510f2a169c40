//! What must go on reaching its peer: BGP sessions, BFD for them, iSCSI sessions, and whoever calls; and the route that each
//! goes by.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Observed, ObservedLink, ObservedRoute, Speaker};

/// What goes over the network, as those see it who use it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlowKind {
    /// A BGP session, or BFD for one.
    Session,
    /// An iSCSI session; name of the target.
    Storage(String),
    /// The connection that hostwright was called over.
    Caller,
}

/// Packets from this host to a peer that must go on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Flow {
    /// What it is.
    pub kind: FlowKind,
    /// Own address; unspecified: it is not known.
    pub local: IpAddr,
    /// Peer's address.
    pub peer: IpAddr,
    /// Index of the link that its socket is bound to; 0: to none.
    pub device: u32,
    /// Entry of the kernel's tables that it goes by; absent: it has none, or nobody asked.
    pub route: Option<ObservedRoute>,
}

impl Flow {
    /// Makes one whose route is not known yet.
    #[must_use]
    pub const fn new(kind: FlowKind, local: IpAddr, peer: IpAddr, device: u32) -> Self {
        Self { kind, local, peer, device, route: None }
    }

    /// Returns its own end.
    #[must_use]
    pub const fn speaker(&self) -> Speaker {
        Speaker { local: self.local, device: self.device }
    }

    /// Says whether its route leaves over a link.
    #[must_use]
    pub fn leaves_over(&self, name: &str) -> bool {
        self.route.as_ref().is_some_and(|it| it.devices().contains(name))
    }
}

impl Observed {
    /// Returns the BGP sessions and BFD sessions that are up as flows whose routes are not known yet.
    #[must_use]
    pub fn session_flows(&self) -> BTreeSet<Flow> {
        let flow = |it: Speaker, peer| Flow::new(FlowKind::Session, it.local, peer, it.device);
        let sessions = self.sessions.iter().map(|it| flow(it.speaker(), it.peer));
        let up = self.told.bfd.iter().filter(|it| it.up);
        let bfd = up.filter_map(|it| Some(flow(self.bfd_speaker(it)?, it.peer)));
        sessions.chain(bfd).collect()
    }

    /// Iterates over the targets of iSCSI sessions that speak from some addresses.
    pub fn stored_from<'a>(&'a self, addresses: &'a BTreeSet<IpAddr>) -> impl Iterator<Item = &'a str> {
        self.flows.iter().filter(|it| addresses.contains(&it.local)).filter_map(|it| match &it.kind {
            FlowKind::Storage(target) => Some(target.as_str()),
            FlowKind::Session | FlowKind::Caller => None,
        })
    }

    /// Returns the flows that go over a link, or over one that is built on it or has it as a port.
    #[must_use]
    pub fn flows_over(&self, name: &str) -> Vec<&Flow> {
        if self.flows.is_empty() {
            return Vec::new();
        }
        let above = self.above(name);
        let speaks = |it: &Flow, link: &ObservedLink| it.speaker().speaks_from(link, &self.links);
        let over = |it: &Flow, name: &str| {
            it.leaves_over(name) || self.links.get(name).is_some_and(|link| speaks(it, link))
        };
        self.flows.iter().filter(|it| above.iter().any(|name| over(it, name))).collect()
    }
}
