//! What tables declare, for those who look at more than one host.

use std::collections::BTreeSet;

use super::Declared;
use crate::artifact::Origin;
use crate::source::Located;
use crate::spec::{HostSpec, Namespace};
use crate::value::VlanId;

impl Declared {
    /// Collects what the tables of a spec declare. What is declared twice on one host is not reported here.
    #[must_use]
    pub fn by(spec: &HostSpec) -> Self {
        let mut declared = Self::default();
        spec.items.iter().for_each(|it| it.declare(&mut declared));
        declared
    }

    /// Iterates over the names of a namespace, each with the table that gives it and the place where it stands.
    pub fn given(&self, namespace: Namespace) -> impl Iterator<Item = (&str, &Located<Origin>)> {
        let of = move |it: &(&(Namespace, String), &Located<Origin>)| it.0.0 == namespace;
        self.names.iter().filter(of).map(|((_, name), origin)| (name.as_str(), origin))
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
        while let Some(name) = next.pop().filter(|_| seen.len() <= self.interfaces.0.len()) {
            let Some(interface) = self.interfaces.0.get(name).filter(|_| seen.insert(name)) else { continue };
            if interface.hardware {
                return true;
            }
            next.extend(interface.below().map(|it| it.value.as_str()));
        }
        false
    }
}
