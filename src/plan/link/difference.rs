//! What a link in the kernel lacks or has too much of.

use std::net::IpAddr;

use super::former::{former_addresses, former_neighbors, former_routes, former_rules, is_exactly};
use super::ports;
use crate::artifact::{Address, Alteration, Device, Link, Neighbor, Port, PortVlan, Route, Rule, Setting};
use crate::observed::{ObservedLink, ObservedRoute};
use crate::plan::draft::Draft;
use crate::plan::routing::Part;
use crate::value::{InterfaceName, Mtu};

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Difference {
    /// Kind, parent, a setting for life or MAC address: no link can change it.
    Identity(String),
    /// Settings of a device: its kind, those that it has, those that it shall have.
    Device(String, Vec<Setting>, Vec<Setting>),
    /// VLANs of a bridge's host: present, wanted.
    Vlans(Vec<PortVlan>, Vec<PortVlan>),
    /// Bytes: present, wanted.
    Mtu(Option<Mtu>, Mtu),
    /// It is not up.
    Down,
    /// Path, present and wanted value of a sysctl.
    Sysctl(String, String, String),
    /// A link is not its port.
    MissingPort(Port),
    /// A port lets pass other VLANs: as it is, as it should be.
    ChangedPort(Port, Port),
    /// A port of the former spec still is one.
    FormerPort(Port),
    /// It prefers another port: the attribute that takes it, the present and the wanted one.
    Elected(u16, Option<InterfaceName>, Option<InterfaceName>),
    /// An address is missing.
    MissingAddress(Address),
    /// An address of the former spec is still there.
    FormerAddress(Address),
    /// A route is missing.
    MissingRoute(Route),
    /// A route of the former spec is still there.
    FormerRoute(Route),
    /// A route of the former spec is in the place of another.
    ChangedRoute(Route, Route),
    /// A rule is missing.
    MissingRule(Rule),
    /// A rule of the former spec is still there.
    FormerRule(Rule),
    /// A neighbor is missing.
    MissingNeighbor(Neighbor),
    /// A neighbor of the former spec is still there.
    FormerNeighbor(Neighbor),
    /// A neighbor has another MAC address: as it is, as it should be.
    ChangedNeighbor(Neighbor, Neighbor),
}

/// Compares what the kernel has with what shall be; former addresses and routes come from the applied spec.
pub(super) fn differences(draft: &Draft<'_>, link: &Link, present: &ObservedLink) -> Vec<Difference> {
    use Difference as Is;
    let mut found = own(draft, link, present);
    let former = draft.before.link(&link.name);
    found.extend(ports::differences(draft, link, present));
    let address = |it: &Address| {
        present.addresses.iter().any(|other| other.address == it.address && other.broadcast == it.broadcast)
    };
    let same = |a: &Address, b: &Address| a.address.ip() == b.address.ip();
    let former_addresses: Vec<_> = former_addresses(link, former, present).into_iter().collect();
    let both = [&link.addresses[..], &former_addresses];
    each(&mut found, both, address, same, [Is::MissingAddress, Is::FormerAddress], |former, wanted| {
        let is_taken = excludes(&former, &wanted);
        let mut both = vec![Is::MissingAddress(wanted), Is::FormerAddress(former)];
        both.sort_by_key(|it| is_taken == matches!(it, Is::MissingAddress(_)));
        both
    });
    let former_routes = former_routes(draft, link, former);
    // One without a metric has whatever it was given, but not that of one that goes.
    let goes = |it: &ObservedRoute| former_routes.iter().any(|former| is_exactly(it, former, link));
    let route = |it: &Route| {
        let is_it = |other: &&ObservedRoute| other.is(it, &link.name);
        draft.observed.routes.iter().filter(is_it).any(|other| is_exactly(other, it, link) || !goes(other))
    };
    let both = [&link.routes[..], &former_routes];
    each(&mut found, both, route, Route::excludes, [Is::MissingRoute, Is::FormerRoute], |former, wanted| {
        vec![Is::ChangedRoute(former, wanted)]
    });
    let rule = |it: &Rule| draft.observed.rules.iter().any(|other| other.is(it));
    let former_rules = former_rules(draft, link, former);
    let both = [&link.rules[..], &former_rules];
    each(&mut found, both, rule, |_, _| false, [Is::MissingRule, Is::FormerRule], |_, _| Vec::new());
    let neighbor = |it: &Neighbor| present.neighbors.contains(it);
    let former_neighbors = former_neighbors(link, former, present);
    let both = [&link.neighbors[..], &former_neighbors];
    let same = |a: &Neighbor, b: &Neighbor| a.address == b.address;
    each(&mut found, both, neighbor, same, [Is::MissingNeighbor, Is::FormerNeighbor], |former, wanted| {
        vec![Is::ChangedNeighbor(former, wanted)]
    });
    // Routes count on the addresses that their gateways and sources are of: on the way there, and on the way back.
    let (going, staying): (Vec<_>, Vec<_>) = found.iter().cloned().partition(|it| goes_alone(it, &found));
    [staying, going].concat()
}

