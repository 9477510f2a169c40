//! The picture of what others own, and the trials that belong to it.

mod attempts;
mod carriers;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use hostwright::artifact::VRF_TABLE;
use hostwright::observed::{BfdPeer, BgpSession, Elsewhere, ObservedLink, STATIC};
use hostwright::value::Harm;

use attempts::{attempts, go_by_vrfs};
use carriers::{Exceptions, carriers};

use super::cgroup::{self, Form};
use super::daemons::{Daemons, Witnesses};
use super::iscsi::sessions::sessions;
use super::namespaces::{self, Door};
use super::neighbors;
use super::netlink::{Netlink, OtherPorts, Progress};
use super::probe::{self, Attempt, Surroundings};
use super::real::Real;
use crate::apply::churn::Routes;
use crate::apply::guard::{Baseline, Carrier, Running, STALLED, Verdict};
use crate::caller::Caller;
use crate::clock;
use crate::failure::Failure;

/// Time between two trials: a plan may have hundreds of steps.
const TRIAL_PAUSE: Duration = Duration::from_millis(900);
/// Time between the two looks from which churn is learned.
const STILL: Duration = Duration::from_secs(1);

/// Time since a peer was heard within which it counts as there: it was sent the plan, and its user said yes.
const HEARD: Duration = Duration::from_secs(60);
/// Looks whether it has acknowledged what was sent, and the time between two.
const ANSWER_LOOKS: u32 = 20;
const ANSWER_PAUSE: Duration = Duration::from_millis(100);

/// What is tried at each look.
#[derive(Debug, Default)]
pub(crate) struct Trials {
    /// Connection that the apply was asked for over; absent: none that must go on.
    caller: Option<Caller>,
    /// Found at the first look.
    attempts: Vec<Attempt>,
    /// Time since the boot at which they were made last.
    tried: Duration,
    /// Routing daemons that are asked for BFD; absent: none, for one did not answer.
    daemons: Option<Daemons>,
    /// What sessions on other ports than 179 are known by.
    others: OtherPorts,
    /// Other network namespaces with sessions that go over links here: both addresses of each.
    elsewhere: BTreeMap<Door, BTreeSet<(IpAddr, IpAddr)>>,
    /// Who is asked about what the kernel lacks.
    pub(super) witnesses: Witnesses,
    /// Links whose carriers say something else, at the first look.
    exceptions: Exceptions,
}

impl Trials {
    /// Makes those of an apply that was asked for over a connection.
    pub(crate) fn over(caller: Option<Caller>) -> Self {
        Self { caller, ..Self::default() }
    }
}

/// Takes a picture; the first one finds what is tried, a later one tries what worked.
///
/// # Errors
/// What could not be read.
pub(super) fn take(real: &mut Real, before: Option<&Baseline>) -> Result<Baseline, Failure> {
    if before.is_none() {
        ask_daemons(real)?;
        let links = real.ports.netlink.links(&BTreeMap::new())?;
        real.trials.elsewhere = over_links_here(&links);
        real.trials.exceptions = Exceptions::find(&links, [&*real.former, &*real.new]);
    }
    let netlink = &real.ports.netlink;
    let all = netlink.sessions_with_unanswered(&real.trials.others)?;
    let elsewhere = elsewhere(&real.trials.elsewhere);
    let unanswered = all.iter().map(|it| (&it.0, it.1)).chain(elsewhere.iter().map(|it| (&it.1, it.2)));
    let mut baseline = Baseline {
        stalled: stalled(unanswered),
        sessions: all.into_iter().map(|it| it.0).collect(),
        addresses: netlink.own_addresses()?,
        bfd: None,
        elsewhere: elsewhere.into_iter().map(|it| (it.0, it.1)).collect(),
        routes: foreign_routes(real)?,
        rules: netlink.rules()?.into_iter().filter(|it| it.protocol != STATIC).collect(),
        nexthops: netlink.nexthops()?,
        neighbors: neighbors::pictured(real, before)?,
        carriers: carriers_now(&real.trials),
        machines: machines(Path::new("/")),
        targets: targets(real),
        trials: BTreeMap::new(),
    };
    if before.is_none() {
        real.trials.attempts = attempts(real, &baseline)?;
    }
    let now = clock::since_boot();
    (baseline.bfd, baseline.trials) = match before {
        Some(before) if now.saturating_sub(real.trials.tried) < TRIAL_PAUSE => {
            (before.bfd.clone(), before.trials.clone())
        }
        _ => (bfd_that_is_up(real), trials(real, &baseline, before)),
    };
    Ok(baseline)
}

