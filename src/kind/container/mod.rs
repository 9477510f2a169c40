//! Containers: systems that boot on the host's kernel.

mod lower;
mod render;
mod spec;
#[cfg(test)]
mod tests;

use crate::artifact::{Origin, Start};
use crate::kind::Kind;
use crate::lower::{Declared, Lower};
use crate::render::{Mount, Output};
use crate::source::Located;
use crate::spec::Namespace;
use crate::template::Template;
use crate::value::{Capability, InterfaceName, MachineName, UnitName};

/// A container of systemd-nspawn(1).
#[derive(Debug, PartialEq)]
pub struct Container {
    name: MachineName,
    rootfs: Mount,
    /// Units that it waits for.
    needs: Vec<UnitName>,
    start: Start,
    /// Bytes; absent: no limit.
    memory: Option<u64>,
    /// Whole processors; absent: no limit.
    cpus: Option<u32>,
    capabilities: Vec<Capability>,
    interfaces: Vec<Interface>,
    /// `systemd-nspawn@NAME.service`.
    unit: UnitName,
    /// Unit that starts it at boot.
    starter: UnitName,
}

/// A network interface of a container. `[Network]`, systemd.nspawn(5).
#[derive(Debug, PartialEq)]
enum Interface {
    /// A macvlan on a link of the host.
    Macvlan {
        parent: InterfaceName,
        /// Name in the container; absent: systemd-nspawn gives one.
        name: Option<InterfaceName>,
    },
    /// One end of a veth pair whose other end is a port of a bridge.
    Veth { bridge: InterfaceName },
}

impl Kind for Container {
    const WORD: &'static str = "container";
    const ALSO: &[&str] = &["lxc", "nspawn", "ct"];
    const NAMESPACE: Namespace = Namespace::Container;
    const TEMPLATES: &'static [Template] = &[
        ("container.nspawn", include_str!("container.nspawn.j2")),
        ("container.drop-in", include_str!("container.drop-in.j2")),
        ("container.service", include_str!("container.service.j2")),
    ];
    type Name = MachineName;
    type Spec = spec::ContainerSpec;

    fn declare(
        name: &Located<MachineName>,
        spec: &spec::ContainerSpec,
        declared: &mut Declared,
        origin: &Located<Origin>,
    ) {
        lower::declare(name, spec, declared, origin);
    }

    fn lower(name: &Located<MachineName>, spec: &spec::ContainerSpec, cx: &mut Lower<'_>) -> Option<Self> {
        lower::lower(name, spec, cx)
    }

    fn render(&self, out: &mut Output<'_>) {
        render::render(self, out);
    }
}
