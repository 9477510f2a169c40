//! What others own on the host and must have after every step as before the first.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use hostwright::observed::{BfdPeer, BgpSession, ForeignRoute, Nexthop, ObservedRule};
use hostwright::value::Harm;

use super::churn::Routes;

/// Retransmissions in a row after which a session counts as stalled: about six seconds.
pub(crate) const STALLED: u8 = 5;

/// How a carrier stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// A cable or a peer is there.
    There,
    /// The link has none.
    Gone,
}

/// What became of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It works.
    Works,
    /// It does not.
    Fails,
}

/// What became of a nexthop object that the kernel lacks, or has with other content, by its daemon's doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The daemon has it no longer, or put there what is there now: it will not use what was.
    Retired,
    /// The daemon has it, and knows that the kernel does not: it installs it before it uses it.
    Waits,
}

/// A picture of what others own.
#[derive(Debug, Clone, Default)]
pub(crate) struct Baseline {
    /// Established BGP sessions.
    pub(crate) sessions: BTreeSet<BgpSession>,
    /// Cookies of those whose peer acknowledges nothing.
    pub(crate) stalled: BTreeSet<u64>,
    /// BFD sessions that are up; absent: nobody knows, for a daemon did not answer.
    pub(crate) bfd: Option<BTreeSet<BfdPeer>>,
    /// Established BGP sessions in other network namespaces that go over links here, with the namespace in words.
    pub(crate) elsewhere: BTreeSet<(String, BgpSession)>,
    /// Routes of others.
    pub(crate) routes: Routes,
    /// Rules of others.
    pub(crate) rules: BTreeSet<ObservedRule>,
    /// Nexthop objects.
    pub(crate) nexthops: BTreeSet<Nexthop>,
    /// Permanent neighbors of others, with the names of their links.
    pub(crate) neighbors: BTreeSet<(String, IpAddr)>,
    /// Links and their carriers.
    pub(crate) carriers: BTreeMap<String, Carrier>,
    /// Guests and containers that run, by the names of their units.
    pub(crate) machines: BTreeSet<String>,
    /// iSCSI targets that are logged in and that the new spec keeps.
    pub(crate) targets: BTreeSet<String>,
    /// Trials by what they try; those that were not made are not here.
    pub(crate) trials: BTreeMap<String, Verdict>,
}

/// Something that is no longer as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Loss {
    /// What `[safety] allow` calls it; absent: nothing allows it.
    pub(crate) harm: Option<Harm>,
    /// What it is, in words.
    pub(crate) what: String,
}

impl Loss {
    fn new(harm: Harm, what: String) -> Self {
        Self { harm: Some(harm), what }
    }
}

impl Baseline {
    /// Says what of this picture a later one lacks.
    pub(crate) fn lost_in(&self, later: &Self) -> Vec<Loss> {
        let mut lost = self.sessions_lost_in(later);
        lost.extend(self.bfd_lost_in(later));
        lost.extend(self.routes.lost_in(&later.routes).iter().map(|it| Loss::new(Harm::Routes, route(it))));
        let gone = self.rules.difference(&later.rules).map(|it| format!("rule {it}"));
        let nexthops = self.nexthops.difference(&later.nexthops).map(|it| format!("nexthop {it}"));
        let is_there = |it: &&(String, IpAddr)| later.carriers.contains_key(&it.0);
        let neighbors = self.neighbors.difference(&later.neighbors).filter(is_there);
        let neighbors = neighbors.map(|(link, it)| format!("neighbor {it} of {link}"));
        lost.extend(gone.chain(nexthops).chain(neighbors).map(|it| Loss::new(Harm::Routes, it)));
        for (name, _) in self.carriers.iter().filter(|it| *it.1 == Carrier::There) {
            if later.carriers.get(name) == Some(&Carrier::Gone) {
                lost.push(Loss::new(Harm::Links, format!("carrier of {name}")));
            }
        }
        let machines = self.machines.difference(&later.machines).map(|it| format!("{it} does not run"));
        lost.extend(machines.map(|it| Loss::new(Harm::Guests, it)));
        let targets = self.targets.difference(&later.targets).map(|it| format!("iSCSI session with {it}"));
        lost.extend(targets.map(|it| Loss::new(Harm::Storage, it)));
        for (what, _) in self.trials.iter().filter(|it| *it.1 == Verdict::Works) {
            if later.trials.get(what) == Some(&Verdict::Fails) {
                lost.push(Loss { harm: None, what: what.clone() });
            }
        }
        lost
    }

    /// Returns the nexthop objects that a later picture lacks, or has with other content.
    pub(crate) fn nexthops_gone_in(&self, later: &Self) -> Vec<Nexthop> {
        self.nexthops.difference(&later.nexthops).cloned().collect()
    }

