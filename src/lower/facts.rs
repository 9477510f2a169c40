//! What tables declare, for those who look at a whole host or at more than one.

use std::collections::BTreeSet;

use super::Declared;
use crate::artifact::Origin;
use crate::source::Located;
use crate::spec::{HostSpec, Namespace};
use crate::value::VlanId;

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

    /// Iterates over the names of a namespace.
    pub fn given(&self, namespace: Namespace) -> impl Iterator<Item = Given<'_>> {
        let of = move |it: &(&(Namespace, String), &Located<Origin>)| it.0.0 == namespace;
        self.names.iter().filter(of).map(|((_, name), origin)| (name.as_str(), origin))
    }

    /// Iterates over the host's addresses, without their prefixes.
    pub fn addresses(&self) -> impl Iterator<Item = Given<'_>> {
        self.given(Namespace::Address)
    }

    /// Iterates over the disks that tables use: paths, and disks of targets as they are written.
    pub fn disks(&self) -> impl Iterator<Item = Given<'_>> {
        self.given(Namespace::Disk)
    }

    /// Iterates over the VLAN devices: name and identifier.
    pub fn vlans(&self) -> impl Iterator<Item = (&str, Located<VlanId>)> {
        self.interfaces.0.iter().filter_map(|(name, it)| Some((name.as_str(), it.vlan?)))
    }

    /// Says whether a link leads, over parents and ports, to a network card: others share its wire.
    #[must_use]
    pub fn has_wire(&self, link: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut next = vec![link];
        while let Some(name) = next.pop() {
            let Some(interface) = self.interfaces.0.get(name).filter(|_| seen.insert(name)) else { continue };
            if interface.hardware {
                return true;
            }
            next.extend(interface.below().map(|it| it.value.as_str()));
        }
        false
    }
}
