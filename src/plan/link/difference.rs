//! What a link in the kernel lacks or has too much of.

use std::net::IpAddr;

use crate::artifact::{
    Address, Alteration, Device, Link, Neighbor, Port, PortVlan, Route, RouteType, Rule, Setting,
};
use crate::observed::{ObservedLink, ObservedRoute, STATIC};
use crate::plan::Action;
use crate::plan::draft::Draft;
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
    /// A link is not its port, or not as it should be.
    MissingPort(Port),
    /// A port of the former spec still is one.
    FormerPort(Port),
    /// An address is missing.
    MissingAddress(Address),
    /// An address of the former spec is still there.
    FormerAddress(Address),
    /// A route is missing.
    MissingRoute(Route),
    /// A route of the former spec is still there.
    FormerRoute(Route),
    /// A rule is missing.
    MissingRule(Rule),
    /// A rule of the former spec is still there.
    FormerRule(Rule),
    /// A neighbor is missing.
    MissingNeighbor(Neighbor),
    /// A neighbor of the former spec is still there.
    FormerNeighbor(Neighbor),
}

/// Compares what the kernel has with what shall be; former addresses and routes come from the applied spec.
pub(super) fn differences(draft: &Draft<'_>, link: &Link, present: &ObservedLink) -> Vec<Difference> {
    use Difference as Is;
    let mut found = own(draft, link, present);
    let former = draft.before.link(&link.name);
    let port = |it: &Port| is_port(draft, &link.name, present, it);
    each(&mut found, [&link.ports, of(former, |it| &it.ports)], port, [Is::MissingPort, Is::FormerPort]);
    let address = |it: &Address| {
        present.addresses.iter().any(|other| other.address == it.address && other.broadcast == it.broadcast)
    };
    let both = [&link.addresses, of(former, |it| &it.addresses)];
    each(&mut found, both, address, [Is::MissingAddress, Is::FormerAddress]);
    let route = |it: &Route| draft.observed.routes.iter().any(|other| is_route(other, &link.name, it));
    each(&mut found, [&link.routes, of(former, |it| &it.routes)], route, [Is::MissingRoute, Is::FormerRoute]);
    let rule = |it: &Rule| draft.observed.rules.iter().any(|other| other.is(it));
    each(&mut found, [&link.rules, of(former, |it| &it.rules)], rule, [Is::MissingRule, Is::FormerRule]);
    let neighbor = |it: &Neighbor| present.neighbors.contains(it);
    let both = [&link.neighbors, of(former, |it| &it.neighbors)];
    each(&mut found, both, neighbor, [Is::MissingNeighbor, Is::FormerNeighbor]);
    found
}

fn of<T>(link: Option<&Link>, list: fn(&Link) -> &Vec<T>) -> &[T] {
    link.map(list).map_or(&[], Vec::as_slice)
}

/// Adds what is wanted and missing, and what was wanted before and is still there.
fn each<T: Clone + PartialEq>(
    found: &mut Vec<Difference>,
    [wanted, former]: [&[T]; 2],
    there: impl Fn(&T) -> bool,
    [missing, left]: [fn(T) -> Difference; 2],
) {
    found.extend(wanted.iter().filter(|it| !there(it)).cloned().map(missing));
    found.extend(former.iter().filter(|it| !wanted.contains(it) && there(it)).cloned().map(left));
}

