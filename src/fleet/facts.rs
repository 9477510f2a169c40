//! What is known of one host when it is compared with others.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::place::SourceMap;
use crate::artifact::{Artifact, Artifacts, Origin, Purpose, Start};
use crate::lower::Declared;
use crate::source::{Located, Span};
use crate::spec::lints::AllowSpec;
use crate::spec::{HostSpec, Named, Namespace};
use crate::value::{InterfaceAddress, Iqn, VlanId};
use crate::xml::Element;

/// Values, each with the table that has it and the place where it stands: that of the table where it is derived.
pub(super) type Given = BTreeMap<String, Located<Origin>>;

/// What a host has that others may have as well.
#[derive(Debug)]
pub(super) struct Facts {
    /// `[host] name`.
    pub(super) name: Located<String>,
    /// `[host] site`; empty where it is not written.
    pub(super) site: String,
    /// Name under which it logs in to iSCSI targets.
    pub(super) initiator: Option<Located<Iqn>>,
    /// MAC addresses, written and derived.
    pub(super) macs: Given,
    /// MAC addresses that network cards must have.
    pub(super) cards: Given,
    /// UUIDs of guests. Those of networks are known to one libvirt alone.
    pub(super) uuids: Given,
    /// Addresses of the host.
    pub(super) addresses: Vec<HostAddress>,
    /// Disks that a table uses.
    pub(super) disks: Given,
    /// VLAN devices.
    pub(super) vlans: BTreeMap<String, Located<VlanId>>,
    /// libvirt's networks: the headers of their tables.
    pub(super) networks: Given,
    /// iSCSI names of targets, with the tables that log in.
    pub(super) targets: Given,
    /// Guests, with the networks that they are on.
    pub(super) guests: BTreeMap<Origin, Located<BTreeSet<String>>>,
    /// Guests and containers that nobody but the administrator starts.
    pub(super) idle: BTreeSet<Origin>,
    /// Guests that are not meant to move.
    pub(super) staying: BTreeSet<Origin>,
    /// Warnings that are meant so.
    pub(super) allowed: Vec<Named<AllowSpec>>,
}

/// An address of a host.
#[derive(Debug)]
pub(super) struct HostAddress {
    pub(super) address: IpAddr,
    pub(super) place: Located<Origin>,
    /// Whether others share the wire of its link.
    pub(super) wired: bool,
    /// Whether it stands for one station: /32 or /128.
    pub(super) single: bool,
}

impl Facts {
    /// Collects them; absent where the host has no name that can be read.
    pub(super) fn of(spec: &HostSpec, artifacts: &Artifacts, map: &SourceMap) -> Option<Self> {
        let main = spec.main.as_ref()?;
        let host = &main.host.value;
        let declared = Declared::by(spec);
        let initiator = host.iscsi.as_ref().and_then(|it| it.value.initiator.as_ref());
        let given = |namespace| {
            let moved = |(name, place): (&str, _)| (name.to_owned(), map.located(place));
            declared.given(namespace).map(moved).collect::<Given>()
        };
        let headers = spec.items.iter().map(|it| it.origin()).map(|it| (it.value, map.span(it.span)));
        let mut facts = Self {
            name: map.located(&host.name).map(|it| it.to_string()),
            site: host.site.as_ref().map_or_else(String::new, |it| it.value.to_string()),
            initiator: initiator.map(|it| map.located(it)),
            macs: given(Namespace::Mac),
            cards: Given::new(),
            uuids: Given::new(),
            addresses: addresses(&declared, artifacts, map),
            disks: declared
                .disks()
                .flatten()
                .map(|(disk, place)| (disk.to_owned(), map.located(&place)))
                .collect(),
            vlans: declared.vlans().map(|(name, id)| (name.to_owned(), map.located(&id))).collect(),
            networks: given(Namespace::Network),
            targets: given(Namespace::TargetName),
            guests: BTreeMap::new(),
            idle: BTreeSet::new(),
            staying: declared.staying().cloned().collect(),
            allowed: main.lints.iter().map(|it| map.allowed(it)).collect(),
        };
        facts.take(artifacts, &headers.collect());
        Some(facts)
    }

    /// Says whether two tables describe one thing that moves between their hosts: both give it the same name, and at most
    /// one of them starts it.
    pub(super) fn is_twin(&self, own: &Origin, other: &Self, others: &Origin) -> bool {
        own == others && (self.idle.contains(own) || other.idle.contains(others))
    }

    /// Takes what only artifacts say.
    fn take(&mut self, artifacts: &Artifacts, headers: &BTreeMap<Origin, Span>) {
        for entry in artifacts.iter() {
            let Some(span) = headers.get(&entry.origin) else { continue };
            let place = Located::new(entry.origin.clone(), *span);
            match &entry.artifact {
                Artifact::Link(link) => {
                    self.take_macs(link.mac, &place);
                    self.cards.extend(link.expect_mac.map(|it| (it.to_string(), place)));
                }
                Artifact::Domain(guest) => {
                    self.uuids.insert(guest.uuid.clone(), place.clone());
                    self.take_macs(macs(&guest.xml), &place);
                    let networks = crate::xml::networks(&guest.xml).unwrap_or_default();
                    self.guests.insert(entry.origin.clone(), Located::new(networks, *span));
                    self.take_idle(guest.start, &entry.origin);
                }
                Artifact::Unit(unit) => {
                    if let Purpose::Container { start, .. } = unit.purpose {
                        self.take_idle(start, &entry.origin);
                    }
                }
                _ => {}
            }
        }
    }

    /// Takes MAC addresses; those that are written are known already, with a better place.
    fn take_macs(&mut self, macs: impl IntoIterator<Item = impl ToString>, place: &Located<Origin>) {
        for mac in macs {
            self.macs.entry(mac.to_string()).or_insert_with(|| place.clone());
        }
    }

    fn take_idle(&mut self, start: Start, origin: &Origin) {
        if start == Start::Manual {
            self.idle.insert(origin.clone());
        }
    }
}

fn addresses(declared: &Declared, artifacts: &Artifacts, map: &SourceMap) -> Vec<HostAddress> {
    let all = || artifacts.links().flat_map(|it| &it.addresses).map(|it| it.address);
    let longest = |address: IpAddr| if address.is_ipv4() { 32 } else { 128 };
    let single = |address: IpAddr| all().any(|it| it.ip() == address && it.prefix() == longest(address));
    let address = |(address, place): (InterfaceAddress, Located<Origin>)| {
        let (address, wired) = (address.ip(), declared.has_wire(&place.value.name));
        HostAddress { address, place: map.located(&place), wired, single: single(address) }
    };
    declared.addresses().map(address).collect()
}

fn macs(domain: &str) -> Vec<String> {
    let Ok(domain) = Element::parse(domain) else { return Vec::new() };
    let devices = domain.child("devices").into_iter().flat_map(Element::elements);
    devices.filter_map(|it| it.of_child("mac", "address")).map(str::to_owned).collect()
}