/// Says whether an address goes in whose place none comes.
fn goes_alone(it: &Difference, all: &[Difference]) -> bool {
    let Difference::FormerAddress(it) = it else { return false };
    !all.iter().any(|other| matches!(other, Difference::MissingAddress(new) if excludes(it, new)))
}

/// Says whether the kernel has one of both alone: an address of IPv6 whatever its prefix, and one of IPv4 once with each prefix.
fn excludes(a: &Address, b: &Address) -> bool {
    a.address.ip() == b.address.ip() && (a.address.ip().is_ipv6() || a.address == b.address)
}

/// Adds what is wanted and missing, and what was wanted before and is still there; where that is in the place of what is
/// wanted, both go together.
fn each<T: Clone + PartialEq>(
    found: &mut Vec<Difference>,
    [wanted, former]: [&[T]; 2],
    there: impl Fn(&T) -> bool,
    same: impl Fn(&T, &T) -> bool,
    [missing, left]: [fn(T) -> Difference; 2],
    changed: impl Fn(T, T) -> Vec<Difference>,
) {
    let mut left_over: Vec<_> = former.iter().filter(|it| !wanted.contains(it) && there(it)).collect();
    for wanted in wanted.iter().filter(|it| !there(it)) {
        match left_over.iter().position(|it| same(it, wanted)) {
            Some(place) => found.extend(changed(left_over.remove(place).clone(), wanted.clone())),
            None => found.push(missing(wanted.clone())),
        }
    }
    found.extend(left_over.into_iter().cloned().map(left));
}

/// Compares what belongs to the link alone.
fn own(draft: &Draft<'_>, link: &Link, present: &ObservedLink) -> Vec<Difference> {
    let mut found = Vec::new();
    found.extend(identity(link, present).map(Difference::Identity));
    if let Some(device) = link.device.as_ref().filter(|it| present.is(it)) {
        found.extend(settings(device, draft.before.link(&link.name), present));
    }
    if let Some(wanted) = link.vlans.as_ref().filter(|it| **it != present.vlans) {
        found.push(Difference::Vlans(present.vlans.clone(), wanted.clone()));
    }
    if present.mtu != link.mtu.bytes() {
        found.push(Difference::Mtu(Mtu::new(present.mtu.into()).ok(), link.mtu));
    }
    if !present.up {
        found.push(Difference::Down);
    }
    let differs = |(path, value): (&String, &String)| {
        let found = present.sysctls.get(path).filter(|it| *it != value)?;
        Some(Difference::Sysctl(path.clone(), found.clone(), value.clone()))
    };
    found.extend(link.own_sysctls.iter().filter_map(differs));
    if !draft.observed.networkd_has_loaded(&link.name) {
        found.extend(link.sysctls.iter().filter_map(differs));
    }
    found
}

fn settings(device: &Device, former: Option<&Link>, present: &ObservedLink) -> Option<Difference> {
    let of = |it: &Setting| present.data.get(&it.attribute).cloned();
    let is_alterable = |it: &&Setting| it.is_alterable();
    let differs = |it: &Setting| of(it).is_some_and(|has| has != it.value);
    let is_behind = |it: &Setting| match it.alteration {
        Alteration::InPlaceBehind(first) if it.value.number() != Some(0) => {
            device.settings.iter().any(|it| it.attribute == first && differs(it))
        }
        _ => false,
    };
    let alterable = device.settings.iter().filter(is_alterable);
    let wanted: Vec<_> = alterable.filter(|it| differs(it) || is_behind(it)).cloned().collect();
    let has = |it: &Setting| Some(Setting { value: of(it)?, ..it.clone() });
    // The kernel may take one that is no longer asked for with another that comes.
    let is_left = |it: &&Setting| device.settings.iter().all(|other| other.attribute != it.attribute);
    let former = former.and_then(|it| it.device.as_ref()).into_iter().flat_map(|it| &it.settings);
    let left = former.filter(is_alterable).filter(is_left);
    let had = wanted.iter().chain(left).filter_map(has).collect();
    (!wanted.is_empty()).then(|| Difference::Device(device.kind.clone(), had, wanted))
}

