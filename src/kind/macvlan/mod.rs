//! macvlan devices: the host's own foot on a link that carries guests' macvtaps.

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
use crate::render::{MacvlanMode, Output, Settings};
use crate::source::Located;
use crate::spec::{Namespace, TableText};
use crate::template::Template;
use crate::value::{InterfaceName, Mac};

/// A macvlan device. `[MACVLAN]`, systemd.netdev(5).
#[derive(Debug, PartialEq)]
pub struct Macvlan {
    name: InterfaceName,
    mode: MacvlanMode,
    parent: InterfaceName,
    mac: Mac,
    settings: Settings,
}

impl Kind for Macvlan {
    const WORD: &'static str = "macvlan";
    const ALSO: &[&str] = &["vmk", "vmkernel", "vmknic"];
    const NAMESPACE: Namespace = Namespace::Interface;
    const TEMPLATES: &'static [Template] = &[];
    type Name = InterfaceName;
    type Spec = spec::MacvlanSpec;

    fn declare(
        name: &Located<InterfaceName>,
        spec: &spec::MacvlanSpec,
        declared: &mut Declared,
        origin: &Located<Origin>,
    ) {
        let parent = Some(spec.parent.clone().map(|it| it.0));
        let macvlan = Some(spec.mode.value.delivery());
        let interface = Interface { parent, macvlan, ..Interface::default() };
        spec.settings.declare(interface, &name.value, declared, origin);
        declared.macs(&spec.mac, origin);
    }

    fn lower(name: &Located<InterfaceName>, spec: &spec::MacvlanSpec, cx: &mut Lower<'_>) -> Option<Self> {
        lower::lower(name, spec, cx)
    }

    fn render(&self, out: &mut Output<'_>) {
        render::render(self, out);
    }

    fn import(name: &str, seen: &Observed, table: &mut TableText) -> Option<()> {
        import::import(name, seen, table)
    }
}
