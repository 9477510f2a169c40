//! BGP sessions, and from which link each speaks.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{BfdPeer, FlowKind, Observed, ObservedLink, ObservedRoute};
use crate::value::{InterfaceAddress, is_link_local};

/// An established TCP connection that speaks BGP, known by its socket.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BgpSession {
    /// Own address.
    pub local: IpAddr,
    /// Peer's address.
    pub peer: IpAddr,
    /// Index of the link that the socket is bound to, as sockets between link-local addresses and in VRFs are; 0: to none.
    #[serde(default)]
    pub device: u32,
    /// The kernel's cookie of the socket: never given twice since boot.
    pub cookie: u64,
}

/// The own end of a BGP session, or of a BFD session whose loss ends one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Speaker {
    /// Own address.
    pub local: IpAddr,
    /// Index of the link that it is bound to; 0: to none.
    pub device: u32,
}

impl BgpSession {
    /// Returns its own end.
    #[must_use]
    pub const fn speaker(&self) -> Speaker {
        Speaker { local: self.local, device: self.device }
    }
}

impl Speaker {
    /// Says whether it speaks from an address of a link, which is one of these links.
    #[must_use]
    pub fn speaks_from(self, link: &ObservedLink, links: &BTreeMap<String, ObservedLink>) -> bool {
        let has = |it: &ObservedLink| it.addresses.iter().any(|own| own.address.ip() == self.local);
        has(link) && !links.iter().any(|(name, it)| self.is_bound_elsewhere(link, (name, it), links))
    }

    /// Says whether what it is bound to, if that is this link, tells that it speaks from another one. A VLAN has its parent's MAC
    /// address and with it the same link-local one; two VRFs may have the same addresses.
    fn is_bound_elsewhere(
        self,
        link: &ObservedLink,
        (name, bound): (&String, &ObservedLink),
        links: &BTreeMap<String, ObservedLink>,
    ) -> bool {
        let has = |it: &ObservedLink| it.addresses.iter().any(|own| own.address.ip() == self.local);
        if bound.index != self.device || bound.index == link.index {
            return false;
        }
        if bound.kind.as_deref() == Some("vrf") {
            let within = |it: &ObservedLink| it.master.as_ref() == Some(name);
            return !within(link) && (has(bound) || links.values().any(|it| within(it) && has(it)));
        }
        is_link_local(self.local) && has(bound)
    }
}

impl Observed {
    /// Returns the own ends of BGP sessions, and of BFD sessions that are up: when those go down, BGP follows.
    #[must_use]
    pub fn speakers(&self) -> BTreeSet<Speaker> {
        let sessions = self.sessions.iter().map(BgpSession::speaker);
        sessions.chain(self.bfd_speakers()).collect()
    }

    /// Returns the own ends of BFD sessions that are up.
    pub fn bfd_speakers(&self) -> impl Iterator<Item = Speaker> {
        self.told.bfd.iter().filter(|it| it.up).filter_map(|it| self.bfd_speaker(it))
    }

    /// Returns the own end of a BFD session. Where nobody told its address it is the one of its link that is near the peer, or that
    /// of the BGP session with the same peer; absent: there is none.
    #[must_use]
    pub fn bfd_speaker(&self, bfd: &BfdPeer) -> Option<Speaker> {
        let link = bfd.link.as_ref().and_then(|it| self.links.get(it));
        let near = || link?.addresses.iter().map(|it| it.address).find(|it| it.reaches(bfd.peer));
        let of_session = || self.sessions.iter().find(|it| it.peer == bfd.peer).map(|it| it.local);
        let local = bfd.local.or_else(|| near().map(InterfaceAddress::ip)).or_else(of_session)?;
        Some(Speaker { local, device: link.map_or(0, |it| it.index) })
    }

    /// Says whether a BGP session, or BFD for one, speaks from an address of a link.
    #[must_use]
    pub fn speaks_from(&self, link: &ObservedLink) -> bool {
        self.speakers().iter().any(|it| it.speaks_from(link, &self.links))
    }

