//! Network cards. Nobody makes them: they are there, and `match` asserts which.

mod import;
mod lower;
mod render;
mod spec;
#[cfg(test)]
mod tests;

use crate::artifact::{Origin, VirtualFunction};
use crate::kind::Kind;
use crate::lower::{Declared, Interface, Lower};
use crate::observed::Observed;
use crate::render::{Output, Settings};
use crate::source::Located;
use crate::spec::{Namespace, TableText};
use crate::template::Template;
use crate::value::{InterfaceName, Mac, PciPath};

/// A network card under its kernel name.
#[derive(Debug, PartialEq)]
pub struct Nic {
    name: InterfaceName,
    mac: Option<Mac>,
    path: Option<PciPath>,
    udev: Udev,
    settings: Settings,
}

/// What udev does to a card at boot. systemd.link(5).
#[derive(Debug, Default, PartialEq)]
struct Udev {
    rename: bool,
    wake_on_lan: Vec<&'static str>,
    /// Directives that are written, and whether they are on.
    offloads: Vec<(&'static str, bool)>,
    vfs: Option<u32>,
    /// In the order of their numbers.
    vf: Vec<VirtualFunction>,
}

impl Kind for Nic {
    const WORD: &'static str = "nic";
    const ALSO: &[&str] = &["ethernet", "ethernets", "eth", "interface", "vmnic"];
    const NAMESPACE: Namespace = Namespace::Interface;
    const TEMPLATES: &'static [Template] = &[("nic.link", include_str!("nic.link.j2"))];
    type Name = InterfaceName;
    type Spec = spec::NicSpec;

    fn declare(
        name: &Located<InterfaceName>,
        spec: &spec::NicSpec,
        declared: &mut Declared,
        origin: &Located<Origin>,
    ) {
        let renamed = spec.rename.value.then_some(spec.rename.span);
        let card = Interface { hardware: true, renamed, ..Interface::default() };
        spec.settings.declare(card, &name.value, declared, origin);
        for known in spec.expect.iter().flat_map(|it| it.value.names()) {
            declared.claim(Namespace::Card, &known.value, &Located::new(origin.value.clone(), known.span));
        }
        declared.macs(spec.vf.iter().filter_map(|it| it.body.mac.as_ref()), origin);
    }

    fn lower(name: &Located<InterfaceName>, spec: &spec::NicSpec, cx: &mut Lower<'_>) -> Option<Self> {
        lower::lower(name, spec, cx)
    }

    fn render(&self, out: &mut Output<'_>) {
        render::render(self, out);
    }

    fn import(name: &str, seen: &Observed, table: &mut TableText) -> Option<()> {
        import::import(name, seen, table)
    }
}
