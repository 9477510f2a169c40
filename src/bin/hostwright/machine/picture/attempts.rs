//! What is tried at each look.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use hostwright::artifact::{Artifacts, Link};
use hostwright::observed::{BgpSession, ObservedLink, ObservedRoute};

use super::{Baseline, Caller, Failure, Real, is_there};
use crate::machine::probe::{Attempt, Reach};

/// Neighbours that are tried at most.
const NEIGHBOURS: usize = 16;

/// Finds what is tried: the peers of sessions and gateways, from which address and over which link; probes; the connection
/// that the apply was asked for over.
///
/// # Errors
/// The kernel's.
pub(super) fn attempts(real: &Real, baseline: &Baseline) -> Result<Vec<Attempt>, Failure> {
    let links = real.ports.netlink.links(&BTreeMap::new())?;
    let routes = real.ports.netlink.routes()?.own;
    let holder = |session: &BgpSession| {
        links.iter().find(|(_, it)| session.speaker().speaks_from(it, &links)).map(|it| it.0.clone())
    };
    let peers = baseline.sessions.iter().filter_map(|it| Some((it.local, it.peer, holder(it)?)));
    let gateways = routes.iter().filter_map(|it| gateway(it, &links));
    let mut seen = BTreeSet::new();
    let kept = |it: &(IpAddr, IpAddr, String)| stays([&real.former, &real.new], it.0, &it.2);
    let all = peers.chain(gateways).filter(kept);
    let mut found: Vec<_> = all.filter(|it| seen.insert(it.clone())).collect();
    found.truncate(NEIGHBOURS);
    let reach = |(from, to, device): (IpAddr, IpAddr, String)| {
        Attempt::Reach(Reach::new([from, to], vrf_of(&device, &links), device))
    };
    let probes = real.new.safety.probes.values().cloned().map(Attempt::Probe);
    let progress = |it: &Caller| real.ports.netlink.progress(it).ok().flatten();
    let caller = real.trials.caller.filter(|it| is_there(|| progress(it))).map(Attempt::Caller);
    Ok(found.into_iter().map(reach).chain(probes).chain(caller).collect())
}

/// Says whether an address of a link is none that the new one of two specs gives up, with or without its link.
pub(super) fn stays([before, after]: [&Artifacts; 2], ip: IpAddr, link: &str) -> bool {
    let of = |spec: &Artifacts| spec.links().find(|it| it.name.as_str() == link).map(|it| gives(it, ip));
    !matches!((of(before), of(after)), (Some(_), None) | (Some(true), Some(false)))
}

fn gives(link: &Link, ip: IpAddr) -> bool {
    link.addresses.iter().any(|it| it.address.ip() == ip)
}

/// Returns own address, gateway and link of a route.
fn gateway(
    route: &ObservedRoute,
    links: &BTreeMap<String, ObservedLink>,
) -> Option<(IpAddr, IpAddr, String)> {
    let (via, device) = (route.via?, route.device.clone()?);
    let own = links.get(&device)?.addresses.iter().find(|it| it.address.reaches(via))?;
    Some((own.address.ip(), via, device))
}

/// Has echo requests go by the VRFs that their links are in now: to one that a link has left nothing can be bound.
pub(super) fn go_by_vrfs<'a>(
    reaches: impl IntoIterator<Item = &'a mut Reach>,
    links: &BTreeMap<String, ObservedLink>,
) {
    reaches.into_iter().for_each(|it| it.goes_by(|device| vrf_of(device, links)));
}

/// Returns the VRF that a link belongs to or is; absent: neither.
pub(super) fn vrf_of(name: &str, links: &BTreeMap<String, ObservedLink>) -> Option<String> {
    let is_vrf = |it: &&str| links.get(*it).is_some_and(|it| it.kind.as_deref() == Some("vrf"));
    let master = links.get(name).and_then(|it| it.master.as_deref());
    master.into_iter().chain([name]).find(is_vrf).map(str::to_owned)
}
