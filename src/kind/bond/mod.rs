//! Bonds: several links as one.

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
use lower::Monitoring;
use spec::{HashPolicy, LacpRate, Mode};

/// A bond device. `[Bond]`, systemd.netdev(5).
#[derive(Debug, PartialEq)]
pub struct Bond {
    name: InterfaceName,
    mode: Mode,
    ports: Vec<InterfaceName>,
    primary: Option<InterfaceName>,
    lacp_rate: LacpRate,
    hash_policy: HashPolicy,
    min_links: u32,
    monitoring: Monitoring,
    mac: Mac,
    settings: Settings,
}

impl Kind for Bond {
    const WORD: &'static str = "bond";
    const ALSO: &[&str] = &["lag", "team"];
    const NAMESPACE: Namespace = Namespace::Interface;
    const TEMPLATES: &'static [Template] = &[];
    type Name = InterfaceName;
    type Spec = spec::BondSpec;

    fn declare(
        name: &Located<InterfaceName>,
        spec: &spec::BondSpec,
        declared: &mut Declared,
        origin: &Located<Origin>,
    ) {
        let ports = LinkName::all(&spec.ports);
        let interface = Interface { ports, mastery: Some(Mastery::Frames), ..Interface::default() };
        spec.settings.declare(interface, &name.value, declared, origin);
        declared.macs(&spec.mac, origin);
    }

    fn lower(name: &Located<InterfaceName>, spec: &spec::BondSpec, cx: &mut Lower<'_>) -> Option<Self> {
        lower::lower(name, spec, cx)
    }

    fn render(&self, out: &mut Output<'_>) {
        render::render(self, out);
    }

    fn import(name: &str, seen: &Observed, table: &mut TableText) -> Option<()> {
        import::import(name, seen, table)
    }
}
