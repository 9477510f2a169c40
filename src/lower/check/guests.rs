//! What guests and containers are on.

use std::collections::BTreeMap;

use super::super::guests::{Connection, Network};
use super::super::interfaces::{Delivery, Entry, Mastery};
use super::super::{Attachment, Declared};
use super::{Finding, View};
use crate::artifact::Origin;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Span;

/// Refuses two networks that give out the virtual functions of one card.
pub(in super::super) fn functions(declared: &Declared, diagnostics: &mut Diagnostics) {
    let mut networks: Vec<_> = declared.guests.networks.values().collect();
    networks.sort_by_key(|it| it.attachment.span);
    let mut first: BTreeMap<_, &Network> = BTreeMap::new();
    for network in networks {
        let Attachment::Function(card) = &network.attachment.value else { continue };
        let Some(other) = first.get(card) else {
            first.insert(card, network);
            continue;
        };
        let message = format!(
            "`[{}]` and `[{}]` both give out the virtual functions of `{card}`",
            other.origin.value, network.origin.value
        );
        let diagnostic = Diagnostic::error(Code::DuplicateVf, network.attachment.span, message);
        let hint = "keep one network for the card: libvirt counts the functions of each network alone, and gives two guests the same one";
        diagnostics.push(diagnostic.also(other.attachment.span, "first here").hint(hint));
    }
}

/// Warns of guests that cannot reach the host although both are in one network.
pub(in super::super) fn without_host(view: &View<'_>) -> Vec<Finding> {
    let interfaces = &view.declared.interfaces;
    let mut found = Vec::new();
    for network in view.declared.guests.networks.values() {
        let Attachment::Macvlan(parent) = &network.attachment.value else { continue };
        let beside = |it: &Entry| {
            it.interface.macvlan == Some(Delivery::Joined)
                && it.interface.parent.as_ref().is_some_and(|it| it.value == *parent)
        };
        let Some(origin) = interfaces.origin(parent.as_str()) else { continue };
        let link = interfaces.get(parent.as_str()).filter(|it| it.speaks());
        let Some(link) = link.filter(|_| !interfaces.iter().any(|(_, it)| beside(it))) else { continue };
        let message = format!(
            "guests of `[{}]` and this host cannot reach each other over `{parent}`",
            network.origin.value
        );
        let diagnostic = Diagnostic::warning(Code::MacvtapWithoutHost, network.attachment.span, message);
        let diagnostic = match link.ip.addresses.first() {
            Some(address) => diagnostic.also(address.span, "the host's address there"),
            None => diagnostic.also(origin.span, "the host speaks IP on it"),
        };
        let hint = format!(
            "give the host a `[macvlan.NAME]` with `parent = \"{parent}\"`, or the guests a `[vlan.NAME]` of their own"
        );
        found.push(Finding { diagnostic: diagnostic.hint(hint), tables: vec![network.origin.value.clone()] });
    }
    found
}

/// Places that a network card's filter of MAC addresses may be trusted to have.
const FILTER: usize = 16;

/// Warns of more macvlan and macvtap devices on a card than its filter may hold.
pub(in super::super) fn crowds(view: &View<'_>) -> Vec<Finding> {
    let interfaces = &view.declared.interfaces;
    let mut found = Vec::new();
    for (card, devices) in devices_by_card(view.declared) {
        let Some((origin, (_, place))) = interfaces.origin(card).zip(devices.get(FILTER)) else { continue };
        let message = format!(
            "{} macvlan and macvtap devices on network card `{card}`, more than the {FILTER} addresses that a card mostly filters",
            devices.len()
        );
        let diagnostic = Diagnostic::warning(Code::ManyMacvtaps, origin.span, message);
        let diagnostic = diagnostic.also(*place, format!("number {}", FILTER + 1));
        let hint = "beyond them the card receives everything: divide the devices among cards, or allow what this card can do";
        found.push(Finding { diagnostic: diagnostic.hint(hint), tables: vec![origin.value.clone()] });
    }
    found
}

fn devices_by_card(declared: &Declared) -> BTreeMap<&str, Vec<(&Origin, Span)>> {
    let made = declared.interfaces.iter().filter(|(_, it)| it.interface.macvlan.is_some());
    let made = made.map(|(name, it)| (name, (&it.origin.value, it.origin.span)));
    let guests = declared.guests.interfaces.iter().filter_map(|it| {
        let Connection::Network(network) = &it.connection else { return None };
        let Attachment::Macvlan(link) = &declared.guests.networks.get(network)?.attachment.value else {
            return None;
        };
        Some((link.as_str(), (&it.origin, it.span)))
    });
    let mut cards: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (link, device) in made.chain(guests) {
        for card in declared.interfaces.cards_below(link) {
            cards.entry(card).or_default().push(device);
        }
    }
    cards.values_mut().for_each(|it| it.sort_by_key(|(_, span)| *span));
    cards
}