/// Has a first picture know how many routes come and go by themselves. What goes and comes back within a second no two looks
/// show that are far apart.
///
/// # Errors
/// The kernel refuses.
pub(super) fn learn(real: &Real, routes: &mut Routes) -> Result<(), Failure> {
    if routes.is_empty() {
        return Ok(());
    }
    let since = clock::since_boot().saturating_sub(routes.time());
    if since <= STILL {
        std::thread::sleep(STILL.saturating_sub(since));
        routes.learn(&foreign_routes(real)?);
    } else {
        let mut fresh = foreign_routes(real)?;
        std::thread::sleep(STILL);
        fresh.learn(&foreign_routes(real)?);
        routes.churns_as(fresh);
    }
    Ok(())
}

/// Learns from routing daemons what tells their sessions from other connections. One that does not answer is not asked
/// again: each look would wait for it.
fn ask_daemons(real: &mut Real) -> Result<(), Failure> {
    let daemons = Daemons::find()?;
    let told = daemons.tell();
    let all_answered = told.silent.is_empty();
    real.trials.others = real.ports.netlink.other_ports(&daemons.sockets(), told)?;
    real.trials.daemons = all_answered.then_some(daemons);
    Ok(())
}

/// Finds sessions in other network namespaces that go over links here.
fn over_links_here(links: &BTreeMap<String, ObservedLink>) -> BTreeMap<Door, BTreeSet<(IpAddr, IpAddr)>> {
    let of = |it: &Elsewhere| -> BTreeSet<_> {
        let sessions = it.sessions.iter().filter(|it| !it.over.is_empty());
        sessions.map(|it| (it.session.local, it.session.peer)).collect()
    };
    let all = namespaces::look(links).elsewhere.into_iter().map(|(door, it)| (door, of(&it)));
    all.filter(|(_, sessions)| !sessions.is_empty()).collect()
}

/// Returns those of some sessions in other network namespaces that are established, each under its present socket and with how
/// often in a row it got no answer.
fn elsewhere(known: &BTreeMap<Door, BTreeSet<(IpAddr, IpAddr)>>) -> Vec<(String, BgpSession, u8)> {
    let mut found = Vec::new();
    for (door, known) in known {
        let all = namespaces::sessions(door).into_iter().flatten();
        let same = all.filter(|(it, _)| known.contains(&(it.local, it.peer)));
        found.extend(same.map(|(it, unanswered)| (door.space.to_string(), it, unanswered)));
    }
    found
}

/// Returns the cookies of sessions whose peers acknowledge nothing; no two namespaces have one in common.
fn stalled<'a>(sessions: impl Iterator<Item = (&'a BgpSession, u8)>) -> BTreeSet<u64> {
    sessions.filter(|it| it.1 >= STALLED).map(|it| it.0.cookie).collect()
}

fn bfd_that_is_up(real: &mut Real) -> Option<BTreeSet<BfdPeer>> {
    let told = real.trials.daemons.as_ref()?.bfd();
    if told.is_none() {
        real.trials.daemons = None;
    }
    told.map(|it| it.into_iter().filter(|it| it.up).collect())
}

/// Returns the routes of others, in order.
///
/// # Errors
/// The kernel refuses.
pub(super) fn foreign_routes(real: &Real) -> Result<Routes, Failure> {
    Ok(Routes::new(real.ports.netlink.foreign_routes()?, clock::since_boot()))
}

/// Lists the tables of routes that VRFs have; none where nobody tells.
pub(super) fn tables_of_vrfs(netlink: &Netlink) -> BTreeSet<u32> {
    let links = netlink.links(&BTreeMap::new()).unwrap_or_default();
    let vrfs = links.values().filter(|it| it.kind.as_deref() == Some("vrf"));
    vrfs.filter_map(|it| it.number(VRF_TABLE)).collect()
}

/// Lists the guests of libvirt and the containers of `systemd-nspawn@` units that run, whichever partition they are in. Scopes
/// of podman and its like are none of them: one that ends has mostly done its work, and none is described by a spec. libvirt
/// writes another number into the group of each start of a guest.
pub(super) fn machines(root: &Path) -> BTreeSet<Running> {
    let of = |it: cgroup::Machine| {
        let what = format!("{} {}", it.form.word(), it.name);
        match it.form {
            Form::Container => Running { harm: Harm::Containers, what, start: None },
            Form::Domain => Running { harm: Harm::Guests, what, start: Some(it.group) },
        }
    };
    cgroup::all(root).into_iter().map(of).collect()
}

