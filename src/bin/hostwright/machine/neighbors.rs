//! Permanent neighbors of others: FRR makes them for sessions without addresses of their own, and networkd deletes them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::thread;
use std::time::Duration;

use hostwright::artifact::{Artifacts, Link, Neighbor};
use hostwright::observed::used_neighbors;
use hostwright::value::InterfaceName;

use super::real::Real;
use crate::apply::guard::Baseline;
use crate::failure::Failure;

/// Time before one that is gone is looked for again: FRR takes its own away and gives them again when any link changes.
const PAUSE: Duration = Duration::from_secs(1);

/// Lists the permanent neighbors that neither of the specs gives, with the names of their links.
///
/// # Errors
/// The kernel's.
pub(super) fn of_others(real: &Real) -> Result<Vec<(InterfaceName, Neighbor)>, Failure> {
    let specs = [real.former.as_ref(), real.new.as_ref()];
    let ours: BTreeSet<_> = specs.into_iter().flat_map(Artifacts::links).flat_map(given).collect();
    let mut all = real.ports.netlink.neighbors()?;
    all.retain(|(link, it)| !ours.contains(&(link, it.address)));
    Ok(all)
}

fn given(link: &Link) -> impl Iterator<Item = (&InterfaceName, IpAddr)> {
    link.neighbors.iter().map(|it| (&link.name, it.address))
}

/// Returns what a picture has of them: the first one those that something is sent to, a later one all. Those of the picture
/// before that are gone are looked for again.
///
/// # Errors
/// The kernel's.
pub(super) fn pictured(
    real: &Real,
    before: Option<&Baseline>,
) -> Result<BTreeSet<(String, IpAddr)>, Failure> {
    let mut now = addresses(of_others(real)?);
    match before {
        None if !now.is_empty() => {
            let netlink = &real.ports.netlink;
            let used = used_neighbors(&netlink.links(&BTreeMap::new())?, &netlink.gateways()?);
            now.retain(|it| used.contains(it));
        }
        Some(before) if !before.neighbors.is_subset(&now) => {
            thread::sleep(PAUSE);
            now.append(&mut addresses(of_others(real)?));
        }
        _ => {}
    }
    Ok(now)
}

fn addresses(neighbors: Vec<(InterfaceName, Neighbor)>) -> BTreeSet<(String, IpAddr)> {
    neighbors.into_iter().map(|(link, it)| (link.to_string(), it.address)).collect()
}

impl Real {
    /// Has networkd do something, and gives the links the neighbors of others back that it takes. One that cannot be given
    /// back the next picture lacks.
    ///
    /// # Errors
    /// Those of what is done, or the kernel's when it is asked what is there.
    pub(crate) fn keeping_neighbors(
        &self,
        work: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let before = of_others(self)?;
        work()?;
        if before.is_empty() {
            return Ok(());
        }
        let there = addresses(of_others(self)?);
        for (link, neighbor) in before {
            if !there.contains(&(link.to_string(), neighbor.address)) {
                let _ = self.ports.netlink.add_neighbor(&link, &neighbor);
            }
        }
        Ok(())
    }
}