/// Warns of bridges between a network card and nothing but guests.
pub(in super::super) fn needless_bridges(view: &View<'_>) -> Vec<Finding> {
    let declared = view.declared;
    let mut found = Vec::new();
    for network in declared.guests.networks.values() {
        let Attachment::Bridge(bridge) = &network.attachment.value else { continue };
        let Some(entry) = declared.interfaces.entry(bridge.as_str()) else { continue };
        let [port] = entry.interface.ports.as_slice() else { continue };
        let cards = declared.interfaces.cards_below(port.value.as_str());
        if cards.is_empty() || serves_more_than_networks(declared, bridge.as_str(), entry) {
            continue;
        }
        let message = format!(
            "bridge `{bridge}` joins `{}` with guests of `[{}]` alone: macvtap devices do that with less work for the processor",
            port.value, network.origin.value
        );
        let diagnostic = Diagnostic::warning(Code::BridgeOnNic, port.span, message);
        let diagnostic = diagnostic.also(network.attachment.span, "the guests' network");
        let hint =
            format!("`macvtap = {{ parent = \"{}\" }}` in the network, without the bridge", port.value);
        let tables = vec![entry.origin.value.clone(), network.origin.value.clone()];
        found.push(Finding { diagnostic: diagnostic.hint(hint), tables });
    }
    found
}

/// Says whether a bridge does what macvtap devices could not: the host, containers or other links use it.
fn serves_more_than_networks(declared: &Declared, name: &str, bridge: &Entry) -> bool {
    let is_it = |it: &crate::value::InterfaceName| it.as_str() == name;
    let containers = declared.guests.interfaces.iter();
    let mut containers = containers.map(|it| &it.connection);
    let mut links = declared.interfaces.iter().flat_map(|(_, it)| it.interface.below());
    bridge.interface.mastery != Some(Mastery::Switch { filters: false, stp: false })
        || bridge.interface.speaks()
        || links.any(|it| is_it(&it.value))
        || containers.any(|it| matches!(it, Connection::Bridge(bridge) if is_it(bridge)))
}

/// Warns of guests and containers on bridges that filter VLANs: nothing gives their ports one.
pub(in super::super) fn mute_ports(view: &View<'_>) -> Vec<Finding> {
    let guests = &view.declared.guests;
    let networks = guests.networks.values().filter_map(|it| match &it.attachment.value {
        Attachment::Bridge(bridge) => Some((bridge, it.attachment.span, &it.origin.value)),
        Attachment::Macvlan(_) | Attachment::Function(_) => None,
    });
    let containers = guests.interfaces.iter().filter_map(|it| match &it.connection {
        Connection::Bridge(bridge) => Some((bridge, it.span, &it.origin)),
        Connection::Network(_) => None,
    });
    let finding = networks.chain(containers).filter_map(|(bridge, span, table)| {
        let entry = view.declared.interfaces.entry(bridge.as_str())?;
        let Some(Mastery::Switch { filters: true, .. }) = entry.interface.mastery else { return None };
        let message = format!(
            "ports that `[{table}]` makes on `{bridge}` pass nothing: it filters VLANs, and they have none"
        );
        let diagnostic = Diagnostic::warning(Code::NoVlanForGuests, span, message);
        let diagnostic = diagnostic.also(entry.origin.span, "this bridge has `vlan-filtering`");
        let hint = "use a bridge that does not filter, or `macvtap` devices on a `[vlan.NAME]` of this one";
        Some(Finding { diagnostic: diagnostic.hint(hint), tables: vec![table.clone()] })
    });
    finding.collect()
}

/// Warns of guests on macvtap devices that IPv6 does not reach, on hosts that speak it.
pub(in super::super) fn mistrusted(view: &View<'_>) -> Vec<Finding> {
    let interfaces = &view.declared.interfaces;
    let anywhere = interfaces.iter().filter_map(|(_, it)| it.interface.ip.ipv6).min();
    let finding = view.declared.guests.mistrusted.iter().filter_map(|(network, table)| {
        let given = view.declared.guests.networks.get(&network.value)?;
        let Attachment::Macvlan(parent) = &given.attachment.value else { return None };
        let spoken = interfaces.get(parent.as_str()).and_then(|it| it.ip.ipv6).or(anywhere)?;
        let message = format!(
            "guest `{}` is not found by IPv6 on `{}`: its device drops the multicast that asks for it",
            table.name, network.value
        );
        let diagnostic = Diagnostic::warning(Code::UntrustedRxFilters, network.span, message);
        let diagnostic = diagnostic.also(spoken, "this host speaks IPv6");
        let hint = "take it out: by default a guest's own filters hold, and IPv6 works";
        Some(Finding { diagnostic: diagnostic.hint(hint), tables: vec![table.clone()] })
    });
    finding.collect()
}
