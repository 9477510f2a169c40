//! What tables declare, for those who look at a whole host or at more than one.

use super::storage::Disk;
use super::{Declared, DiskName};
use crate::artifact::Origin;
use crate::source::Located;
use crate::spec::{HostSpec, Namespace};
use crate::value::{InterfaceAddress, VlanId};

/// A name or a value with the table that gives it, and the place where it stands.
type Given<'a> = (&'a str, &'a Located<Origin>);

impl Declared {
    /// Collects what the tables of a spec declare. What is declared twice on one host is not reported here.
    #[must_use]
    pub fn by(spec: &HostSpec) -> Self {
        let mut declared = Self::default();
        spec.items.iter().for_each(|it| it.declare(&mut declared));
        declared
    }

    /// Iterates over the names of a namespace, each with the first table that gives it.
    pub fn given(&self, namespace: Namespace) -> impl Iterator<Item = Given<'_>> {
        let of = self.names.iter().filter(move |(of, ..)| *of == namespace);
        of.filter_map(|(_, name, givers)| Some((name, givers.first()?)))
    }

    /// Iterates over the host's addresses.
    pub fn addresses(&self) -> impl Iterator<Item = (InterfaceAddress, Located<Origin>)> {
        self.interfaces.iter().flat_map(|(_, entry)| {
            let place = |span| Located::new(entry.origin.value.clone(), span);
            entry.interface.ip.addresses.iter().map(move |it| (it.value, place(it.span)))
        })
    }

    /// Iterates over the disks that tables write, each with all of its names: paths, and the number on its target as it is
    /// written.
    pub fn disks(&self) -> impl Iterator<Item = Vec<(&str, Located<Origin>)>> {
        let named = |disk: &Disk, it: &Located<DiskName>| Located::new(disk.origin.clone(), it.span);
        self.storage
            .disks
            .iter()
            .map(move |disk| disk.names.iter().map(|it| (it.value.path.as_str(), named(disk, it))).collect())
    }

    /// Iterates over the VLAN devices: name and identifier.
    pub fn vlans(&self) -> impl Iterator<Item = (&str, Located<VlanId>)> {
        self.interfaces.iter().filter_map(|(name, entry)| Some((name, entry.interface.vlan?)))
    }

    /// Says whether a link leads, over parents and ports, to a network card: others share its wire.
    #[must_use]
    pub fn has_wire(&self, link: &str) -> bool {
        !self.interfaces.cards_below(link).is_empty()
    }
}
