//! Carriers of links, and whose doing it is that one goes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use hostwright::artifact::{Artifacts, Link};
use hostwright::observed::ObservedLink;
use hostwright::value::InterfaceName;

use crate::apply::guard::Carrier;

/// Kinds of links whose carrier is that of who holds the other end: taps, and those that come in pairs.
const FAR_ENDS: [&str; 3] = ["tun", "veth", "netkit"];
/// Kinds of links by which a guest is on a card.
const ON_CARDS: [&str; 2] = ["macvlan", "macvtap"];
/// `IFLA_MACVLAN_MODE`, and its value where the guest has the whole card.
const MODE: u16 = 1;
const PASSTHROUGH: u32 = 8;
/// Links below one another that are looked into: bonds of ports, VLANs on bonds.
const DEPTH: u32 = 4;

/// Links whose carriers say something else than that a cable or a peer is there, as they were at the first look.
#[derive(Debug, Default)]
pub(super) struct Exceptions {
    /// Those whose carriers are the doing of others, with their indexes.
    others: BTreeMap<String, u32>,
    /// Those that go down and up with a guest.
    guests: BTreeSet<String>,
    /// Ports that change their master.
    regrouped: BTreeSet<String>,
}

impl Exceptions {
    /// Finds them for a way from a former spec to a new one.
    pub(super) fn find(links: &BTreeMap<String, ObservedLink>, specs: [&Artifacts; 2]) -> Self {
        let regrouped = regrouped(links, specs);
        let others = of_others(links, specs, &regrouped);
        Self { others, guests: of_guests(links, specs), regrouped }
    }
}

/// Finds the links of guests on cards that no spec has, and the cards that a guest has whole: libvirt sets them down while it
/// pauses, saves or moves the guest.
fn of_guests(links: &BTreeMap<String, ObservedLink>, specs: [&Artifacts; 2]) -> BTreeSet<String> {
    let is_described = |name: &str| specs.iter().flat_map(|it| it.links()).any(|it| it.name.as_str() == name);
    let is_on_card = |it: &ObservedLink| it.kind.as_deref().is_some_and(|it| ON_CARDS.contains(&it));
    let own = links.iter().filter(|(name, it)| is_on_card(it) && !is_described(name));
    let whole = own.clone().filter(|it| it.1.number(MODE) == Some(PASSTHROUGH));
    let cards = whole.filter_map(|it| it.1.parent.clone());
    own.map(|it| it.0.clone()).chain(cards).collect()
}

/// Finds the links whose carriers come and go with what others put on them or do at their other end, with their indexes:
/// bridges that the new spec leaves no port of a spec and none that leads to hardware, links of guests and containers that
/// no spec has, and what is built on these.
fn of_others(
    links: &BTreeMap<String, ObservedLink>,
    specs: [&Artifacts; 2],
    regrouped: &BTreeSet<String>,
) -> BTreeMap<String, u32> {
    let [former, new] = specs;
    let described: BTreeSet<_> = specs.iter().flat_map(|it| it.links()).map(|it| it.name.as_str()).collect();
    let stays = |it: &&Link| new.link(&it.name).is_none();
    let masters = new.links().chain(former.links().filter(stays)).filter(|it| !it.ports.is_empty());
    let masters: BTreeSet<_> = masters.map(|it| it.name.as_str()).collect();
    let has_port = |bridge: &str| {
        let mut ports = links.iter().filter(|it| it.1.master.as_deref() == Some(bridge));
        ports.any(|(name, _)| {
            let leads = described.contains(name.as_str()) || leads_to_hardware(name, links, DEPTH);
            leads && !regrouped.contains(name)
        })
    };
    let is_of_others = |name: &str, link: &ObservedLink| match link.kind.as_deref() {
        Some("bridge") => !masters.contains(name) && !has_port(name),
        Some(kind) => FAR_ENDS.contains(&kind) && !described.contains(name),
        None => false,
    };
    let found = links.iter().filter(|(name, link)| is_of_others(name, link));
    let mut found: BTreeMap<_, _> = found.map(|(name, link)| (name.clone(), link.index)).collect();
    for _ in 0..DEPTH {
        // A VLAN on such a bridge has a carrier when the bridge has one.
        let is_above = |it: &ObservedLink| it.parent.as_ref().is_some_and(|it| found.contains_key(it));
        let above: Vec<_> = links.iter().filter(|it| is_above(it.1)).collect();
        found.extend(above.into_iter().map(|(name, link)| (name.clone(), link.index)));
    }
    found
}

