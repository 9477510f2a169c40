//! Bridges: switches in the kernel.

mod import;
mod lower;
mod render;
mod spec;
#[cfg(test)]
mod tests;

use crate::artifact::{Origin, Port, PortVlan};
use crate::kind::Kind;
use crate::lower::{Declared, Interface, Lower, Mastery};
use crate::observed::Observed;
use crate::render::{Output, Settings};
use crate::source::Located;
use crate::spec::{LinkName, Namespace, TableText};
use crate::template::Template;
use crate::value::{InterfaceName, Mac, TimeSpan};

/// A bridge device. `[Bridge]`, systemd.netdev(5).
#[derive(Debug, PartialEq)]
pub struct Bridge {
    name: InterfaceName,
    ports: Vec<Port>,
    stp: bool,
    priority: u16,
    forward_delay: TimeSpan,
    ageing_time: TimeSpan,
    multicast_snooping: bool,
    /// VLANs of the host; absent: the bridge does not filter.
    vlans: Option<Vec<PortVlan>>,
    mac: Mac,
    settings: Settings,
}

impl Kind for Bridge {
    const WORD: &'static str = "bridge";
    const ALSO: &[&str] = &["vswitch", "switch", "ovs"];
    const NAMESPACE: Namespace = Namespace::Interface;
    const TEMPLATES: &'static [Template] = &[];
    type Name = InterfaceName;
    type Spec = spec::BridgeSpec;

    fn declare(
        name: &Located<InterfaceName>,
        spec: &spec::BridgeSpec,
        declared: &mut Declared,
        origin: &Located<Origin>,
    ) {
        let ports = LinkName::all(&spec.ports);
        let mastery = Some(Mastery::Switch { filters: spec.vlan_filtering.value, stp: spec.stp.value });
        let interface = Interface { ports, mastery, ..Interface::default() };
        spec.settings.declare(interface, &name.value, declared, origin);
        declared.macs(&spec.mac, origin);
    }

    fn lower(name: &Located<InterfaceName>, spec: &spec::BridgeSpec, cx: &mut Lower<'_>) -> Option<Self> {
        lower::lower(name, spec, cx)
    }

    fn render(&self, out: &mut Output<'_>) {
        render::render(self, out);
    }

    fn import(name: &str, seen: &Observed, table: &mut TableText) -> Option<()> {
        import::import(name, seen, table)
    }
}
