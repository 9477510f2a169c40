//! What others own on the host and must have after every step as before the first.

mod carriers;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::PathBuf;

use hostwright::observed::{BfdPeer, BgpSession, ForeignRoute, Nexthop, ObservedRule};
use hostwright::value::Harm;

use super::churn::Routes;
pub(crate) use carriers::Carrier;

/// Retransmissions, or probes in vain, in a row after which a session counts as stalled: about six seconds.
pub(crate) const STALLED: u8 = 5;

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

/// A guest or container that runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Running {
    /// What it is to lose it.
    pub(crate) harm: Harm,
    /// Word of its kind, and name.
    pub(crate) what: String,
    /// What another start of it would not have; absent: one that boots anew counts as the same, for containers do so by
    /// themselves.
    pub(crate) start: Option<PathBuf>,
}

/// A picture of what others own.
#[derive(Debug, Clone, Default)]
pub(crate) struct Baseline {
    /// Established BGP sessions.
    pub(crate) sessions: BTreeSet<BgpSession>,
    /// Addresses of links: a session whose own is gone stays established until its hold time is over.
    pub(crate) addresses: BTreeSet<IpAddr>,
    /// Cookies of those, in other network namespaces too, whose peer acknowledges nothing.
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
    /// Guests and containers that run.
    pub(crate) machines: BTreeSet<Running>,
    /// iSCSI targets that are logged in and that the new spec keeps, and how many sessions each has.
    pub(crate) targets: BTreeMap<String, usize>,
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

    /// Says whether no other look would find it back: a link may flap, and a cable be put in again.
    pub(crate) fn is_firm(&self) -> bool {
        self.harm != Some(Harm::Links)
    }
}

impl Baseline {
    /// Says what of this picture a later one lacks.
    pub(crate) fn lost_in(&self, later: &Self) -> Vec<Loss> {
        let mut lost = self.seen_lost_in(later);
        lost.extend(self.routes.lost_in(&later.routes).iter().map(|it| Loss::new(Harm::Routes, route(it))));
        let nexthops = self.nexthops.difference(&later.nexthops);
        lost.extend(nexthops.map(|it| Loss::new(Harm::Routes, format!("nexthop {it}"))));
        lost.extend(self.machines_lost_in(later, |it| it.start.is_none()));
        lost
    }

    /// Says what of that one look shows: all but routes, nexthop objects and containers.
    pub(crate) fn seen_lost_in(&self, later: &Self) -> Vec<Loss> {
        let mut lost = self.sessions_lost_in(later);
        lost.extend(self.bfd_lost_in(later));
        let gone = self.rules.difference(&later.rules).map(|it| format!("rule {it}"));
        let is_there = |it: &&(String, IpAddr)| later.carriers.contains_key(&it.0);
        let neighbors = self.neighbors.difference(&later.neighbors).filter(is_there);
        let neighbors = neighbors.map(|(link, it)| format!("neighbor {it} of {link}"));
        lost.extend(gone.chain(neighbors).map(|it| Loss::new(Harm::Routes, it)));
        lost.extend(self.carriers_lost_in(later).into_values().map(|it| Loss::new(Harm::Links, it)));
        lost.extend(self.machines_lost_in(later, |it| it.start.is_some()));
        let lacks = |it: &(&String, &usize)| later.targets.get(it.0).is_none_or(|now| now < it.1);
        let targets = self.targets.iter().filter(lacks).map(|it| format!("iSCSI session with {}", it.0));
        lost.extend(targets.map(|it| Loss::new(Harm::Storage, it)));
        let fails = |what: &&String| later.trials.get(*what) == Some(&Verdict::Fails);
        let worked = self.trials.iter().filter(|it| *it.1 == Verdict::Works).map(|it| it.0);
        lost.extend(worked.filter(fails).map(|it| Loss { harm: None, what: it.clone() }));
        lost
    }

    /// Returns the nexthop objects that a later picture lacks, or has with other content.
    pub(crate) fn nexthops_gone_in(&self, later: &Self) -> Vec<Nexthop> {
        self.nexthops.difference(&later.nexthops).cloned().collect()
    }

    /// Says whether a later picture lacks a container: a guest is not waited for, one that comes back was started anew.
    pub(crate) fn lacks_containers_in(&self, later: &Self) -> bool {
        self.machines.difference(&later.machines).any(|it| it.start.is_none())
    }