    fn sessions_lost_in(&self, later: &Self) -> Vec<Loss> {
        let said = |it: &BgpSession| format!("BGP session {} with {}", it.local, it.peer);
        let gone = self.sessions.difference(&later.sessions).map(said);
        let stalls =
            |it: &&BgpSession| later.stalled.contains(&it.cookie) && !self.stalled.contains(&it.cookie);
        let still = self.sessions.intersection(&later.sessions).filter(stalls);
        let stalled = still.map(|it| format!("{}: its peer acknowledges nothing", said(it)));
        let elsewhere = self.elsewhere.difference(&later.elsewhere).map(elsewhere);
        gone.chain(stalled).chain(elsewhere).map(|it| Loss::new(Harm::Sessions, it)).collect()
    }

    /// Says which BFD sessions are no longer up: BGP follows. Where nobody knows, nothing is lost.
    fn bfd_lost_in(&self, later: &Self) -> Vec<Loss> {
        let (Some(before), Some(now)) = (&self.bfd, &later.bfd) else { return Vec::new() };
        before.difference(now).map(|it| Loss::new(Harm::Sessions, bfd(it))).collect()
    }

    /// Says what of this picture a later one lacks even where a loss for a while was agreed to: a session may have
    /// come anew.
    pub(crate) fn not_back_in(&self, later: &Self) -> Vec<Loss> {
        let mut anew = later.clone();
        let again =
            |it: &&BgpSession| later.sessions.iter().any(|new| new.local == it.local && new.peer == it.peer);
        anew.sessions.extend(self.sessions.iter().filter(again).cloned());
        let same = |a: &(String, BgpSession), b: &(String, BgpSession)| {
            (&a.0, a.1.local, a.1.peer) == (&b.0, b.1.local, b.1.peer)
        };
        let again = |it: &&(String, BgpSession)| later.elsewhere.iter().any(|new| same(it, new));
        anew.elsewhere.extend(self.elsewhere.iter().filter(again).cloned());
        anew.nexthops.extend(self.nexthops.iter().cloned());
        anew.neighbors.extend(self.neighbors.iter().cloned());
        self.lost_in(&anew)
    }

    /// Leaves out what goes with a link that the plan deletes or takes from its master: zebra makes a nexthop object for
    /// each connected network.
    pub(crate) fn leave_out(&mut self, link: &str) {
        self.nexthops.retain(|it| it.device.as_deref() != Some(link));
        self.neighbors.retain(|it| it.0 != link);
        self.carriers.remove(link);
    }

    /// Says whether there is anything whose loss would only show after a while: a target is logged out when it has answered
    /// no ping for seconds, routes go with a neighbor's hold time.
    pub(crate) fn is_worth_watching(&self) -> bool {
        let has_bfd = self.bfd.as_ref().is_some_and(|it| !it.is_empty());
        let has_sessions = !self.sessions.is_empty() || !self.elsewhere.is_empty();
        let has_routes = !self.routes.is_empty();
        has_sessions || has_bfd || has_routes || !self.targets.is_empty() || !self.trials.is_empty()
    }

    /// Says in words what there was, a line for each.
    pub(crate) fn lines(&self) -> Vec<String> {
        let stall = |it: &BgpSession| if self.stalled.contains(&it.cookie) { ", stalled" } else { "" };
        let sessions = self.sessions.iter();
        let mut lines: Vec<_> =
            sessions.map(|it| format!("BGP session {} with {}{}", it.local, it.peer, stall(it))).collect();
        lines.extend(self.bfd.iter().flatten().map(bfd));
        lines.extend(self.elsewhere.iter().map(elsewhere));
        lines.extend(self.routes.lines());
        lines.push(format!("{} rules of others, {} nexthop objects", self.rules.len(), self.nexthops.len()));
        lines.extend(self.neighbors.iter().map(|(link, it)| format!("neighbor {it} of {link}")));
        lines.extend(self.machines.iter().map(|it| format!("{it} runs")));
        lines.extend(self.targets.iter().map(|it| format!("iSCSI session with {it}")));
        let word = |trial: &Verdict| if *trial == Verdict::Works { "works" } else { "fails" };
        lines.extend(self.trials.iter().map(|(what, trial)| format!("{what}: {}", word(trial))));
        lines
    }
}

fn bfd(bfd: &BfdPeer) -> String {
    let over = bfd.link.as_ref().map_or_else(String::new, |it| format!(" over {it}"));
    format!("BFD session with {}{over}", bfd.peer)
}

fn elsewhere((namespace, it): &(String, BgpSession)) -> String {
    format!("BGP session {} with {} in {namespace}", it.local, it.peer)
}

fn route(route: &ForeignRoute) -> String {
    format!("route {}, table {}, protocol {}", route.to, route.table, route.protocol)
}

