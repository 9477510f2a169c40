//! VRFs: ports whose routes live in a table of their own.

mod import;
mod lower;
mod render;
mod spec;
#[cfg(test)]
mod tests;

use crate::artifact::Origin;
use crate::kind::Kind;
use crate::lower::{Declared, Interface, Lower, Mastery};
use crate::observed::Observed;
use crate::render::{Output, Settings};
use crate::source::Located;
use crate::spec::{LinkName, Namespace, TableText};
use crate::template::Template;
use crate::value::{InterfaceName, Mac};

/// A VRF device. `[VRF]`, systemd.netdev(5).
#[derive(Debug, PartialEq)]
pub struct Vrf {
    name: InterfaceName,
    table: u32,
    ports: Vec<InterfaceName>,
    mac: Mac,
    settings: Settings,
}

impl Kind for Vrf {
    const WORD: &'static str = "vrf";
    const NAMESPACE: Namespace = Namespace::Interface;
    const TEMPLATES: &'static [Template] = &[];
    type Name = InterfaceName;
    type Spec = spec::VrfSpec;

    fn declare(
        name: &Located<InterfaceName>,
        spec: &spec::VrfSpec,
        declared: &mut Declared,
        origin: &Located<Origin>,
    ) {
        let ports = LinkName::all(&spec.ports);
        let mastery = Some(Mastery::Routes(spec.table.value));
        let interface = Interface { ports, mastery, ..Interface::default() };
        spec.settings.declare(interface, &name.value, declared, origin);
        declared.macs(&spec.mac, origin);
        let place = Located::new(origin.value.clone(), spec.table.span);
        declared.claim(Namespace::Table, &spec.table.value.to_string(), &place);
    }

    fn lower(name: &Located<InterfaceName>, spec: &spec::VrfSpec, cx: &mut Lower<'_>) -> Option<Self> {
        lower::lower(name, spec, cx)
    }

    fn render(&self, out: &mut Output<'_>) {
        render::render(self, out);
    }

    fn import(name: &str, seen: &Observed, table: &mut TableText) -> Option<()> {
        import::import(name, seen, table)
    }
}
