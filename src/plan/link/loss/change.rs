//! What is lost by a change of a link itself: its addresses, its MTU, its ports.

use std::collections::BTreeSet;

use super::bridge::{of_foreign_ports, of_moved_port, of_new_port};
use super::ipv6::of_small_mtu;
use super::promotion::of_promotion;
use super::source::{of_last_address, of_sources};
use super::vlans::of_own_vlans;
use super::{ANY_SESSION, Loss, effect, over};
use crate::artifact::Link;
use crate::plan::Effect;
use crate::plan::draft::Draft;
use crate::plan::link::difference::Difference;
use crate::plan::link::is_free;
use crate::value::{InterfaceName, TextValue};

/// Returns what is lost by what differs of a link, routes aside.
pub(in crate::plan::link) fn of_change(
    draft: &Draft<'_>,
    link: &Link,
    differences: &[Difference],
) -> Vec<Loss> {
    let mut losses = of_mtu(draft, link, differences);
    losses.extend(of_small_mtu(draft, link, differences));
    losses.extend(of_addresses(draft, differences));
    losses.extend(of_last_address(draft, link, differences));
    losses.extend(of_sources(draft, link, differences));
    losses.extend(of_promotion(draft, link, differences));
    losses.extend(of_own_vlans(draft, link, differences));
    losses
}

/// Returns what is lost with a link that goes and has addresses which somebody else gave it.
pub(in crate::plan::link) fn of_foreign_addresses(draft: &Draft<'_>, link: &Link) -> Option<Loss> {
    let specs: Vec<_> =
        [draft.before, draft.after].into_iter().filter_map(|it| it.link(&link.name)).collect();
    let address = draft.observed.foreign_addresses(link.name.as_str(), &specs).next()?;
    let why = format!("somebody else gave `{}` the address {address}", link.name);
    Some(Loss { effect: Effect::Link(link.name.clone()), why, remedy: None })
}

fn of_addresses(draft: &Draft<'_>, differences: &[Difference]) -> Vec<Loss> {
    const REMEDY: &str =
        "give the new address beside the old one, which goes when nothing speaks from it any more";
    let gone = |ip| differences.iter().any(|it| it.removes(ip));
    let loss = |effect, what: &str| {
        let why = format!("{what} speaks from an address that goes");
        Loss { effect, why, remedy: Some(REMEDY.to_owned()) }
    };
    let speaks = draft.observed.speakers().iter().any(|it| gone(it.local));
    let sessions = speaks.then(|| loss(Effect::Sessions, ANY_SESSION));
    let mut losses: Vec<_> = sessions.into_iter().collect();
    for flow in draft.observed.flows.iter().filter(|it| gone(it.local)) {
        if losses.iter().all(|it| it.effect != effect(flow)) {
            losses.push(loss(effect(flow), &super::named(&[flow])));
        }
    }
    losses
}

/// A card's driver sets up its rings anew for another MTU, and most take it down for that: `ndo_change_mtu` of i40e, bnxt
/// and hns do; that of `virtio_net` does not. A bond hands its MTU to its ports. What is virtual takes no notice: a
/// macvlan under an established connection with packets of 9000 bytes was set to 1500, and both sides went on.
fn of_mtu(draft: &Draft<'_>, link: &Link, differences: &[Difference]) -> Vec<Loss> {
    let Some(Difference::Mtu(before, after)) = differences.iter().find(|it| it.is_mtu()) else {
        return Vec::new();
    };
    let shrinks = before.is_some_and(|it| it.bytes() > after.bytes());
    let cut = if shrinks { cut_off(draft, &link.name, after.bytes()) } else { Vec::new() };
    if !takes_cards_along(draft, link, after.bytes()) {
        return cut;
    }
    let down = "most drivers take a card down and up for another MTU";
    let mut losses =
        vec![Loss { effect: Effect::Link(link.name.clone()), why: down.to_owned(), remedy: None }];
    let carried = over(draft, link.name.as_str(), false);
    losses.extend(carried.into_iter().map(|(effect, what)| {
        let why = format!("{down}, and {} carries {what}", link.name);
        Loss { effect, why, remedy: None }
    }));
    if shrinks {
        losses.extend(dropped(draft, &link.name));
    }
    losses.extend(cut);
    losses
}

