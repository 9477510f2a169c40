//! Routes that are gone from the kernel: whether their daemon still has them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use hostwright::artifact::MAIN_TABLE;
use hostwright::observed::{ForeignRoute, KERNEL};
use ipnet::IpNet;
use serde_json::Value;

use super::conversation::{Bird, Frr};
use super::kernels::Kernels;
use super::{LIMIT, ZEBRA};
use crate::apply::churn::{Claim, Routes};

/// What daemons say of routes.
type Claims = BTreeMap<ForeignRoute, Claim>;
/// Reads the tables of VRFs, which takes a look at all links.
pub(crate) type Tables<'a> = dyn Fn() -> BTreeSet<u32> + 'a;

/// `RTPROT_BIRD`.
const BIRD: u8 = 12;
/// FRR's number for what came by BGP.
const BGP: u8 = 186;
/// Where it has its socket.
pub(super) const BIRD_SOCKET: &str = "bird/bird.ctl";

/// A daemon that is asked about routes.
pub(super) struct Asked {
    /// Where it has its socket.
    pub(super) socket: &'static str,
    /// Says whether it gives its routes a number of the kernel's.
    pub(super) has: fn(u8) -> bool,
    /// Asks it at its socket about routes of its own that the kernel lacks, where that has others now, and where the tables of
    /// VRFs can be had; what is not answered in time is left out.
    pub(super) says: fn(&Path, &[ForeignRoute], &Routes, &Tables<'_>) -> Claims,
}

pub(super) const ASKED: [Asked; 2] = [
    Asked { socket: BIRD_SOCKET, has: |it| it == BIRD, says: bird_says },
    Asked { socket: ZEBRA, has: is_of_frr, says: frr_says },
];

fn bird_says(socket: &Path, gone: &[ForeignRoute], now: &Routes, _: &Tables<'_>) -> Claims {
    let bird = Bird::open(socket, LIMIT);
    let Ok(mut kernels) = bird.and_then(Kernels::find) else { return BTreeMap::new() };
    gone.iter().filter_map(|it| Some((*it, kernels.say(it, now)?))).collect()
}

fn frr_says(socket: &Path, gone: &[ForeignRoute], _: &Routes, tables: &Tables<'_>) -> Claims {
    let Ok(mut zebra) = Frr::open(socket, LIMIT) else { return BTreeMap::new() };
    // Of other tables zebra does not tell where it is asked for all VRFs.
    let are_of_main = gone.iter().all(|it| it.table == MAIN_TABLE);
    let tables = if are_of_main { BTreeSet::new() } else { tables() };
    let told = gone.iter().filter(|it| it.table == MAIN_TABLE || tables.contains(&it.table));
    told.filter_map(|it| Some((*it, zebra_says(&mut zebra, it)?))).collect()
}

/// Asks zebra, which may have a destination from more than one protocol and in more than one table.
fn zebra_says(zebra: &mut Frr, route: &ForeignRoute) -> Option<Claim> {
    let family = if route.to.addr().is_ipv6() { "ipv6" } else { "ip" };
    let answer = zebra.ask(&format!("show {family} route vrf all {} json", route.to)).ok()?;
    // There is an object for each VRF.
    let parsed = serde_json::Deserializer::from_str(&answer).into_iter();
    let objects: Vec<Value> = parsed.collect::<Result<_, _>>().ok().filter(|it: &Vec<_>| !it.is_empty())?;
    let mut entries = Vec::new();
    objects.iter().for_each(|it| collect(it, route.to, &mut entries));
    entries.retain(|it| it["table"].as_u64().is_none_or(|it| it == u64::from(route.table)));
    let (own, others): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|it| it["protocol"].as_str().map(number) == Some(route.protocol));
    let is = |it: &&Value, what: &str| it[what].as_bool() == Some(true);
    if own.is_empty() {
        let is_of_bgp = route.protocol == BGP;
        return Some(if is_of_bgp || !others.is_empty() { Claim::Withdrawn } else { Claim::Forgotten });
    }
    match others.iter().find(|it| is(it, "selected")) {
        // It uses another of its own.
        Some(it) if it["protocol"].as_str().map(number).is_some_and(is_of_frr) => Some(Claim::Withdrawn),
        // It left the place to what somebody else put into the kernel: that may be a step's doing.
        Some(_) => None,
        // What it is about to tell the kernel is neither, and what cannot be used it does not count on.
        None if own.iter().any(|it| is(it, "queued")) => None,
        None => own.iter().any(|it| is(it, "selected") || is(it, "installed")).then_some(Claim::Held),
    }
}

/// Collects the entries of a destination, which some versions keep below the names of VRFs.
fn collect<'a>(value: &'a Value, to: IpNet, found: &mut Vec<&'a Value>) {
    for (key, value) in value.as_object().into_iter().flatten() {
        match value.as_array() {
            Some(entries) if key.parse() == Ok(to) => found.extend(entries),
            _ => collect(value, to, found),
        }
    }
}

/// Says whether FRR gives its routes a number of the kernel's: `RTPROT_ZEBRA`, `RTPROT_BABEL`, and `RTPROT_BGP` up to the last.
const fn is_of_frr(protocol: u8) -> bool {
    matches!(protocol, 11 | 42 | 186..=198)
}

/// Returns the kernel's number of what zebra calls a protocol.
fn number(protocol: &str) -> u8 {
    match protocol {
        "babel" => 42,
        "bgp" => BGP,
        "isis" => 187,
        "ospf" | "ospf6" => 188,
        "rip" => 189,
        "ripng" => 190,
        "nhrp" => 191,
        "eigrp" => 192,
        "ldp" => 193,
        "sharp" => 194,
        "pbr" => 195,
        "static" => 196,
        "openfabric" => 197,
        "srte" => 198,
        "kernel" | "connected" | "local" => KERNEL,
        _ => 11,
    }
}
