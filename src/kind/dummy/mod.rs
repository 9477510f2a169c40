//! dummy links: addresses that hang on no cable.

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
use crate::value::{InterfaceName, Mac};

/// A link without a wire. `Kind=dummy`, systemd.netdev(5).
#[derive(Debug, PartialEq)]
pub struct Dummy {
    name: InterfaceName,
    mac: Mac,
    settings: Settings,
}

impl Kind for Dummy {
    const WORD: &'static str = "dummy";
    const NAMESPACE: Namespace = Namespace::Interface;
    const TEMPLATES: &'static [Template] = &[];
    type Name = InterfaceName;
    type Spec = spec::DummySpec;

    fn declare(
        name: &Located<InterfaceName>,
        spec: &spec::DummySpec,
        declared: &mut Declared,
        origin: &Located<Origin>,
    ) {
        spec.settings.declare(Interface::default(), &name.value, declared, origin);
        declared.macs(&spec.mac, origin);
    }

    fn lower(name: &Located<InterfaceName>, spec: &spec::DummySpec, cx: &mut Lower<'_>) -> Option<Self> {
        lower::lower(name, spec, cx)
    }

    fn render(&self, out: &mut Output<'_>) {
        render::render(self, out);
    }

    fn import(name: &str, seen: &Observed, table: &mut TableText) -> Option<()> {
        import::import(name, seen, table)
    }
}