    /// Returns the guests that do not run in a later picture, in which one that was started anew does.
    pub(crate) fn guests_gone_in(&self, later: &Self) -> Vec<Running> {
        let runs = |it: &Running| later.machines.iter().any(|now| now.what == it.what);
        self.machines.iter().filter(|it| it.start.is_some() && !runs(it)).cloned().collect()
    }

    fn sessions_lost_in(&self, later: &Self) -> Vec<Loss> {
        let said = |it: &BgpSession| format!("BGP session {} with {}", it.local, it.peer);
        let gone = self.sessions.difference(&later.sessions).map(said);
        let stalls =
            |it: &&BgpSession| later.stalled.contains(&it.cookie) && !self.stalled.contains(&it.cookie);
        let still = self.sessions.intersection(&later.sessions).filter(stalls);
        let stalled = still.map(|it| format!("{}: its peer acknowledges nothing", said(it)));
        let homeless = self.sessions.intersection(&later.sessions);
        let homeless = homeless.filter(|it| self.has_lost_address(it.local, later));
        let homeless = homeless.map(|it| format!("{}: its own address is gone", said(it)));
        let gone_elsewhere = self.elsewhere.difference(&later.elsewhere).map(elsewhere);
        let still = self.elsewhere.intersection(&later.elsewhere).filter(|it| stalls(&&it.1));
        let stalled_elsewhere = still.map(|it| format!("{}: its peer acknowledges nothing", elsewhere(it)));
        let all = gone.chain(stalled).chain(homeless).chain(gone_elsewhere).chain(stalled_elsewhere);
        all.map(|it| Loss::new(Harm::Sessions, it)).collect()
    }

    fn machines_lost_in(&self, later: &Self, counts: impl Fn(&Running) -> bool) -> Vec<Loss> {
        let said = |it: &Running| {
            let runs = later.machines.iter().any(|now| now.what == it.what);
            format!("{} {}", it.what, if runs { "was started anew" } else { "does not run" })
        };
        let lost = self.machines.difference(&later.machines).filter(|it| counts(it));
        lost.map(|it| Loss::new(it.harm, said(it))).collect()
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
        let again = |it: &&BgpSession| later.sessions.iter().any(|new| self.replaces(new, it, later));
        let replaced = self.sessions.iter().filter(again);
        anew.addresses.extend(replaced.clone().map(|it| it.local));
        anew.sessions.extend(replaced.cloned());
        if let (Some(before), Some(now), Some(bfd)) = (&self.bfd, &later.bfd, &mut anew.bfd) {
            // One that follows an address to another link is another session with the same peer.
            let again = |it: &&BfdPeer| now.iter().any(|new| new.peer == it.peer && !before.contains(new));
            bfd.extend(before.iter().filter(again).cloned());
        }
        let same = |a: &(String, BgpSession), b: &(String, BgpSession)| {
            (&a.0, a.1.local, a.1.peer) == (&b.0, b.1.local, b.1.peer)
        };
        let again = |it: &&(String, BgpSession)| later.elsewhere.iter().any(|new| same(it, new));
        anew.elsewhere.extend(self.elsewhere.iter().filter(again).cloned());
        anew.nexthops.extend(self.nexthops.iter().cloned());
        anew.neighbors.extend(self.neighbors.iter().cloned());
        let again = |it: &&Running| later.machines.iter().any(|now| now.what == it.what);
        anew.machines.extend(self.machines.iter().filter(again).cloned());
        self.lost_in(&anew)
    }

    /// Says whether a session of a later picture is there for one of this one: with its own address, or with another where that
    /// one is gone.
    fn replaces(&self, new: &BgpSession, old: &BgpSession, later: &Self) -> bool {
        let is_homeless = self.has_lost_address(old.local, later);
        let is_same = new.local == old.local && !is_homeless;
        let is_moved = is_homeless && !self.sessions.contains(new);
        new.peer == old.peer && (is_same || is_moved)
    }

    /// Says whether a link had an address and none has it later; one that packets reach by a route alone never had a link.
    fn has_lost_address(&self, address: IpAddr, later: &Self) -> bool {
        self.addresses.contains(&address) && !later.addresses.contains(&address)
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
        lines.extend(self.machines.iter().map(|it| format!("{} runs", it.what)));
        let sessions = self.targets.iter().flat_map(|(it, count)| std::iter::repeat_n(it, *count));
        lines.extend(sessions.map(|it| format!("iSCSI session with {it}")));
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
