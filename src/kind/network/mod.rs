//! libvirt networks: what guests name, the same on every host, so that guests can migrate.

mod lower;
mod render;
mod spec;
#[cfg(test)]
mod tests;

use crate::artifact::Origin;
use crate::kind::Kind;
use crate::lower::{Declared, Lower};
use crate::render::Output;
use crate::source::Located;
use crate::spec::Namespace;
use crate::template::Template;
use crate::value::{InterfaceName, ItemName, VlanId};

/// A libvirt network. libvirt's `network`.
#[derive(Debug, PartialEq)]
pub struct Network {
    name: ItemName,
    uuid: String,
    form: Form,
}

/// What guests get.
#[derive(Debug, Clone, PartialEq)]
enum Form {
    /// macvtap devices on a link.
    Macvtap(InterfaceName),
    /// Ports of a bridge.
    Bridge(InterfaceName),
    /// Virtual functions of a network card, in a VLAN.
    Sriov(InterfaceName, Option<VlanId>),
}

impl Kind for Network {
    const WORD: &'static str = "network";
    const ALSO: &[&str] = &["net", "virtual-network", "portgroup", "port-group"];
    const NAMESPACE: Namespace = Namespace::Network;
    const TEMPLATES: &'static [Template] = &[("network.xml", include_str!("network.xml.j2"))];
    type Name = ItemName;
    type Spec = spec::NetworkSpec;

    fn declare(
        name: &Located<ItemName>,
        spec: &spec::NetworkSpec,
        declared: &mut Declared,
        origin: &Located<Origin>,
    ) {
        lower::declare(&name.value, spec, declared, origin);
    }

    fn lower(name: &Located<ItemName>, spec: &spec::NetworkSpec, cx: &mut Lower<'_>) -> Option<Self> {
        lower::lower(name, spec, cx)
    }

    fn render(&self, out: &mut Output<'_>) {
        render::render(self, out);
    }
}