/// Names links of others that are larger than a link which shrinks: those on it get smaller with it, and a bridge drops what
/// is too large for the port that it goes to. A bridge that shrinks itself goes on forwarding between its ports.
fn cut_off(draft: &Draft<'_>, link: &InterfaceName, mtu: u32) -> Vec<Loss> {
    let above = draft.observed.above(link.as_str());
    let masters = above.iter().filter(|it| **it != link.as_str());
    let ports = masters.flat_map(|it| draft.observed.ports(it));
    let is_larger = |it: &str| draft.observed.links.get(it).is_some_and(|it| it.mtu > mtu);
    let names: BTreeSet<_> =
        above.iter().copied().chain(ports).filter(|it| is_larger(it) && draft.is_of_others(it)).collect();
    let loss = |name: &str| {
        let why = format!("`{link}` cuts off what is larger than its MTU of {mtu} on `{name}` of others");
        let disturbed = InterfaceName::parse(name).unwrap_or_else(|_| link.clone());
        Loss { effect: Effect::Link(disturbed), why, remedy: None }
    };
    let elsewhere = draft.observed.built_elsewhere_on(link.as_str()).map(|(there, space)| Loss {
        effect: Effect::Link(link.clone()),
        why: format!(
            "`{there}` in {space} gets no larger again than the MTU of {mtu} of `{link}`, where it is"
        ),
        remedy: None,
    });
    names.into_iter().map(loss).chain(elsewhere).collect()
}

/// Says whether a link is a card, or a bond with a port that gets another MTU with it.
fn takes_cards_along(draft: &Draft<'_>, link: &Link, mtu: u32) -> bool {
    let name = link.name.as_str();
    let differs = |port: &str| draft.observed.links.get(port).is_some_and(|it| it.mtu != mtu);
    link.is_hardware() || draft.observed.is_bond(name) && draft.observed.ports(name).any(differs)
}

/// Names iSCSI sessions that were built for larger packets than a card takes in.
fn dropped(draft: &Draft<'_>, link: &InterfaceName) -> Vec<Loss> {
    let stored =
        over(draft, link.as_str(), false).into_iter().filter(|it| matches!(it.0, Effect::Storage(_)));
    let loss = |(effect, what): (Effect, String)| {
        let why = format!(
            "a card with a smaller MTU may drop packets as large as they were, and it carries {what}"
        );
        Loss {
            effect,
            why,
            remedy: Some("stop what uses its disks, and log in anew behind the change".to_owned()),
        }
    };
    stored.map(loss).collect()
}

/// Returns what is lost by ports that come and go.
pub(in crate::plan::link) fn of_ports(draft: &Draft<'_>, link: &Link, found: &[Difference]) -> Vec<Loss> {
    let mut losses = Vec::new();
    // Which of its ports a session goes over nobody knows: any that goes or lets other VLANs pass may be it.
    if found.iter().any(Difference::cuts_port) {
        let carried = over(draft, link.name.as_str(), true);
        losses.extend(carried.into_iter().map(|(effect, what)| Loss {
            effect,
            why: format!("the link that loses a port carries {what}"),
            remedy: None,
        }));
    }
    losses.extend(of_foreign_ports(draft, link, found));
    let freed = found.iter().filter_map(Difference::freed);
    losses.extend(freed.flat_map(|it| of_release(draft, link.name.as_str(), it.as_str())));
    let new = || found.iter().filter(|it| it.freed().is_none()).filter_map(Difference::port);
    losses.extend(new().flat_map(|it| taken_up(draft, link, it)));
    if new().next().is_some() {
        losses.extend(of_new_port(draft, link));
    }
    losses
}

