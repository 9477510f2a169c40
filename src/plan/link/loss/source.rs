//! Routes of others that are lost with the address that they have as their source.

use std::net::IpAddr;

use super::Loss;
use super::file::{is_read, lent_that_go};
use super::kept::table;
use crate::artifact::{Address, Link};
use crate::observed::{ObservedAddress, ObservedLink, ObservedRoute};
use crate::plan::Effect;
use crate::plan::draft::Draft;
use crate::plan::link::difference::Difference;
use crate::value::InterfaceName;

/// Returns what is lost by addresses of a link that go, over whatever link the routes leave. `fib_sync_down_addr`.
pub(super) fn of_sources(draft: &Draft<'_>, link: &Link, differences: &[Difference]) -> Option<Loss> {
    let gone = differences.iter().filter_map(|it| match it {
        Difference::FormerAddress(it) if !stays(draft, link, differences, it) => Some(it.address.ip()),
        _ => None,
    });
    lost(draft, &link.name, gone)
}

/// With the last address of IPv4 the kernel deletes all routes of IPv4 over a link. networkd takes away what goes before
/// it gives what comes, and with it what others gave or nobody asks for any more; over netlink what comes is first.
/// `fib_disable_ip`.
pub(super) fn of_last_address(draft: &Draft<'_>, link: &Link, differences: &[Difference]) -> Option<Loss> {
    let present =
        draft.observed.link(&link.name).filter(|_| draft.observed.has_foreign_route(link.name.as_str()))?;
    let has = |list: &[ObservedAddress], it: &Address| list.iter().any(|other| other.address == it.address);
    let is_new = |it: &Address| it.address.ip().is_ipv4() && !has(&present.addresses, it);
    let comes = |it: &Difference| matches!(it, Difference::MissingAddress(it) if is_new(it));
    if !draft.observed.networkd_has_loaded(&link.name) && differences.iter().any(comes) {
        return None;
    }
    let lent = lent_that_go(draft, link, present);
    let foreign =
        |it: &ObservedAddress| it.permanent && !link.addresses.iter().any(|own| own.address == it.address);
    let goes = |it: &ObservedAddress| {
        differences.iter().any(|other| other.removes(it.address.ip()))
            || lent.contains(&it.address.ip())
            || is_read(draft, link) && foreign(it)
    };
    let mut addresses = present.addresses.iter().filter(|it| it.is_ipv4()).peekable();
    (addresses.peek().is_some() && addresses.all(goes)).then(|| Loss {
        effect: Effect::Routes,
        why: format!("routes of others leave over `{}`, and go with its last IPv4 address", link.name),
        remedy: Some("give the new address beside the old one, which goes later".to_owned()),
    })
}

/// Returns what is lost by all addresses of a link, which goes.
pub(in crate::plan::link) fn of_all_sources(
    draft: &Draft<'_>,
    name: &InterfaceName,
    present: &ObservedLink,
) -> Option<Loss> {
    lost(draft, name, present.addresses.iter().map(|it| it.address.ip()))
}

/// Says whether a link has an address all the time, with whatever prefix: over netlink the new one comes first.
fn stays(draft: &Draft<'_>, link: &Link, differences: &[Difference], gone: &Address) -> bool {
    let is_twin = |it: &Address| it.address.ip() == gone.address.ip() && it.address != gone.address;
    let by_netlink = !draft.observed.networkd_has_loaded(&link.name);
    let comes = |it: &Difference| matches!(it, Difference::MissingAddress(it) if is_twin(it));
    let kept = link.addresses.iter().filter(|it| is_twin(it));
    let is_there = |it: &Address| !differences.contains(&Difference::MissingAddress(*it));
    kept.clone().any(is_there) || by_netlink && differences.iter().any(comes)
}

fn lost(draft: &Draft<'_>, link: &InterfaceName, mut gone: impl Iterator<Item = IpAddr>) -> Option<Loss> {
    let is_ours = |route: &ObservedRoute| {
        let mut specs = draft.before.links().chain(draft.after.links());
        specs.any(|link| link.routes.iter().any(|it| route.is(it, &link.name)))
    };
    let source = gone.find(|it| {
        let tables = draft.observed.tables_of_source(*it, is_ours);
        !tables.is_empty() && tables.contains(&table(draft, link))
    })?;
    Some(Loss {
        effect: Effect::Routes,
        why: format!("routes of others have {source} as their source, and the kernel deletes them with it"),
        remedy: Some("have their owner give them another source first".to_owned()),
    })
}
