//! What a link has of its former spec, or in the place of what it shall have.

use std::collections::BTreeSet;

use super::file;
use crate::artifact::{Address, Link, Neighbor, Route, RouteType, Rule};
use crate::observed::{ObservedAddress, ObservedLink, ObservedRoute};
use crate::plan::draft::Draft;

/// Lists the neighbors of the former spec, and those that are in the place of a wanted one with another MAC address.
pub(super) fn former_neighbors(link: &Link, former: Option<&Link>, present: &ObservedLink) -> Vec<Neighbor> {
    let is_wanted = |it: &&Neighbor| link.neighbors.iter().any(|wanted| wanted.address == it.address);
    let there = present.neighbors.iter().filter(is_wanted);
    let mut all: Vec<_> = of(former, |it| &it.neighbors).iter().chain(there).copied().collect();
    all.sort();
    all.dedup();
    all
}

/// Lists the addresses of the former spec, and those that are in the place of a wanted one with another broadcast address: the
/// kernel takes both for the same.
pub(super) fn former_addresses(
    link: &Link,
    former: Option<&Link>,
    present: &ObservedLink,
) -> BTreeSet<Address> {
    let wanted = |it: &ObservedAddress| link.addresses.iter().any(|wanted| wanted.address == it.address);
    let there = present.addresses.iter().filter(|it| wanted(it));
    let there = there.map(|it| Address { address: it.address, broadcast: it.broadcast });
    of(former, |it| &it.addresses).iter().copied().chain(there).collect()
}

/// Lists the routes of the former spec that the kernel has and that are none of the wanted ones with a detail which it does not
/// tell; one that leads nowhere may be another link's now. With them what networkd still has of a spec before that.
pub(super) fn former_routes(draft: &Draft<'_>, link: &Link, former: Option<&Link>) -> Vec<Route> {
    let is_wanted = |it: &&ObservedRoute| link.routes.iter().any(|wanted| is_exactly(it, wanted, link));
    let there = |it: &Route| {
        let is_it = |other: &&ObservedRoute| is_exactly(other, it, link);
        draft.observed.routes.iter().filter(is_it).any(|it| !is_wanted(&it))
    };
    let moved = |it: &Route| it.kind != RouteType::Unicast && has_elsewhere(draft, link, |it| &it.routes, it);
    let left = of(former, |it| &it.routes).iter().filter(|it| !link.routes.contains(it));
    let mut all: Vec<_> = left.filter(|it| there(it) && !moved(it)).cloned().collect();
    for it in file::routes(draft, link) {
        let is_known = |known: &Route| known.excludes(&it) && known.via == it.via;
        if there(&it) && !all.iter().any(is_known) {
            all.push(it);
        }
    }
    all
}

pub(super) fn is_exactly(present: &ObservedRoute, route: &Route, link: &Link) -> bool {
    present.is(route, &link.name) && present.metric == route.priority()
}

/// Lists the rules of the former spec, and those that networkd still has by its file, that no link has now: the kernel has each
/// once for all links.
pub(super) fn former_rules(draft: &Draft<'_>, link: &Link, former: Option<&Link>) -> Vec<Rule> {
    let left = of(former, |it| &it.rules).iter().filter(|it| !link.rules.contains(it));
    let told = file::rules(draft, link);
    let all = left.cloned().chain(told.into_iter().filter(|it| !link.rules.contains(it)));
    let all: BTreeSet<_> = all.filter(|it| !has_elsewhere(draft, link, |it| &it.rules, it)).collect();
    all.into_iter().collect()
}

/// Says whether another link shall have something.
fn has_elsewhere<T: PartialEq>(draft: &Draft<'_>, link: &Link, list: fn(&Link) -> &Vec<T>, it: &T) -> bool {
    draft.after.links().any(|other| other.name != link.name && list(other).contains(it))
}

fn of<T>(link: Option<&Link>, list: fn(&Link) -> &Vec<T>) -> &[T] {
    link.map(list).map_or(&[], Vec::as_slice)
}
