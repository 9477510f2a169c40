//! What other network namespaces of the host have on links here: links built on them, and BGP sessions that go over them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{BgpSession, Observed, ObservedLink, Space};

/// Kinds that come in pairs: what is below such a link is the other end.
const PAIRS: [&str; 3] = ["veth", "vxcan", "netkit"];

/// Another network namespace with a link that stands on one here. Nobody changes anything there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elsewhere {
    /// What it is known by.
    pub space: Space,
    /// Links there that are built on links here and go with them: name there, name here.
    pub built: BTreeMap<String, String>,
    /// Established BGP sessions there.
    pub sessions: Vec<SessionElsewhere>,
}

/// A BGP session in another network namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionElsewhere {
    /// The session; its `device` is an index there.
    pub session: BgpSession,
    /// Links here that it goes over; empty: it leaves the host on a way of its own, or not at all.
    pub over: BTreeSet<String>,
}

impl Elsewhere {
    /// Finds out which links here the sessions of a namespace go over: `below` has the links there whose other half is here, and
    /// that half's name.
    #[must_use]
    pub fn new(
        space: Space,
        links: &BTreeMap<String, ObservedLink>,
        below: &BTreeMap<String, String>,
        sessions: impl IntoIterator<Item = BgpSession>,
    ) -> Self {
        let is_built = |it: &(&String, &String)| {
            let kind = links.get(it.0).and_then(|it| it.kind.as_deref());
            !kind.is_some_and(|it| PAIRS.contains(&it))
        };
        let built = below.iter().filter(is_built).map(|(there, here)| (there.clone(), here.clone()));
        let placed = |session: BgpSession| {
            let over = over(&session, links, below);
            SessionElsewhere { session, over }
        };
        Self { space, built: built.collect(), sessions: sessions.into_iter().map(placed).collect() }
    }
}

/// Follows a session from the link that it speaks from, down to links whose other half is here.
fn over(
    session: &BgpSession,
    links: &BTreeMap<String, ObservedLink>,
    below: &BTreeMap<String, String>,
) -> BTreeSet<String> {
    let speaks = |it: &ObservedLink| session.speaker().speaks_from(it, links);
    let mut todo: Vec<&String> = links.iter().filter(|it| speaks(it.1)).map(|it| it.0).collect();
    let (mut seen, mut found) = (BTreeSet::new(), BTreeSet::new());
    while let Some(name) = todo.pop() {
        if !seen.insert(name) {
            continue;
        }
        found.extend(below.get(name).cloned());
        todo.extend(links.get(name).and_then(|it| it.parent.as_ref()));
        todo.extend(links.iter().filter(|(_, it)| it.master.as_ref() == Some(name)).map(|it| it.0));
    }
    found
}

impl Observed {
    /// Says whether a BGP session in another network namespace goes over a link itself, not over one that is built on it here.
    #[must_use]
    pub fn is_under_session_elsewhere(&self, name: &str) -> bool {
        self.elsewhere.iter().flat_map(|it| &it.sessions).any(|it| it.over.contains(name))
    }

    /// Returns a link in another network namespace that is built on one here, and that namespace.
    #[must_use]
    pub fn built_elsewhere_on(&self, name: &str) -> Option<(&str, &Space)> {
        self.elsewhere.iter().find_map(|it| {
            let (there, _) = it.built.iter().find(|(_, here)| here.as_str() == name)?;
            Some((there.as_str(), &it.space))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observed::{AddressState, ObservedAddress};

    fn link(kind: &str, given: Option<&str>) -> ObservedLink {
        let address = |it: &str| ObservedAddress {
            address: it.parse().expect("an address"),
            broadcast: None,
            state: AddressState::Usable,
            permanent: true,
        };
        let addresses = given.into_iter().map(address).collect();
        ObservedLink { kind: Some(kind.to_owned()), addresses, ..ObservedLink::default() }
    }

    #[test]
    fn sessions_are_followed_down_to_links_here() {
        let vlan = ObservedLink { parent: Some("mv0".to_owned()), ..link("vlan", Some("10.0.1.2/24")) };
        let port = ObservedLink { master: Some("br0".to_owned()), ..link("veth", None) };
        let links = BTreeMap::from([
            ("mv0".to_owned(), link("macvlan", Some("10.0.0.2/24"))),
            ("mv0.7".to_owned(), vlan),
            ("br0".to_owned(), link("bridge", Some("10.0.2.2/24"))),
            ("ve0".to_owned(), port),
            ("dummy0".to_owned(), link("dummy", Some("10.0.3.2/24"))),
        ]);
        let pair = |(there, here): (&str, &str)| (there.to_owned(), here.to_owned());
        let below = BTreeMap::from([("mv0", "storage"), ("ve0", "ve1")].map(pair));
        let session = |local: &str| BgpSession {
            local: local.parse().expect("an address"),
            peer: "10.9.9.9".parse().expect("an address"),
            device: 0,
            cookie: 1,
        };
        let all = ["10.0.0.2", "10.0.1.2", "10.0.2.2", "10.0.3.2"].map(session);
        let found = Elsewhere::new(Space::Named("blue".to_owned()), &links, &below, all);
        let over: Vec<Vec<_>> =
            found.sessions.iter().map(|it| it.over.iter().map(String::as_str).collect()).collect();
        assert_eq!(over, [vec!["storage"], vec!["storage"], vec!["ve1"], vec![]]);
        assert_eq!(found.built, BTreeMap::from([pair(("mv0", "storage"))]), "a pair is not built on its end");
        let eno1 = ObservedLink::default();
        let storage = ObservedLink { parent: Some("eno1".to_owned()), ..link("vlan", None) };
        let observed = Observed {
            links: [("eno1".to_owned(), eno1), ("storage".to_owned(), storage)].into(),
            elsewhere: vec![found],
            ..Observed::default()
        };
        assert!(observed.carries_session("eno1") && observed.carries_session("storage"));
        assert!(!observed.carries_bfd("eno1") && !observed.is_under_session_elsewhere("eno1"));
        let blue = Space::Named("blue".to_owned());
        assert_eq!(observed.built_elsewhere_on("storage"), Some(("mv0", &blue)));
    }
}
