//! Guests of libvirt.

mod lower;
mod render;
mod spec;
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

use spec::{Cache, DiskFormat, Firmware};

/// A guest. libvirt's `domain`.
#[derive(Debug, PartialEq)]
pub struct Domain {
    name: ItemName,
    uuid: String,
    memory_kibibytes: u64,
    vcpus: u32,
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
