//! What only one host may have: its name, MAC addresses, UUIDs of guests, the name for iSCSI targets.

use std::collections::BTreeMap;

use super::facts::{Facts, Given};
use crate::artifact::Origin;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Located;

/// How to give a host a value of its own where it is derived unless it is written.
const DERIVED: &str = "leave it out: it is derived from site, host and name, and differs";
/// What makes two tables one guest.
const MOVES: &str = "write `start = \"manual\"` on one of them where it is one guest that moves";
/// Remedy for a card: nobody has it twice.
const ONE_CARD: &str = "a card is in one host: mend the `match` of the other";

pub(super) fn check(hosts: &[Facts], diagnostics: &mut Diagnostics) {
    names(hosts, diagnostics);
    values(hosts, "MAC address", |it| &it.macs, diagnostics);
    values(hosts, "network card", |it| &it.cards, diagnostics);
    values(hosts, "UUID", |it| &it.uuids, diagnostics);
    initiators(hosts, diagnostics);
}

fn names(hosts: &[Facts], diagnostics: &mut Diagnostics) {
    let mut seen = BTreeMap::new();
    for host in hosts {
        let Some(first) = seen.insert((&host.name.value, &host.site), host.name.span) else { continue };
        let site = if host.site.is_empty() { String::new() } else { format!(" at site `{}`", host.site) };
        let message = format!("host `{}`{site} is described twice", host.name.value);
        let places = [(first, "first here"), (host.name.span, "then here")];
        let hint = "write another `name` or `site`: both are the seed of MAC addresses and UUIDs";
        diagnostics.push(Diagnostic::twice(Code::DuplicateHost, places, message).hint(hint));
    }
}

fn initiators(hosts: &[Facts], diagnostics: &mut Diagnostics) {
    let mut seen = BTreeMap::new();
    for (host, name) in hosts.iter().filter_map(|it| Some((it, it.initiator.as_ref()?))) {
        let Some((first, span)) = seen.insert(&name.value, (host, name.span)) else { continue };
        let labels = [first, host].map(|it| format!("of host `{}`", it.name.value));
        let message = format!("initiator `{}` is that {} and {}", name.value, labels[0], labels[1]);
        let places = [(span, labels[0].as_str()), (name.span, labels[1].as_str())];
        let hint =
            "give each host its own: a target takes both for one, and gives one the disks of the other";
        diagnostics.push(Diagnostic::twice(Code::DuplicateInFleet, places, message).hint(hint));
    }
}

fn values(hosts: &[Facts], what: &str, given: impl Fn(&Facts) -> &Given, diagnostics: &mut Diagnostics) {
    let mut seen: BTreeMap<&str, (&Facts, _)> = BTreeMap::new();
    for host in hosts {
        for (value, place) in given(host) {
            let Some((first, other)) = seen.insert(value, (host, place)) else { continue };
            if same_host(first, host) || first.is_twin(&other.value, host, &place.value) {
                continue;
            }
            let labels = [(first, other), (host, place)]
                .map(|(host, place)| format!("`[{}]` on `{}`", place.value, host.name.value));
            let message = format!("{what} `{value}` is that of {} and of {}", labels[0], labels[1]);
            let places = [(other.span, labels[0].as_str()), (place.span, labels[1].as_str())];
            let diagnostic = Diagnostic::twice(Code::DuplicateInFleet, places, message);
            diagnostics.push(diagnostic.hint(hint(host, place, &other.value)));
        }
    }
}

/// Says whether two specs describe one host: that is said already, and what is derived follows from it.
fn same_host(one: &Facts, other: &Facts) -> bool {
    (&one.name.value, &one.site) == (&other.name.value, &other.site)
}

fn hint(host: &Facts, place: &Located<Origin>, other: &Origin) -> &'static str {
    let is_card = host.cards.values().any(|it| it.value == place.value);
    let is_guest = host.guests.contains_key(&place.value) && place.value == *other;
    match (is_card, is_guest) {
        (true, _) => ONE_CARD,
        (false, true) => MOVES,
        (false, false) => DERIVED,
    }
}
