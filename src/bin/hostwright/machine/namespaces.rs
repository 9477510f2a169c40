//! Other network namespaces of the host: looked into, never touched. Changes to a link here hurt what stands on it there.

mod door;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::thread;

use hostwright::observed::{BgpSession, Elsewhere, ObservedLink};
use nix::sched::{CloneFlags, setns};

pub(crate) use door::Door;
use door::Doors;

use super::netlink::{Netlink, OtherPorts};
use crate::failure::{During, Failure};
use crate::late::joined;

/// The namespace of the thread that reads it.
const OWN: &str = "/proc/thread-self/ns/net";
/// Counters of the namespace of the thread that reads them. `proc_net(5)`.
const COUNTERS: &str = "/proc/thread-self/net/snmp";

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Namespaces that have something on a link here, or BGP sessions.
    pub(crate) elsewhere: Vec<(Door, Elsewhere)>,
    /// Which could not be looked into, and why, in words.
    pub(crate) unseen: BTreeSet<String>,
}

/// Looks into every namespace but the own one.
pub(crate) fn look(links: &BTreeMap<String, ObservedLink>) -> Found {
    let mut found = Found::default();
    let own = match File::open(OWN).and_then(|it| it.metadata()) {
        Ok(metadata) => metadata.ino(),
        Err(error) => {
            found.unseen.insert(Failure::new("look into other network namespaces", error).to_string());
            return found;
        }
    };
    let here: BTreeMap<u32, &String> = links.iter().map(|(name, it)| (it.index, name)).collect();
    let Doors { all, hidden } = Doors::find(own);
    for door in all {
        match within(&door, |netlink, own| described(&door, netlink, own, &here)) {
            Ok(Some(it)) if !it.built.is_empty() || !it.sessions.is_empty() => {
                found.elsewhere.push((door, it));
            }
            Ok(_) => {}
            Err(failure) => drop(found.unseen.insert(failure.to_string())),
        }
    }
    let hidden = hidden.into_iter();
    found.unseen.extend(
        hidden.map(|(why, count)| {
            format!("look into the network namespace of each of {count} processes: {why}")
        }),
    );
    found
}

/// Returns the sessions of a namespace, each with how often in a row it got no answer; absent: the namespace is gone.
pub(crate) fn sessions(door: &Door) -> Option<Vec<(BgpSession, u8)>> {
    within(door, |netlink, _| established(netlink)).ok().flatten()
}

fn described(
    door: &Door,
    netlink: &Netlink,
    own: &File,
    here: &BTreeMap<u32, &String>,
) -> Result<Elsewhere, Failure> {
    let halves = netlink.halves_in(own)?.into_iter();
    let below: BTreeMap<_, _> =
        halves.filter_map(|(there, index)| Some((there, (*here.get(&index)?).clone()))).collect();
    let sessions: Vec<_> = established(netlink)?.into_iter().map(|it| it.0).collect();
    let is_empty = below.is_empty() && sessions.is_empty();
    let links = if is_empty { BTreeMap::new() } else { netlink.links(&BTreeMap::new())? };
    Ok(Elsewhere::new(door.space.clone(), &links, &below, sessions))
}

/// Reads the sessions, where there are connections at all: to list none costs a walk over the sockets of all namespaces.
fn established(netlink: &Netlink) -> Result<Vec<(BgpSession, u8)>, Failure> {
    let none = fs::read_to_string(COUNTERS).is_ok_and(|it| connections(&it) == Some(0));
    if none { Ok(Vec::new()) } else { netlink.sessions_with_unanswered(&OtherPorts::default()) }
}

/// Reads how many TCP connections are established, for both families.
fn connections(counters: &str) -> Option<u64> {
    let mut lines = counters.lines().filter_map(|it| it.strip_prefix("Tcp: "));
    let (names, values) = (lines.next()?, lines.next()?);
    let mut pairs = names.split(' ').zip(values.split(' '));
    pairs.find(|it| it.0 == "CurrEstab")?.1.parse().ok()
}

/// Does something in a namespace, in a thread that ends with it; absent: it is gone.
fn within<T: Send>(
    door: &Door,
    look: impl FnOnce(&Netlink, &File) -> Result<T, Failure> + Send,
) -> Result<Option<T>, Failure> {
    let what = || format!("look into {}", door.space);
    let own = File::open(OWN).during(what)?;
    let Some(other) = door.open().during(what)? else { return Ok(None) };
    thread::scope(|scope| {
        let inside = scope.spawn(|| {
            setns(&other, CloneFlags::CLONE_NEWNET).during(what)?;
            look(&Netlink::default(), &own).map(Some)
        });
        joined(inside)
    })
}
