//! Guests of libvirt.

mod lower;
mod render;
mod spec;
mod teaming;
#[cfg(test)]
mod tests;

use crate::artifact::{Accelerator, Origin, Start};
use crate::kind::Kind;
use crate::lower::{Declared, Lower};
use crate::render::{Block, Output};
use crate::source::Located;
use crate::spec::Namespace;
use crate::template::Template;
use crate::value::{AbsolutePath, ItemName, Mac, Slot, UnitName};

use spec::{Cache, CpuMode, DiskDevice, DiskFormat, Firmware};

/// A guest. libvirt's `domain`.
#[derive(Debug, PartialEq)]
pub struct Domain {
    name: ItemName,
    uuid: String,
    memory_kibibytes: u64,
    vcpus: u32,
    cpu: Cpu,
    firmware: Firmware,
    boot: Option<Boot>,
    start: Start,
    accelerator: Accelerator,
    machine: String,
    guest_agent: bool,
    console_log: bool,
    needs: Vec<UnitName>,
    disks: Vec<Disk>,
    interfaces: Vec<Interface>,
    unit: UnitName,
}

/// The processor that a guest sees.
#[derive(Debug, PartialEq)]
struct Cpu {
    mode: CpuMode,
    /// Whether what can never migrate is kept away; absent: libvirt's default.
    migratable: Option<bool>,
}

/// A kernel that is loaded directly.
#[derive(Debug, PartialEq)]
struct Boot {
    kernel: AbsolutePath,
    initrd: Option<AbsolutePath>,
    cmdline: Option<String>,
}

/// A disk of a guest.
#[derive(Debug, PartialEq)]
struct Disk {
    name: ItemName,
    source: Source,
    device: DiskDevice,
    slot: Option<Slot>,
    format: DiskFormat,
    cache: Cache,
}

/// Where the bytes of a disk are.
#[derive(Debug, PartialEq)]
enum Source {
    Block(Block),
    File(AbsolutePath),
}

/// A network card of a guest.
#[derive(Debug, PartialEq)]
struct Interface {
    name: ItemName,
    network: ItemName,
    mac: Mac,
    /// Whether the guest's receive filters are taken over.
    trusted: bool,
    teaming: Option<Teaming>,
}

/// What an interface is of two that the guest makes one of.
#[derive(Debug, PartialEq)]
enum Teaming {
    /// The one that is always there.
    Persistent,
    /// The one that is away during a migration, and the other's name.
    Transient(ItemName),
}

impl Kind for Domain {
    const WORD: &'static str = "domain";
    const ALSO: &[&str] = &["vm", "guest", "machine"];
    const NAMESPACE: Namespace = Namespace::Domain;
    const TEMPLATES: &'static [Template] = &[
        ("domain.xml", include_str!("domain.xml.j2")),
        ("domain.service", include_str!("domain.service.j2")),
    ];
    type Name = ItemName;
    type Spec = spec::DomainSpec;

    fn declare(
        _: &Located<ItemName>,
        spec: &spec::DomainSpec,
        declared: &mut Declared,
        origin: &Located<Origin>,
    ) {
        lower::declare(spec, declared, origin);
    }

    fn lower(name: &Located<ItemName>, spec: &spec::DomainSpec, cx: &mut Lower<'_>) -> Option<Self> {
        lower::lower(name, spec, cx)
    }

    fn render(&self, out: &mut Output<'_>) {
        render::render(self, out);
    }
}
