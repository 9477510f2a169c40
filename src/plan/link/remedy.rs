//! What mends a difference over netlink, and what takes that back.

use super::difference::Difference;
use super::ports;
use crate::observed::ObservedLink;
use crate::plan::Action;
use crate::plan::draft::Draft;
use crate::value::{InterfaceName, Mtu};

impl Difference {
    /// Returns what mends it over netlink, and what takes that back; absent: nothing can.
    pub(super) fn remedy(&self, draft: &Draft<'_>, name: &InterfaceName) -> Option<(Action, Vec<Action>)> {
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
            Self::Mtu(before, after) => {
                let own = before.map(|it| Action::SetMtu(name(), it));
                let above = shrunk_with(draft, name().as_str(), *after);
                let above = above.into_iter().map(|(it, mtu)| Action::RestoreMtu(it, mtu));
                (Action::SetMtu(name(), *after), own.into_iter().chain(above).collect())
            }
            // What the former spec has shall be up after an undo, too.
            Self::Down => {
                let down = draft.before.link(&name()).is_none().then(|| Action::SetDown(name()));
                (Action::SetUp(name()), down.into_iter().collect())
            }
            Self::Sysctl(path, had, wanted) => pair(
                Action::SetSysctl(path.clone(), wanted.clone()),
                Action::SetSysctl(path.clone(), had.clone()),
            ),
            Self::MissingPort(it) => {
                (Action::AddPort(name(), it.clone()), ports::freed(draft, &name(), &it.link))
            }
            Self::ChangedPort(had, wanted) => {
                pair(Action::AddPort(name(), wanted.clone()), Action::AddPort(name(), had.clone()))
            }
            Self::FormerPort(it) => {
                (Action::RemovePort(it.link.clone()), ports::taken_up_again(draft, &name(), it))
            }
            Self::Elected(attribute, had, wanted) => pair(
                Action::Elect(name(), *attribute, wanted.clone()),
                Action::Elect(name(), *attribute, had.clone()),
            ),
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
            Self::ChangedRoute(had, wanted) => pair(
                Action::ReplaceRoute(name(), had.clone(), wanted.clone()),
                Action::ReplaceRoute(name(), wanted.clone(), had.clone()),
            ),
            Self::MissingRule(it) => pair(Action::AddRule(it.clone()), Action::RemoveRule(it.clone())),
            Self::FormerRule(it) => pair(Action::RemoveRule(it.clone()), Action::AddRule(it.clone())),
            Self::MissingNeighbor(it) => {
                pair(Action::AddNeighbor(name(), *it), Action::RemoveNeighbor(name(), *it))
            }
            Self::FormerNeighbor(it) => {
                pair(Action::RemoveNeighbor(name(), *it), Action::AddNeighbor(name(), *it))
            }
            Self::ChangedNeighbor(had, wanted) => {
                pair(Action::AddNeighbor(name(), *wanted), Action::AddNeighbor(name(), *had))
            }
        })
    }

    /// Returns what takes a route or rule that goes, where networkd was told so: one that did not start with it, and leaves those
    /// of others alone, takes its own for one of them.
    pub(super) fn taking_old(&self, name: &InterfaceName) -> Option<Action> {
        match self {
            Self::FormerRoute(it) | Self::ChangedRoute(it, _) => {
                Some(Action::RemoveRoute(name.clone(), it.clone()))
            }
            Self::FormerRule(it) => Some(Action::RemoveRule(it.clone())),
            _ => None,
        }
    }

    /// Returns what takes a route or rule that came, likewise, where all is taken back.
    pub(super) fn taking_new(&self, name: &InterfaceName) -> Option<Action> {
        match self {
            Self::MissingRoute(it) | Self::ChangedRoute(_, it) => {
                Some(Action::RemoveRoute(name.clone(), it.clone()))
            }
            Self::MissingRule(it) => Some(Action::RemoveRule(it.clone())),
            _ => None,
        }
    }
}

/// Returns the links on one that the kernel shrinks with it, whosever they are, the lower ones first, and the MTUs they have.
/// `vlan_device_event`, `macvlan_device_event`.
fn shrunk_with(draft: &Draft<'_>, name: &str, mtu: Mtu) -> Vec<(String, Mtu)> {
    let is_on = |it: &ObservedLink| it.parent.as_deref() == Some(name) && it.mtu > mtu.bytes();
    let above = draft.observed.links.iter().filter(|it| is_on(it.1));
    let above = above.filter_map(|(name, it)| Some((name.clone(), Mtu::new(it.mtu.into()).ok()?)));
    above.flat_map(|it| [vec![it.clone()], shrunk_with(draft, &it.0, mtu)].concat()).collect()
}