/// Returns what is lost when a master lets a port go: a bond sets it down; a VRF has it go down and up, for its addresses
/// change the table. `cycle_netdev` of the kernel's vrf.c.
pub(in crate::plan::link) fn of_release(draft: &Draft<'_>, master: &str, port: &str) -> Vec<Loss> {
    let of_vrf = draft.observed.vrf(master).is_some();
    if !of_vrf && !draft.observed.is_bond(master) {
        return Vec::new();
    }
    let way = if of_vrf { "goes down and up" } else { "is set down" };
    let loss = |effect, what: &str| {
        let why = format!("`{port}` {way} when `{master}` lets it go{what}");
        Loss { effect, why, remedy: None }
    };
    let carried = over(draft, port, true).into_iter();
    let mut losses: Vec<_> =
        carried.map(|(effect, what)| loss(effect, &format!(", and carries {what}"))).collect();
    // What has a name that we would not give is named by its master.
    let name = InterfaceName::parse(port).or_else(|_| InterfaceName::parse(master)).ok();
    losses.extend(name.into_iter().flat_map(|it| of_standing(draft, port, &it, loss)));
    losses
}

/// Returns what is lost of what stands on a port that goes down, under the name that it is called by: what stays and has
/// addresses there or is built on it, also in other network namespaces, and what others send over that.
fn of_standing(
    draft: &Draft<'_>,
    port: &str,
    name: &InterfaceName,
    loss: impl Fn(Effect, &str) -> Loss,
) -> Vec<Loss> {
    let Some(present) = draft.observed.links.get(port) else { return Vec::new() };
    let above = draft.observed.standing_on(port);
    let uses = |it: &&str| {
        (*it != port || !is_free(present)) && stays(draft, it)
            || draft.observed.built_elsewhere_on(it).is_some()
    };
    let mut losses = Vec::new();
    if above.iter().any(uses) {
        losses.push(loss(Effect::Link(name.clone()), ""));
    }
    if above.iter().any(|it| draft.observed.has_foreign_route(it)) {
        losses.push(loss(Effect::Routes, ", and routes of others leave over it"));
    }
    losses
}

/// Says whether no spec had a link that is there, or the new one has it.
fn stays(draft: &Draft<'_>, name: &str) -> bool {
    let is_it = |it: &Link| it.name.as_str() == name;
    draft.after.links().any(is_it) || !draft.before.links().any(is_it)
}

/// Returns what is lost by the ports of a link that is made.
pub(in crate::plan::link) fn of_creation(draft: &Draft<'_>, link: &Link) -> Vec<Loss> {
    link.ports.iter().flat_map(|it| taken_up(draft, link, &it.link)).collect()
}

/// Returns what is lost when a master takes a port up: a bond wants it down, and a VRF has it go down and up.
fn taken_up(draft: &Draft<'_>, master: &Link, port: &InterfaceName) -> Vec<Loss> {
    let loss = |effect, what: &str| {
        let why = format!("`{port}` goes down and up to become a port of `{}`{what}", master.name);
        Loss { effect, why, remedy: None }
    };
    let standing =
        if master.sets_ports_down() { of_standing(draft, port.as_str(), port, loss) } else { Vec::new() };
    let carried = over(draft, port.as_str(), true).into_iter();
    let carried = carried.map(|(effect, what)| loss(effect, &format!(", and carries {what}")));
    let former = draft.observed.link(port).and_then(|it| it.master.as_deref());
    let released = former.into_iter().flat_map(|it| of_release(draft, it, port.as_str()));
    let left = former.and_then(|it| InterfaceName::parse(it).ok());
    let left = left.iter().flat_map(|it| of_moved_port(draft, it));
    carried.chain(standing).chain(released).chain(left).collect()
}
