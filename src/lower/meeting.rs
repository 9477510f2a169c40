//! What tables give each other without knowing each other: units to wait for, networks to be on.

use std::collections::BTreeMap;

use super::{Attachment, Declared, Lower};
use crate::artifact::Origin;
use crate::host::OLDEST_SYSTEMD_WITH_GUESTS;
use crate::source::{Located, Span};
use crate::spec::{Namespace, UnitOf};
use crate::value::{InterfaceName, Iqn, ItemName, UnitName};

/// Over what a unit reaches its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// Devices of the host.
    Local,
    /// A network: what waits for it is mounted with `_netdev`.
    Network,
}

/// A unit that another one waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// Name with suffix.
    pub unit: UnitName,
    /// Over what it reaches its data.
    pub path: Path,
}

#[derive(Debug, Default)]
pub(super) struct Meeting {
    units: BTreeMap<String, Dependency>,
    targets: BTreeMap<ItemName, Iqn>,
}

impl Meeting {
    /// Returns over what a table's unit reaches its data.
    pub(super) fn path(&self, table: &str) -> Option<Path> {
        self.units.get(table).map(|it| it.path)
    }
}

impl Declared {
    /// Says that a table has a unit that others can wait for.
    pub fn unit(&mut self, origin: &Located<Origin>, dependency: Dependency) {
        self.claim(Namespace::Unit, &origin.value.to_string(), origin);
        self.meeting.units.insert(origin.value.to_string(), dependency);
    }

    /// Says what an iSCSI target is called on the wire.
    pub fn target(&mut self, name: &ItemName, iqn: &Iqn) {
        self.meeting.targets.insert(name.clone(), iqn.clone());
    }
}

impl Lower<'_> {
    /// Returns the unit of a table; absent for a name that no table gives, which is a diagnostic already.
    #[must_use]
    pub fn dependency(&self, table: &UnitOf) -> Option<Dependency> {
        self.declared.meeting.units.get(&table.0).cloned()
    }

    /// Returns what an iSCSI target is called on the wire; absent for a name that no table gives, which is a
    /// diagnostic already.
    #[must_use]
    pub fn target(&self, name: &ItemName) -> Option<Iqn> {
        self.declared.meeting.targets.get(name).cloned()
    }

    /// Returns how an interface is on a network; absent for a name that no table gives, which is a diagnostic
    /// already.
    #[must_use]
    pub fn attachment(&self, network: &ItemName) -> Option<Attachment> {
        self.declared.guests.networks.get(network).map(|it| it.attachment.value.clone())
    }

    /// Says whether a table gives a link; that none does is a diagnostic already.
    #[must_use]
    pub fn is_given(&self, name: &InterfaceName) -> bool {
        self.declared.interfaces.get(name.as_str()).is_some()
    }

    /// Says whether a link is a bridge.
    #[must_use]
    pub fn is_bridge(&self, name: &InterfaceName) -> bool {
        self.declared.interfaces.is_bridge(name)
    }

    /// Says whether a link is a network card, or a name that no table gives, which is a diagnostic already.
    #[must_use]
    pub fn is_hardware(&self, name: &InterfaceName) -> bool {
        self.declared.interfaces.is_hardware(name)
    }

    /// Refuses what an old systemd is not trusted with: storage, containers and domains.
    pub fn needs_guests_systemd(&mut self, span: Span, what: &str) -> Option<()> {
        if self.systemd >= OLDEST_SYSTEMD_WITH_GUESTS {
            return Some(());
        }
        let rule = format!("{what} need systemd {OLDEST_SYSTEMD_WITH_GUESTS} or newer");
        let diagnostic = self.too_old(span, &rule);
        self.push(diagnostic);
        None
    }
}
