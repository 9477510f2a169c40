//! macvtap devices: a tap of its own on a link, for whoever opens it.

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

/// A macvtap device. `[MACVTAP]`, systemd.netdev(5).
#[derive(Debug, PartialEq)]
pub struct Macvtap {
    name: InterfaceName,
    mode: MacvlanMode,
    parent: InterfaceName,
    mac: Mac,
    settings: Settings,
}

impl Kind for Macvtap {
    const WORD: &'static str = "macvtap";
    const NAMESPACE: Namespace = Namespace::Interface;
    const TEMPLATES: &'static [Template] = &[];
    type Name = InterfaceName;
    type Spec = spec::MacvtapSpec;

    fn declare(
        name: &Located<InterfaceName>,
        spec: &spec::MacvtapSpec,
        declared: &mut Declared,
        origin: &Located<Origin>,
    ) {
        let parent = Some(spec.parent.clone().map(|it| it.0));
        let macvlan = Some(spec.mode.value.delivery());
        let interface = Interface { parent, macvlan, ..Interface::default() };
        spec.settings.declare(interface, &name.value, declared, origin);
        declared.macs(&spec.mac, origin);
    }

    fn lower(name: &Located<InterfaceName>, spec: &spec::MacvtapSpec, cx: &mut Lower<'_>) -> Option<Self> {
        lower::lower(name, spec, cx)
    }

    fn render(&self, out: &mut Output<'_>) {
        render::render(self, out);
    }

    fn import(name: &str, seen: &Observed, table: &mut TableText) -> Option<()> {
        import::import(name, seen, table)
    }
}
