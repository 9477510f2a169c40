//! FRR's answers, JSON.

use std::collections::BTreeMap;

use ipnet::IpNet;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{BfdPeer, ToldSession, Unreadable, address};

/// What bgpd says of a peer; addresses and ports of a session that is not established are those of an attempt.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Neighbor {
    bgp_state: String,
    #[serde(default)]
    host_local: String,
    #[serde(default)]
    host_foreign: String,
    bgp_timer_up_msec: Option<u64>,
    bgp_timer_hold_time_msecs: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    #[serde(default)]
    dynamic_ranges: BTreeMap<String, Ranges>,
}

#[derive(Deserialize)]
struct Ranges {
    #[serde(default)]
    ranges: Vec<String>,
}

#[derive(Deserialize)]
struct Bfd {
    peer: String,
    local: Option<String>,
    interface: Option<String>,
    status: String,
}

/// Reads established sessions of all VRFs: an object for each, in which peers stand beside numbers and names.
pub(super) fn neighbors(answer: &str) -> Result<Vec<ToldSession>, Unreadable> {
    let vrfs: BTreeMap<String, BTreeMap<String, Value>> = read(answer)?;
    let mut sessions = Vec::new();
    for value in vrfs.into_values().flat_map(BTreeMap::into_values).filter(Value::is_object) {
        let Ok(neighbor) = serde_json::from_value::<Neighbor>(value) else { continue };
        if neighbor.bgp_state == "Established" {
            sessions.extend(session(&neighbor));
        }
    }
    Ok(sessions)
}

fn session(neighbor: &Neighbor) -> Option<ToldSession> {
    Some(ToldSession {
        local: address(&neighbor.host_local),
        peer: address(&neighbor.host_foreign)?,
        age: neighbor.bgp_timer_up_msec.map(|it| it / 1000),
        hold_time: neighbor.bgp_timer_hold_time_msecs.map(|it| it / 1000),
    })
}

/// Reads the ranges of all groups of peers.
pub(super) fn ranges(answer: &str) -> Result<Vec<IpNet>, Unreadable> {
    let groups: BTreeMap<String, Group> = read(answer)?;
    let ranges = groups.into_values().flat_map(|it| it.dynamic_ranges.into_values());
    Ok(ranges.flat_map(|it| it.ranges).filter_map(|it| it.parse().ok()).collect())
}

/// Reads BFD sessions.
pub(super) fn bfd(answer: &str) -> Result<Vec<BfdPeer>, Unreadable> {
    let peers: Vec<Bfd> = read(answer)?;
    let peer = |it: Bfd| {
        let local = it.local.as_deref().and_then(address);
        Some(BfdPeer { local, peer: address(&it.peer)?, link: it.interface, up: it.status == "up" })
    };
    Ok(peers.into_iter().filter_map(peer).collect())
}

fn read<T: DeserializeOwned>(answer: &str) -> Result<T, Unreadable> {
    serde_json::from_str(answer).map_err(|it| Unreadable(it.to_string()))
}