fn identity(link: &Link, present: &ObservedLink) -> Option<String> {
    if link.device.as_ref().is_some_and(|it| !present.is(it)) {
        return Some(format!("becomes {link}"));
    }
    // A bond gives its ports its own.
    let first = if present.master.is_some() { present.hardware_mac() } else { present.mac };
    let mac = link.mac.filter(|it| ![present.mac, first].contains(&Some(*it)))?;
    Some(format!("MAC address {mac}"))
}

impl Difference {
    /// Says whether it is between a master and a port.
    pub(super) const fn is_of_port(&self) -> bool {
        matches!(self, Self::MissingPort(_) | Self::ChangedPort(..) | Self::FormerPort(_) | Self::Elected(..))
    }

    /// Says whether it is one of the settings that a made link has by its kind.
    pub(super) const fn is_of_device(&self) -> bool {
        matches!(self, Self::Device(..))
    }

    /// Says whether no change of the link leads there: it is to be made again.
    pub(super) const fn is_identity(&self) -> bool {
        matches!(self, Self::Identity(_))
    }

    /// Says whether it is a link's MTU.
    pub(super) const fn is_mtu(&self) -> bool {
        matches!(self, Self::Mtu(..))
    }

    /// Says whether it is mended over netlink where networkd is told, too: it sets an MTU no sooner than it has done with the
    /// rest, and before 256 it takes no VLAN from a bridge.
    pub(super) const fn is_left_to_us(&self) -> bool {
        matches!(self, Self::Mtu(..) | Self::Vlans(..))
    }

    /// Says whether it is an MTU that becomes smaller.
    pub(super) fn shrinks(&self) -> bool {
        matches!(self, Self::Mtu(Some(before), after) if after.bytes() < before.bytes())
    }

    /// Returns what of a link's part in routing goes; absent: nothing.
    pub(super) const fn going(&self) -> Option<Part<'_>> {
        match self {
            Self::FormerAddress(it) => Some(Part::Address(it)),
            Self::FormerRoute(it) | Self::ChangedRoute(it, _) => Some(Part::Route(it)),
            Self::FormerRule(it) => Some(Part::Rule(it)),
            _ => None,
        }
    }

    /// Returns what comes to a link's part in routing; absent: nothing.
    pub(super) const fn coming(&self) -> Option<Part<'_>> {
        match self {
            Self::MissingAddress(it) => Some(Part::Address(it)),
            Self::MissingRoute(it) | Self::ChangedRoute(_, it) => Some(Part::Route(it)),
            Self::MissingRule(it) => Some(Part::Rule(it)),
            _ => None,
        }
    }

    /// Says whether networkd gives it to a link that has a carrier, and no sooner.
    pub(super) const fn comes_with_carrier(&self) -> bool {
        matches!(
            self,
            Self::MissingAddress(_) | Self::MissingRoute(_) | Self::MissingRule(_) | Self::MissingNeighbor(_)
        )
    }

    /// Says whether an address goes.
    pub(super) fn removes(&self, ip: IpAddr) -> bool {
        matches!(self, Self::FormerAddress(it) if it.address.ip() == ip)
    }

    /// Returns the link that becomes a port or is freed; absent: none is.
    pub(super) const fn port(&self) -> Option<&InterfaceName> {
        match self {
            Self::MissingPort(it) | Self::FormerPort(it) => Some(&it.link),
            _ => None,
        }
    }

    /// Returns the port that is freed; absent: none is.
    pub(super) const fn freed(&self) -> Option<&InterfaceName> {
        match self {
            Self::FormerPort(it) => Some(&it.link),
            _ => None,
        }
    }

    /// Says whether what goes over a port may be cut.
    pub(super) const fn cuts_port(&self) -> bool {
        matches!(self, Self::FormerPort(_) | Self::ChangedPort(..))
    }

    /// Says whether it is mended when all links are there.
    pub(super) const fn is_of_ip(&self) -> bool {
        matches!(
            self,
            Self::MissingAddress(_)
                | Self::MissingRoute(_)
                | Self::MissingRule(_)
                | Self::MissingNeighbor(_)
                | Self::FormerAddress(_)
                | Self::FormerRoute(_)
                | Self::FormerRule(_)
                | Self::FormerNeighbor(_)
                | Self::ChangedRoute(..)
                | Self::ChangedNeighbor(..)
        )
    }
}