/// Compares what belongs to the link alone.
fn own(draft: &Draft<'_>, link: &Link, present: &ObservedLink) -> Vec<Difference> {
    let mut found = Vec::new();
    found.extend(identity(link, present).map(Difference::Identity));
    if let Some(device) = link.device.as_ref().filter(|it| present.is(it)) {
        found.extend(settings(device, present));
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

fn settings(device: &Device, present: &ObservedLink) -> Option<Difference> {
    let of = |it: &Setting| present.data.get(&it.attribute).cloned();
    let alterable = device.settings.iter().filter(|it| it.alteration == Alteration::InPlace);
    let wanted: Vec<_> = alterable.filter(|it| of(it).is_some_and(|has| has != it.value)).cloned().collect();
    let has = |it: &Setting| Some(Setting { value: of(it)?, ..it.clone() });
    let had = wanted.iter().filter_map(has).collect();
    (!wanted.is_empty()).then(|| Difference::Device(device.kind.clone(), had, wanted))
}

fn identity(link: &Link, present: &ObservedLink) -> Option<String> {
    if link.device.as_ref().is_some_and(|it| !present.is(it)) {
        return Some(format!("becomes {link}"));
    }
    let mac = link.mac.filter(|it| Some(*it) != present.mac)?;
    Some(format!("MAC address {mac}"))
}

fn is_port(draft: &Draft<'_>, master: &InterfaceName, present: &ObservedLink, port: &Port) -> bool {
    let Some(link) = draft.observed.link(&port.link) else {
        return false;
    };
    let elected = port.elected.is_none_or(|it| present.data.get(&it) == Some(&link.index.into()));
    link.master.as_deref() == Some(master.as_str())
        && elected
        && port.vlans.as_ref().is_none_or(|it| *it == link.vlans)
}

fn is_route(observed: &ObservedRoute, device: &InterfaceName, route: &Route) -> bool {
    let over = observed.device.as_deref();
    let device = match route.kind {
        RouteType::Unicast => over == Some(device.as_str()),
        // The kernel shows IPv6 routes that lead nowhere over the loopback device.
        _ => over.is_none_or(|it| it == "lo"),
    };
    device
        && observed.to == route.network()
        && observed.table == route.table
        && observed.protocol == STATIC
        && observed.via == route.via
        && observed.rest.split(' ').next() == Some(route.kind.word())
        && route.metric.is_none_or(|it| it == observed.metric)
        && source(observed) == route.preferred_source.map(|it| it.to_string()).as_deref()
}

fn source(observed: &ObservedRoute) -> Option<&str> {
    let mut words = observed.rest.split(' ').skip_while(|it| *it != "src");
    words.nth(1)
}

impl Difference {
    /// Says whether it is between a master and a port.
    pub(super) const fn is_of_port(&self) -> bool {
        matches!(self, Self::MissingPort(_) | Self::FormerPort(_))
    }

    /// Says whether it is one of the settings that a made link has by its kind.
    pub(super) const fn is_of_device(&self) -> bool {
        matches!(self, Self::Device(..))
    }

    /// Says whether it is a link's MTU.
    pub(super) const fn is_mtu(&self) -> bool {
        matches!(self, Self::Mtu(..))
    }

    /// Says whether it is an MTU that becomes smaller.
    pub(super) fn shrinks(&self) -> bool {
        matches!(self, Self::Mtu(Some(before), after) if after.bytes() < before.bytes())
    }

    /// Says whether an address goes.
    pub(super) fn removes(&self, ip: IpAddr) -> bool {
        matches!(self, Self::FormerAddress(it) if it.address.ip() == ip)
    }

    /// Returns the port that it is about; absent: it is about none.
    pub(super) const fn port(&self) -> Option<&InterfaceName> {
        match self {
            Self::MissingPort(it) | Self::FormerPort(it) => Some(&it.link),
            _ => None,
        }
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
        )
    }

    /// Returns what mends it over netlink, and what takes that back; absent: nothing can.
    pub(super) fn remedy(&self, name: &InterfaceName) -> Option<(Action, Vec<Action>)> {
        let name = || name.clone();
        let pair = |action: Action, undo: Action| (action, vec![undo]);
        Some(match self {
            Self::Identity(_) => return None,
            Self::Device(kind, had, wanted) => pair(
                Action::SetDevice(name(), kind.clone(), wanted.clone()),
                Action::SetDevice(name(), kind.clone(), had.clone()),
            ),
            Self::Vlans(had, wanted) => {
                pair(Action::SetVlans(name(), wanted.clone()), Action::SetVlans(name(), had.clone()))
            }
            Self::Mtu(before, after) => (
                Action::SetMtu(name(), *after),
                before.map(|it| Action::SetMtu(name(), it)).into_iter().collect(),
            ),
            Self::Down => (Action::SetUp(name()), Vec::new()),
            Self::Sysctl(path, had, wanted) => pair(
                Action::SetSysctl(path.clone(), wanted.clone()),
                Action::SetSysctl(path.clone(), had.clone()),
            ),
            Self::MissingPort(it) => {
                pair(Action::AddPort(name(), it.clone()), Action::RemovePort(it.link.clone()))
            }
            Self::FormerPort(it) => {
                pair(Action::RemovePort(it.link.clone()), Action::AddPort(name(), it.clone()))
            }
            Self::MissingAddress(it) => {
                pair(Action::AddAddress(name(), *it), Action::RemoveAddress(name(), *it))
            }
            Self::FormerAddress(it) => {
                pair(Action::RemoveAddress(name(), *it), Action::AddAddress(name(), *it))
            }
            Self::MissingRoute(it) => {
                pair(Action::AddRoute(name(), it.clone()), Action::RemoveRoute(name(), it.clone()))
            }
            Self::FormerRoute(it) => {
                pair(Action::RemoveRoute(name(), it.clone()), Action::AddRoute(name(), it.clone()))
            }
            Self::MissingRule(it) => pair(Action::AddRule(it.clone()), Action::RemoveRule(it.clone())),
            Self::FormerRule(it) => pair(Action::RemoveRule(it.clone()), Action::AddRule(it.clone())),
            Self::MissingNeighbor(it) => {
                pair(Action::AddNeighbor(name(), *it), Action::RemoveNeighbor(name(), *it))
            }
            Self::FormerNeighbor(it) => {
                pair(Action::RemoveNeighbor(name(), *it), Action::AddNeighbor(name(), *it))
            }
        })
    }
}

/// Says in words what differs.
pub(super) fn described(differences: &[Difference]) -> String {
    if differences.is_empty() {
        return "settings of networkd".to_owned();
    }
    differences.iter().map(words).collect::<Vec<_>>().join(", ")
}

fn words(difference: &Difference) -> String {
    match difference {
        Difference::Identity(text) => text.clone(),
        Difference::Device(_, _, wanted) => {
            let pair = |it: &Setting| format!("{} {}", it.key, it.text.as_deref().unwrap_or_default());
            wanted.iter().map(pair).collect::<Vec<_>>().join(", ")
        }
        Difference::Vlans(_, wanted) => {
            let ids: Vec<_> = wanted.iter().map(|it| it.id.to_string()).collect();
            format!("its own VLANs {}", ids.join(" "))
        }
        Difference::Mtu(Some(before), after) => format!("MTU {before} → {after}"),
        Difference::Mtu(None, after) => format!("MTU {after}"),
        Difference::Down => "up".to_owned(),
        Difference::Sysctl(path, _, wanted) => {
            format!("{} {wanted}", path.rsplit('/').next().unwrap_or(path))
        }
        Difference::MissingPort(it) => format!("+ port {}", it.link),
        Difference::FormerPort(it) => format!("- port {}", it.link),
        Difference::MissingAddress(it) => format!("+ {}", it.address),
        Difference::FormerAddress(it) => format!("- {}", it.address),
        Difference::MissingRoute(it) => format!("+ route {}", it.to),
        Difference::FormerRoute(it) => format!("- route {}", it.to),
        Difference::MissingRule(it) => format!("+ rule {it}"),
        Difference::FormerRule(it) => format!("- rule {it}"),
        Difference::MissingNeighbor(it) => format!("+ neighbor {}", it.address),
        Difference::FormerNeighbor(it) => format!("- neighbor {}", it.address),
    }
}
