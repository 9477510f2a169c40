//! What is lost where IPv6 ends: below its smallest MTU the kernel takes it from a link.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{ANY_SESSION, Loss, effect, named};
use crate::artifact::Link;
use crate::observed::{ObservedLink, Speaker};
use crate::plan::Effect;
use crate::plan::draft::Draft;
use crate::plan::link::difference::Difference;
use crate::value::{InterfaceName, TextValue};

/// `IPV6_MIN_MTU`.
const LEAST: u32 = 1280;

/// Returns what is lost by an MTU that is too small for IPv6, on the link and on those that shrink with it. `addrconf_notify`.
pub(super) fn of_small_mtu(draft: &Draft<'_>, link: &Link, differences: &[Difference]) -> Vec<Loss> {
    let is_small = |it: &Difference| matches!(it, Difference::Mtu(_, after) if after.bytes() < LEAST);
    if !differences.iter().any(is_small) {
        return Vec::new();
    }
    let above = draft.observed.above(link.name.as_str());
    let shrinking = above.into_iter().filter_map(|name| Some((name, draft.observed.links.get(name)?)));
    let ending = shrinking.filter(|(_, it)| it.mtu >= LEAST && it.addresses.iter().any(|it| !it.is_ipv4()));
    ending.flat_map(|(name, present)| of_link(draft, link, name, present)).collect()
}

fn of_link(draft: &Draft<'_>, link: &Link, name: &str, present: &ObservedLink) -> Vec<Loss> {
    let observed = draft.observed;
    let why = format!("IPv6 ends on `{name}` with an MTU below {LEAST}");
    let loss = |effect, what: &str| Loss { effect, why: format!("{why}{what}"), remedy: None };
    let disturbed = InterfaceName::parse(name).unwrap_or_else(|_| link.name.clone());
    let mut losses = vec![loss(Effect::Link(disturbed), "")];
    let speaks = |it: &Speaker| it.local.is_ipv6() && it.speaks_from(present, &observed.links);
    if observed.speakers().iter().any(speaks) {
        losses.push(loss(Effect::Sessions, &format!(", and {ANY_SESSION} speaks from it")));
    }
    if observed.has_foreign_route(name) {
        losses.push(loss(Effect::Routes, ", and routes of others leave over it"));
    }
    let own: BTreeSet<IpAddr> =
        present.addresses.iter().filter(|it| !it.is_ipv4()).map(|it| it.address.ip()).collect();
    let flows = observed
        .flows
        .iter()
        .filter(|it| own.contains(&it.local) || it.peer.is_ipv6() && it.leaves_over(name));
    losses.extend(flows.map(|it| loss(effect(it), &format!(", and {} goes over it", named(&[it])))));
    losses
}
