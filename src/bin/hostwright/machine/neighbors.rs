//! Permanent neighbors of others: FRR makes them for sessions without addresses of their own, and networkd deletes them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::thread;
use std::time::Duration;

use hostwright::artifact::{Artifacts, Link, Neighbor};
use hostwright::observed::{ObservedLink, is_reached};
use hostwright::value::InterfaceName;

use super::real::Real;
use crate::apply::guard::Baseline;
use crate::failure::Failure;

/// Time before one that is gone is looked for again: FRR takes its own away and gives them again when any link changes.
const PAUSE: Duration = Duration::from_secs(1);

/// Says whether any link has one that no spec gives it.
pub(crate) fn are_of_others(links: &BTreeMap<String, ObservedLink>, specs: [&Artifacts; 2]) -> bool {
    let ours = given(specs);
    links.iter().any(|(name, it)| it.neighbors.iter().any(|it| !ours.contains(&(name.as_str(), it.address))))
}

fn given(specs: [&Artifacts; 2]) -> BTreeSet<(&str, IpAddr)> {
    specs.into_iter().flat_map(Artifacts::links).flat_map(of_link).collect()
}

fn of_link(link: &Link) -> impl Iterator<Item = (&str, IpAddr)> {
    link.neighbors.iter().map(|it| (link.name.as_str(), it.address))
}

/// Lists those that neither of the specs gives, with the names of their links.
fn of_others(real: &Real) -> Result<BTreeMap<(InterfaceName, IpAddr), Neighbor>, Failure> {
    let ours = given([&real.former, &real.new]);
    let mut all = real.ports.netlink.neighbors()?;
    all.retain(|(link, it)| !ours.contains(&(link.as_str(), it.address)));
    Ok(all.into_iter().map(|(link, it)| ((link, it.address), it)).collect())
}

/// Returns what a picture has of them: the first one those that packets go to on links of the specs, a later one all. Those of
/// the picture before that are gone are looked for again.
///
/// # Errors
/// The kernel's.
pub(super) fn pictured(
    real: &mut Real,
    before: Option<&Baseline>,
) -> Result<BTreeSet<(String, IpAddr)>, Failure> {
    let all = of_others(real)?;
    let mut now = names(&all);
    match before {
        None if !all.is_empty() => {
            let direct = real.ports.netlink.direct()?;
            let is_ours = |name: &str| {
                [&real.former, &real.new].iter().flat_map(|it| it.links()).any(|it| it.name.as_str() == name)
            };
            now.retain(|(link, it)| is_ours(link) && is_reached(&direct, link, *it));
            real.neighbors = all;
        }
        Some(before) if !before.neighbors.is_subset(&now) => {
            thread::sleep(PAUSE);
            now.append(&mut names(&of_others(real)?));
        }
        _ => {}
    }
    Ok(now)
}

fn names(neighbors: &BTreeMap<(InterfaceName, IpAddr), Neighbor>) -> BTreeSet<(String, IpAddr)> {
    neighbors.keys().map(|(link, it)| (link.to_string(), *it)).collect()
}

impl Real {
    /// Has networkd do something, and gives links the neighbors of others back that it takes, however it ends: those of now,
    /// and those that were there before the first step.
    ///
    /// # Errors
    /// Those of what is done, or one cannot be given back to a link that is still there.
    pub(crate) fn keeping_neighbors<T>(
        &self,
        work: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut kept = self.neighbors.clone();
        kept.append(&mut of_others(self)?);
        let done = work();
        let given_back = self.give_back(kept);
        done.and_then(|it| given_back.map(|()| it))
    }

    fn give_back(&self, mut kept: BTreeMap<(InterfaceName, IpAddr), Neighbor>) -> Result<(), Failure> {
        if kept.is_empty() {
            return Ok(());
        }
        let there = of_others(self)?;
        let links = self.ports.netlink.links(&BTreeMap::new())?;
        kept.retain(|it, _| !there.contains_key(it) && links.contains_key(it.0.as_str()));
        kept.iter().try_for_each(|((link, _), it)| self.ports.netlink.add_neighbor(link, it))
    }
}