    /// Says whether a BGP session, or BFD for one, goes over a link, or over one that is built on it or has it as a port, in
    /// whatever network namespace that is: because it speaks from an address there, or because its route leaves there.
    #[must_use]
    pub fn carries_session(&self, name: &str) -> bool {
        let sessions = self.elsewhere.iter().flat_map(|it| &it.sessions);
        let elsewhere = sessions.flat_map(|it| &it.over).map(String::as_str);
        let routes =
            self.flows.iter().filter(|it| it.kind == FlowKind::Session).filter_map(|it| it.route.as_ref());
        let over = elsewhere.chain(routes.flat_map(ObservedRoute::devices)).collect();
        self.carries(name, &self.speakers(), &over)
    }

    /// Says whether BFD for a session speaks from an address of a link or of one that is built on it or has it as a port.
    #[must_use]
    pub fn carries_bfd(&self, name: &str) -> bool {
        self.carries(name, &self.bfd_speakers().collect(), &BTreeSet::new())
    }

    /// Returns the master that sends over a port what it has: a bridge or bond. What a VRF has goes over whichever of its links
    /// has the address.
    #[must_use]
    pub fn sender_over<'a>(&self, port: &'a ObservedLink) -> Option<&'a str> {
        port.master.as_deref().filter(|it| self.vrf(it).is_none())
    }

    /// `over` has the links that sessions go over whatever address they speak from.
    fn carries(&self, name: &str, speakers: &BTreeSet<Speaker>, over: &BTreeSet<&str>) -> bool {
        let speaks = |link: &ObservedLink| speakers.iter().any(|it| it.speaks_from(link, &self.links));
        let carries = |name: &&str| over.contains(name) || self.links.get(*name).is_some_and(speaks);
        self.above(name).iter().any(carries)
    }

    /// Returns the names of a link, of those that are built on it, and of those that have it as a port, and so on.
    #[must_use]
    pub fn above<'a>(&'a self, name: &'a str) -> BTreeSet<&'a str> {
        let (mut todo, mut seen) = (vec![name], BTreeSet::new());
        while let Some(name) = todo.pop() {
            if seen.insert(name) {
                // The two ends of a veth name each other.
                let child = |it: &(&String, &ObservedLink)| {
                    it.1.parent.as_deref() == Some(name) && it.1.kind.as_deref() != Some("veth")
                };
                todo.extend(self.links.iter().filter(child).map(|it| it.0.as_str()));
                todo.extend(self.links.get(name).and_then(|it| self.sender_over(it)));
            }
        }
        seen
    }

    /// Returns those of [`Self::above`] that go down with a link: what its master has stands on the master.
    #[must_use]
    pub fn standing_on<'a>(&'a self, name: &'a str) -> BTreeSet<&'a str> {
        let master = self.links.get(name).and_then(|it| it.master.as_deref());
        let of_master = master.map(|it| self.above(it)).unwrap_or_default();
        &self.above(name) - &of_master
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::observed::{AddressState, ObservedAddress, Told};

    fn link(index: u32, addresses: &[&str]) -> ObservedLink {
        let address = |it: &&str| ObservedAddress {
            address: it.parse().expect("an address"),
            broadcast: None,
            state: AddressState::Usable,
            permanent: true,
        };
        ObservedLink { index, addresses: addresses.iter().map(address).collect(), ..ObservedLink::default() }
    }

    fn links(list: Vec<(&str, ObservedLink)>) -> BTreeMap<String, ObservedLink> {
        list.into_iter().map(|(name, it)| (name.to_owned(), it)).collect()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_link_local_session_is_that_of_the_link_it_is_bound_to() {
        let all = links(vec![("eno1", link(2, &["fe80::1/64"])), ("storage", link(3, &["fe80::1/64"]))]);
        let speaks = |device: u32| {
            let speaker = Speaker { local: ip("fe80::1"), device };
            ["eno1", "storage"].map(|it| speaker.speaks_from(&all[it], &all))
        };
        assert_eq!(speaks(2), [true, false]);
        assert_eq!(speaks(3), [false, true]);
        assert_eq!(speaks(0), [true, true], "bound to none: either may be it");
        assert_eq!(speaks(9), [true, true], "bound to what has no such address: either may be it");
    }

    #[test]
    fn a_session_in_a_vrf_is_that_of_the_vrf_s_port() {
        let of =
            |master: Option<&str>, it: ObservedLink| ObservedLink { master: master.map(str::to_owned), ..it };
        let vrf = |index: u32| ObservedLink { kind: Some("vrf".to_owned()), ..link(index, &[]) };
        let all = links(vec![
            ("red", vrf(8)),
            ("blue", vrf(9)),
            ("eno1", of(Some("red"), link(2, &["192.0.2.2/24"]))),
            ("eno2", of(Some("blue"), link(3, &["192.0.2.2/24"]))),
            ("eno3", of(None, link(4, &["192.0.2.2/24"]))),
        ]);
        let speaks = |device: u32| {
            let speaker = Speaker { local: ip("192.0.2.2"), device };
            ["eno1", "eno2", "eno3"].map(|it| speaker.speaks_from(&all[it], &all))
        };
        assert_eq!(speaks(8), [true, false, false]);
        assert_eq!(speaks(9), [false, true, false]);
        assert_eq!(speaks(0), [true; 3], "bound to none: any may be it");
        assert_eq!(speaks(2), [true; 3], "bound to a link, which may speak from any address");
    }

    #[test]
    fn bfd_speaks_from_where_it_is_told_or_from_near_the_peer() {
        let session = BgpSession { local: ip("10.9.9.9"), peer: ip("10.9.9.1"), device: 0, cookie: 1 };
        let bfd = |local: Option<&str>, peer: &str, link: Option<&str>, up: bool| BfdPeer {
            local: local.map(ip),
            peer: ip(peer),
            link: link.map(str::to_owned),
            up,
        };
        let all = links(vec![("eno1", link(2, &["192.0.2.2/24", "198.51.100.2/24"]))]);
        let observed = |peer: BfdPeer| Observed {
            links: all.clone(),
            sessions: [session.clone()].into(),
            told: Told { bfd: [peer].into(), ..Told::default() },
            ..Observed::default()
        };
        let local =
            |peer: BfdPeer| observed(peer).bfd_speakers().next().map(|it| (it.local.to_string(), it.device));
        let is = |local: &str, device: u32| Some((local.to_owned(), device));
        assert_eq!(local(bfd(Some("192.0.2.2"), "10.0.0.1", None, true)), is("192.0.2.2", 0));
        assert_eq!(local(bfd(None, "198.51.100.1", Some("eno1"), true)), is("198.51.100.2", 2));
        assert_eq!(local(bfd(None, "10.9.9.1", None, true)), is("10.9.9.9", 0));
        assert_eq!(local(bfd(None, "10.8.8.1", None, true)), None);
        assert_eq!(local(bfd(Some("192.0.2.2"), "192.0.2.1", Some("eno1"), false)), None, "it is down");
        assert!(observed(bfd(None, "198.51.100.1", Some("eno1"), true)).carries_session("eno1"));
    }

    #[test]
    fn ports_carry_what_their_master_does() {
        let of = |master: &str, it: ObservedLink| ObservedLink { master: Some(master.to_owned()), ..it };
        let kind = |kind: &str, it: ObservedLink| ObservedLink { kind: Some(kind.to_owned()), ..it };
        let vlan = ObservedLink { parent: Some("br0".to_owned()), ..link(8, &["10.0.7.2/24"]) };
        let session =
            |local: &str| BgpSession { local: ip(local), peer: ip("10.9.9.1"), device: 0, cookie: 1 };
        let observed = |local: &str| Observed {
            links: links(vec![
                ("eno1", of("bond0", link(2, &[]))),
                ("eno2", of("red", link(3, &[]))),
                ("eno3", of("red", link(4, &["10.0.3.2/24"]))),
                ("bond0", of("br0", kind("bond", link(5, &[])))),
                ("br0", kind("bridge", link(6, &["10.0.0.2/24"]))),
                ("red", kind("vrf", link(7, &[]))),
                ("br0.7", vlan.clone()),
            ]),
            sessions: [session(local)].into(),
            ..Observed::default()
        };
        let carry = |local: &str| ["eno1", "bond0", "eno2"].map(|it| observed(local).carries_session(it));
        assert_eq!(carry("10.0.0.2"), [true, true, false], "the bridge speaks");
        assert_eq!(carry("10.0.7.2"), [true, true, false], "a VLAN on it does");
        assert_eq!(carry("10.0.3.2"), [false; 3], "another port of the VRF does");
    }
}