/// Reads the carriers of links.
pub(super) fn carriers_now(trials: &Trials) -> BTreeMap<String, Carrier> {
    carriers(Path::new("/sys"), &trials.exceptions)
}

/// Counts the sessions of targets that are logged in, without those that leave with this very apply.
fn targets(real: &Real) -> BTreeMap<String, usize> {
    let stays = |name: &str| real.new.targets().any(|it| it.iqn.as_str() == name);
    let leaves = |name: &str| real.former.targets().any(|it| it.iqn.as_str() == name) && !stays(name);
    let all = sessions(Path::new("/sys"), None).into_iter();
    let mut counted = BTreeMap::new();
    all.filter(|it| it.state == "LOGGED_IN" && !leaves(&it.target))
        .for_each(|it| *counted.entry(it.target).or_default() += 1);
    counted
}

/// Tries what worked before; at first everything, with small packets where those of the link's MTU do not get through.
fn trials(real: &mut Real, baseline: &Baseline, before: Option<&Baseline>) -> BTreeMap<String, Verdict> {
    let known: Vec<_> = baseline.sessions.iter().cloned().collect();
    let all: Vec<_> = real.former.targets().chain(real.new.targets()).cloned().collect();
    let target = |name: &str| all.iter().find(|it| it.name.as_str() == name).map(|it| it.iqn.clone());
    let netlink = &real.ports.netlink;
    let progress = real.trials.caller.and_then(|it| netlink.progress(&it).ok()?);
    let is_stalled = progress.is_some_and(|it| it.unanswered >= STALLED);
    let around = Surroundings { sessions: &known, target: &target, is_stalled };
    let worked =
        |it: &Attempt| before.is_none_or(|before| before.trials.get(&it.words()) == Some(&Verdict::Works));
    let mut attempts: Vec<_> = real.trials.attempts.iter_mut().filter(|it| worked(it)).collect();
    follow(netlink, &mut attempts);
    let mut works = probe::all(&attempts, &around);
    if before.is_none() {
        let all = attempts.iter_mut().map(|it| &mut **it).zip(&mut works);
        let mut again: Vec<_> = all.filter(|it| !*it.1).collect();
        again.retain_mut(|it| it.0.becomes_small());
        let (attempts, works): (Vec<_>, Vec<_>) = again.into_iter().unzip();
        works.into_iter().zip(probe::all(&attempts, &around)).for_each(|(old, new)| *old = new);
    }
    let verdict = |works: bool| if works { Verdict::Works } else { Verdict::Fails };
    let tried =
        attempts.iter().zip(works).map(|(attempt, works)| (attempt.words(), verdict(works))).collect();
    real.trials.tried = clock::since_boot();
    tried
}

/// Finds which VRFs and links neighbors are reached over now: how long a packet may be is theirs to say. Where no route leads there,
/// packets would have gone where they went before.
fn follow(netlink: &Netlink, attempts: &mut [&mut Attempt]) {
    let reaches = attempts.iter_mut().filter_map(|it| match &mut **it {
        Attempt::Reach(reach) => Some(reach),
        _ => None,
    });
    let mut reaches: Vec<_> = reaches.collect();
    if reaches.is_empty() {
        return;
    }
    if let Ok(links) = netlink.links(&BTreeMap::new()) {
        go_by_vrfs(reaches.iter_mut().map(|it| &mut **it), &links);
    }
    let flows: Vec<_> = reaches.iter().map(|it| it.flow()).collect();
    let found = netlink.leave_over(&flows).unwrap_or_default();
    let found = reaches.into_iter().zip(found).filter(|it| !it.1.is_empty());
    found.for_each(|(reach, over)| reach.leaves_over(over, Path::new("/sys")));
}

/// Says whether the peer of a connection has acknowledged all that it was sent, a short time ago: of one that went silent
/// before the first step nothing can be lost, and it shows only when something is sent.
fn is_there(progress: impl Fn() -> Option<Progress>) -> bool {
    for _ in 0..ANSWER_LOOKS {
        match progress() {
            Some(it) if it.outstanding > 0 => std::thread::sleep(ANSWER_PAUSE),
            other => return other.is_some_and(|it| it.silence < HEARD),
        }
    }
    false
}