/// Finds the ports of specs that do not have the master that the new one gives them, or have one that it takes them from, and
/// the masters that it leaves without ports.
fn regrouped(links: &BTreeMap<String, ObservedLink>, specs: [&Artifacts; 2]) -> BTreeSet<String> {
    let ports = specs.iter().flat_map(|it| it.links()).flat_map(|it| &it.ports).map(|it| &it.link);
    let has = |master: &&Link, port: &InterfaceName| master.ports.iter().any(|it| it.link == *port);
    let wanted = |port: &InterfaceName| specs[1].links().find(|it| has(it, port)).map(|it| it.name.as_str());
    let present = |port: &InterfaceName| links.get(port.as_str()).map(|it| it.master.as_deref());
    let moved = ports.filter(|it| present(it).is_some_and(|master| master != wanted(it)));
    let is_emptied =
        |it: &&Link| !it.ports.is_empty() && specs[1].link(&it.name).is_some_and(|new| new.ports.is_empty());
    let emptied = specs[0].links().filter(is_emptied).map(|it| &it.name);
    moved.chain(emptied).map(ToString::to_string).collect()
}

fn leads_to_hardware(name: &str, links: &BTreeMap<String, ObservedLink>, depth: u32) -> bool {
    let Some(link) = links.get(name) else { return false };
    let Some(depth) = depth.checked_sub(1) else { return false };
    let mut ports = links.iter().filter(|it| it.1.master.as_deref() == Some(name));
    let is_below = |below: &String| leads_to_hardware(below, links, depth);
    link.kind.is_none() || link.parent.as_ref().is_some_and(is_below) || ports.any(|it| is_below(it.0))
}

/// Reads the carriers of all links below `/sys`; of links of others, whether they are set up. One of those that was made anew
/// is none of which anything was known, and nor is a port that changes its master: a bond sets down what it lets go, and a card
/// has its carrier again seconds later.
pub(super) fn carriers(sys: &Path, exceptions: &Exceptions) -> BTreeMap<String, Carrier> {
    let Exceptions { others, guests, regrouped } = exceptions;
    let entries = fs::read_dir(sys.join("class/net")).into_iter().flatten().flatten();
    let named = entries.filter_map(|it| Some((it.file_name().into_string().ok()?, it.path())));
    let known = named.filter_map(|(name, link)| {
        let of_others = || carrier(&link, others.get(&name).copied());
        let carrier = if guests.contains(&name) { Carrier::OfGuest } else { of_others()? };
        (!regrouped.contains(&name)).then_some((name, carrier))
    });
    known.collect()
}

fn carrier(link: &Path, of_others: Option<u32>) -> Option<Carrier> {
    let read = |file: &str| fs::read_to_string(link.join(file)).unwrap_or_default();
    let Some(index) = of_others else {
        return Some(if read("carrier").trim() == "1" { Carrier::There } else { Carrier::Gone });
    };
    let is_same = read("ifindex").trim().parse() == Ok(index);
    is_same.then(|| if is_up(&read("flags")) { Carrier::OfOthers } else { Carrier::Down })
}

/// Says whether `IFF_UP` is among flags, which are written as `0x1003`.
fn is_up(flags: &str) -> bool {
    let flags = flags.trim().strip_prefix("0x").and_then(|it| u32::from_str_radix(it, 16).ok());
    flags.is_some_and(|it| it & 1 == 1)
}

#[cfg(test)]
mod tests {
    use hostwright::artifact::Bytes;

    use super::super::tests::artifacts;
    use super::*;

    /// Links by name, kind and master, with their places as indexes.
    fn links(all: &[(&str, &str, &str)]) -> BTreeMap<String, ObservedLink> {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let link = |(index, (name, kind, master)): (u32, &(&str, &str, &str))| {
            let link =
                ObservedLink { index, kind: some(kind), master: some(master), ..ObservedLink::default() };
            ((*name).to_owned(), link)
        };
        (1..).zip(all).map(link).collect()
    }

    fn of_others_in(links: &BTreeMap<String, ObservedLink>, spec: &str) -> Vec<String> {
        of_others(links, [&Artifacts::default(), &artifacts(spec)], &BTreeSet::new()).into_keys().collect()
    }

    #[test]
    fn a_bridge_counts_that_has_a_port_of_a_spec_or_hardware() {
        let mut all = links(&[
            ("docker0", "bridge", ""),
            ("veth7", "veth", "docker0"),
            ("guests", "bridge", ""),
            ("vnet0", "tun", "guests"),
            ("br0", "bridge", ""),
            ("eno1", "", "br0"),
            ("eno2", "", "vmbr0"),
            ("vmbr0", "bridge", ""),
            ("vmbr1", "bridge", ""),
            ("bond0.5", "vlan", "vmbr1"),
            ("bond0", "bond", ""),
            ("eno3", "", "bond0"),
        ]);
        all.get_mut("bond0.5").expect("a VLAN").parent = Some("bond0".to_owned());
        let spec = "[bridge.guests]\n[bridge.br0]\nports = [\"eno1\"]\n";
        assert_eq!(of_others_in(&all, spec), ["docker0", "guests", "veth7", "vnet0"]);
        all.remove("eno3");
        assert_eq!(of_others_in(&all, spec), ["docker0", "guests", "veth7", "vmbr1", "vnet0"]);
    }

