//! What a link in the kernel lacks or has too much of.

use crate::artifact::{Address, Link, LinkForm, Route};
use crate::observed::{ObservedLink, ObservedRoute};
use crate::plan::Action;
use crate::plan::draft::Draft;
use crate::value::{Destination, InterfaceName, Mtu};

/// Number of the table `main`.
const MAIN: u32 = 254;
/// Protocol of static routes.
const STATIC: u8 = 4;

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Difference {
    /// Parent, identifier, mode or MAC address: no link can change it.
    Identity(String),
    /// Bytes: present, wanted.
    Mtu(Option<Mtu>, Mtu),
    /// It is not up.
    Down,
    /// An address is missing.
    MissingAddress(Address),
    /// An address of the former spec is still there.
    FormerAddress(Address),
    /// A route is missing.
    MissingRoute(Route),
    /// A route of the former spec is still there.
    FormerRoute(Route),
}

/// Compares what the kernel has with what shall be; former addresses and routes come from the applied spec.
pub(super) fn differences(draft: &Draft<'_>, link: &Link, present: &ObservedLink) -> Vec<Difference> {
    let mut found = Vec::new();
    found.extend(identity(link, present).map(Difference::Identity));
    if present.mtu != link.mtu.bytes() {
        found.push(Difference::Mtu(Mtu::new(present.mtu.into()).ok(), link.mtu));
    }
    if !present.up {
        found.push(Difference::Down);
    }
    let has = |it: &Address| {
        present.addresses.iter().any(|other| other.address == it.address && other.broadcast == it.broadcast)
    };
    found.extend(link.addresses.iter().filter(|it| !has(it)).copied().map(Difference::MissingAddress));
    let leads = |it: &Route| draft.observed.routes.iter().any(|other| is_route(other, &link.name, it));
    found.extend(link.routes.iter().filter(|it| !leads(it)).cloned().map(Difference::MissingRoute));
    if let Some(former) = draft.before.link(&link.name) {
        let gone = former.addresses.iter().filter(|it| !link.addresses.contains(it) && has(it));
        found.extend(gone.copied().map(Difference::FormerAddress));
        let gone = former.routes.iter().filter(|it| !link.routes.contains(it) && leads(it));
        found.extend(gone.cloned().map(Difference::FormerRoute));
    }
    found
}

fn identity(link: &Link, present: &ObservedLink) -> Option<String> {
    if link.form != LinkForm::Physical && present.form.as_ref() != Some(&link.form) {
        return Some(format!("becomes {link}"));
    }
    let mac = link.mac.filter(|it| Some(*it) != present.mac)?;
    Some(format!("MAC address {mac}"))
}

fn is_route(observed: &ObservedRoute, device: &InterfaceName, route: &Route) -> bool {
    let to = match route.to {
        Destination::Network(net) => observed.to == net,
        Destination::Default => {
            observed.to.prefix_len() == 0
                && route.via.is_some_and(|it| it.is_ipv4() == observed.to.addr().is_ipv4())
        }
    };
    to && observed.table == MAIN
        && observed.protocol == STATIC
        && observed.device.as_deref() == Some(device.as_str())
        && observed.via == route.via
        && route.metric.is_none_or(|it| it == observed.metric)
}

impl Difference {
    /// Returns what mends it over netlink, and what takes that back; absent: nothing can.
    pub(super) fn remedy(&self, name: &InterfaceName) -> Option<(Action, Vec<Action>)> {
        let name = || name.clone();
        Some(match self {
            Self::Identity(_) => return None,
            Self::Mtu(before, after) => (
                Action::SetMtu(name(), *after),
                before.map(|it| Action::SetMtu(name(), it)).into_iter().collect(),
            ),
            Self::Down => (Action::SetUp(name()), Vec::new()),
            Self::MissingAddress(it) => {
                (Action::AddAddress(name(), *it), vec![Action::RemoveAddress(name(), *it)])
            }
            Self::FormerAddress(it) => {
                (Action::RemoveAddress(name(), *it), vec![Action::AddAddress(name(), *it)])
            }
            Self::MissingRoute(it) => {
                (Action::AddRoute(name(), it.clone()), vec![Action::RemoveRoute(name(), it.clone())])
            }
            Self::FormerRoute(it) => {
                (Action::RemoveRoute(name(), it.clone()), vec![Action::AddRoute(name(), it.clone())])
            }
        })
    }
}

/// Says in words what differs.
pub(super) fn described(differences: &[Difference]) -> String {
    if differences.is_empty() {
        return "settings of networkd".to_owned();
    }
    let words = differences.iter().map(|difference| match difference {
        Difference::Identity(text) => text.clone(),
        Difference::Mtu(Some(before), after) => format!("MTU {before} → {after}"),
        Difference::Mtu(None, after) => format!("MTU {after}"),
        Difference::Down => "up".to_owned(),
        Difference::MissingAddress(it) => format!("+ {}", it.address),
        Difference::FormerAddress(it) => format!("- {}", it.address),
        Difference::MissingRoute(it) => format!("+ route {}", it.to),
        Difference::FormerRoute(it) => format!("- route {}", it.to),
    });
    words.collect::<Vec<_>>().join(", ")
}
