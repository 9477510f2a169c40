//! IEEE 802.1Q VLANs. Knows nothing of what its parent is, only that it is an interface.

mod import;
mod lower;
mod render;
mod spec;
#[cfg(test)]
mod tests;

use crate::artifact::Origin;
use crate::kind::Kind;
use crate::lower::{Declared, Interface, Lower};
use crate::observed::Observed;
use crate::render::{Output, Settings};
use crate::source::Located;
use crate::spec::{Namespace, TableText};
use crate::template::Template;
use crate::value::{InterfaceName, VlanId};

/// A VLAN device on another link. `[VLAN]`, systemd.netdev(5).
#[derive(Debug, PartialEq)]
pub struct Vlan {
    name: InterfaceName,
    id: VlanId,
    parent: InterfaceName,
    /// Priority in the tag for the kernel's, in the order of the latter.
    egress: Vec<(u32, u32)>,
    /// The kernel's priority for that in the tag, in the order of the latter.
    ingress: Vec<(u32, u32)>,
    settings: Settings,
}

impl Kind for Vlan {
    const WORD: &'static str = "vlan";
    const NAMESPACE: Namespace = Namespace::Interface;
    const TEMPLATES: &'static [Template] = &[];
    type Name = InterfaceName;
    type Spec = spec::VlanSpec;

    fn declare(
        name: &Located<InterfaceName>,
        spec: &spec::VlanSpec,
        declared: &mut Declared,
        origin: &Located<Origin>,
    ) {
        let parent = Some(spec.parent.clone().map(|it| it.0));
        let interface = Interface { parent, vlan: Some(spec.id), ..Interface::default() };
        spec.settings.declare(interface, &name.value, declared, origin);
    }

    fn lower(name: &Located<InterfaceName>, spec: &spec::VlanSpec, cx: &mut Lower<'_>) -> Option<Self> {
        lower::lower(name, spec, cx)
    }

    fn render(&self, out: &mut Output<'_>) {
        render::render(self, out);
    }

    fn import(name: &str, seen: &Observed, table: &mut TableText) -> Option<()> {
        import::import(name, seen, table)
    }
}