#[cfg(test)]
mod tests {
    use super::{
        BTreeMap, BTreeSet, Baseline, BfdPeer, BgpSession, Carrier, ForeignRoute, Harm, Loss, Nexthop, Routes,
    };

    #[test]
    fn bfd_that_goes_down_is_a_lost_session_and_silence_is_none() {
        let bfd = |up: bool| {
            let peer = "192.0.2.1".parse().expect("an address");
            BfdPeer { local: None, peer, link: Some("eno1".to_owned()), up }
        };
        let picture = |bfd: Option<BTreeSet<BfdPeer>>| Baseline { bfd, ..Baseline::default() };
        let before = picture(Some([bfd(true)].into()));
        let lost = |later: Option<BTreeSet<BfdPeer>>| before.lost_in(&picture(later));
        assert_eq!(lost(Some([bfd(true)].into())), []);
        assert_eq!(lost(None), [], "a daemon that does not answer");
        let said = [Loss::new(Harm::Sessions, "BFD session with 192.0.2.1 over eno1".to_owned())];
        assert_eq!(lost(Some(BTreeSet::new())), said);
        assert_eq!(picture(None).lost_in(&before), [], "it was not known before");
        assert!(before.is_worth_watching() && !picture(Some(BTreeSet::new())).is_worth_watching());
    }

    #[test]
    fn what_is_lost_late_is_worth_watching() {
        let target =
            Baseline { targets: ["iqn.2026-01.example.san:hv1".to_owned()].into(), ..Baseline::default() };
        let to = "203.0.113.0/24".parse().expect("a network");
        let route = ForeignRoute { table: 254, protocol: 11, to };
        let routes = Routes::new(vec![route], std::time::Duration::ZERO);
        assert!(target.is_worth_watching());
        assert!(Baseline { routes, ..Baseline::default() }.is_worth_watching());
        assert!(!Baseline::default().is_worth_watching());
    }

    #[test]
    fn a_session_in_another_namespace_is_lost_unless_it_comes_anew_as_was_agreed() {
        let session = |cookie: u64| {
            let ip = |text: &str| text.parse().expect("an address");
            let session = BgpSession { local: ip("10.0.0.2"), peer: ip("10.0.0.1"), device: 0, cookie };
            ("the network namespace `blue`".to_owned(), session)
        };
        let picture = |cookies: &[u64]| Baseline {
            elsewhere: cookies.iter().copied().map(session).collect(),
            ..Baseline::default()
        };
        let what = "BGP session 10.0.0.2 with 10.0.0.1 in the network namespace `blue`".to_owned();
        assert_eq!(picture(&[1]).lost_in(&picture(&[1, 2])), []);
        assert_eq!(picture(&[1]).lost_in(&picture(&[2])), [Loss::new(Harm::Sessions, what.clone())]);
        assert_eq!(picture(&[1]).not_back_in(&picture(&[2])), []);
        assert_eq!(picture(&[1]).not_back_in(&picture(&[])), [Loss::new(Harm::Sessions, what)]);
        assert!(picture(&[1]).is_worth_watching());
    }

    #[test]
    fn a_neighbor_that_goes_takes_the_routes_by_it_along() {
        let of = |link: &str| (link.to_owned(), "169.254.0.1".parse().expect("an address"));
        let mut before = Baseline { neighbors: [of("eno1"), of("host20")].into(), ..Baseline::default() };
        let carriers: BTreeMap<_, _> = [("eno1".to_owned(), Carrier::There)].into();
        let later = Baseline { neighbors: [of("host20")].into(), carriers, ..Baseline::default() };
        let lost = before.lost_in(&later);
        assert_eq!(before.lost_in(&Baseline::default()), [], "the links are gone");
        assert_eq!(lost, [Loss::new(Harm::Routes, "neighbor 169.254.0.1 of eno1".to_owned())]);
        before.leave_out("host20");
        assert_eq!(before.neighbors, [of("eno1")].into());
        assert_eq!(before.not_back_in(&Baseline::default()), [], "as was agreed");
    }

    #[test]
    fn nexthops_over_a_link_that_goes_are_left_out() {
        let nexthop = |id: u32, device: &str| Nexthop {
            id,
            protocol: 11,
            device: Some(device.to_owned()),
            via: None,
            members: BTreeSet::new(),
            rest: format!("family 2 dev {device} protocol 11"),
        };
        let nexthops = [nexthop(18, "host20"), nexthop(19, "host2")];
        let mut baseline = Baseline { nexthops: nexthops.into(), ..Baseline::default() };
        baseline.leave_out("host20");
        let lost: Vec<_> = baseline.lost_in(&Baseline::default()).into_iter().map(|it| it.what).collect();
        assert_eq!(lost, ["nexthop id 19 family 2 dev host2 protocol 11"]);
    }
}