    #[test]
    fn a_bridge_that_a_spec_takes_its_ports_from_does_not_count() {
        let all = links(&[("br0", "bridge", ""), ("eno1", "", "br0")]);
        let with = |ports: &str| artifacts(&format!("[bridge.br0]\nports = [{ports}]\n"));
        let found = |after: &Artifacts| {
            let specs = [&with("\"eno1\""), after];
            of_others(&all, specs, &regrouped(&all, specs)).into_keys().collect::<Vec<_>>()
        };
        assert_eq!(found(&with("")), ["br0"]);
        assert!(found(&with("\"eno1\"")).is_empty());
        let named = |former: &Artifacts, new: &Artifacts| regrouped(&all, [former, new]).len();
        let (none, port) = (Artifacts::default(), with("\"eno1\""));
        assert_eq!((named(&port, &with("")), named(&port, &port), named(&none, &port)), (2, 0, 0));
    }

    #[test]
    fn a_link_of_a_guest_or_container_does_not_count_unless_a_spec_has_it() {
        let all = links(&[
            ("eno1", "veth", ""),
            ("gre1", "gre", ""),
            ("gretap1", "gretap", ""),
            ("nk0", "netkit", ""),
            ("tap0", "tun", ""),
            ("ve-ci1", "veth", ""),
            ("vlan9", "vlan", ""),
        ]);
        assert_eq!(of_others_in(&all, ""), ["nk0", "tap0", "ve-ci1"]);
    }

    /// Whoever pauses a guest has libvirt set its macvtap down, and the card below one that has it whole.
    #[test]
    fn a_link_of_a_guest_on_a_card_goes_down_and_up_with_it() {
        let mut all = links(&[
            ("eno1", "", ""),
            ("eno2", "", ""),
            ("macvtap0", "macvtap", ""),
            ("macvtap1", "macvtap", ""),
            ("mv0", "macvlan", ""),
        ]);
        for (link, parent, mode) in [("macvtap0", "eno1", 4), ("macvtap1", "eno2", 8), ("mv0", "eno1", 4)] {
            let link = all.get_mut(link).expect("a link");
            link.parent = Some(parent.to_owned());
            link.data = [(MODE, Bytes(u32::to_ne_bytes(mode).to_vec()))].into();
        }
        let spec = artifacts("[macvlan.mv0]\nparent = \"eno1\"\n");
        let found = Exceptions::find(&all, [&Artifacts::default(), &spec]);
        assert_eq!(found.guests.into_iter().collect::<Vec<_>>(), ["eno2", "macvtap0", "macvtap1"]);
    }

    #[test]
    fn what_is_built_on_a_bridge_of_guests_has_its_carrier() {
        let mut all = links(&[
            ("guests", "bridge", ""),
            ("v7", "vlan", ""),
            ("mv7", "macvlan", ""),
            ("eno1", "", ""),
            ("v8", "vlan", ""),
        ]);
        for (link, parent) in [("v7", "guests"), ("mv7", "v7"), ("v8", "eno1")] {
            all.entry(link.to_owned()).and_modify(|it| it.parent = Some(parent.to_owned()));
        }
        assert_eq!(of_others_in(&all, ""), ["guests", "mv7", "v7"]);
    }

    #[test]
    fn links_of_others_are_set_up_or_not_and_those_made_anew_are_unknown() {
        let sys = tempfile::tempdir().expect("a folder");
        for (name, carrier, flags) in [
            ("anew", "0\n", "0x1002\n"),
            ("docker0", "0\n", "0x1003\n"),
            ("eno1", "1\n", "0x1003\n"),
            ("eno2", "0\n", "0x1003\n"),
            ("virbr0", "1\n", "0x1002\n"),
        ] {
            let link = sys.path().join("class/net").join(name);
            fs::create_dir_all(&link).expect("made");
            for (file, text) in [("carrier", carrier), ("flags", flags), ("ifindex", "7\n")] {
                fs::write(link.join(file), text).expect("written");
            }
        }
        let others = [("anew", 6), ("docker0", 7), ("virbr0", 7)].map(|it| (it.0.to_owned(), it.1)).into();
        let expected = [
            ("docker0", Carrier::OfOthers),
            ("eno1", Carrier::There),
            ("eno2", Carrier::Gone),
            ("virbr0", Carrier::Down),
        ];
        let expected = expected.map(|(name, it)| (name.to_owned(), it)).into();
        let mut exceptions = Exceptions { others, ..Exceptions::default() };
        assert_eq!(carriers(sys.path(), &exceptions), expected);
        exceptions.regrouped.insert("eno1".to_owned());
        let watched = carriers(sys.path(), &exceptions);
        assert!(!watched.contains_key("eno1") && watched.contains_key("eno2"), "{watched:?}");
        exceptions.guests.insert("virbr0".to_owned());
        assert_eq!(carriers(sys.path(), &exceptions).get("virbr0"), Some(&Carrier::OfGuest));
    }
}
