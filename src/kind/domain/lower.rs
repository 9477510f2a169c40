//! `[domain.NAME]` to a guest.

use std::collections::BTreeMap;

use super::spec::{BootSpec, Cache, DiskFormat, DiskSpec, DomainSpec, InterfaceSpec};
use super::{Boot, Disk, Domain, Interface, Source};
use crate::artifact::Origin;
use crate::diagnostic::{Code, Diagnostic};
use crate::lower::{Connection, Declared, DiskName, Lower};
use crate::source::Located;
use crate::spec::{Named, Namespace};
use crate::value::ItemName;

pub(super) fn declare(spec: &DomainSpec, declared: &mut Declared, origin: &Located<Origin>) {
    for source in spec.disk.iter().map(|it| &it.body.source.value) {
        source.block.declare(declared, origin);
        if let Some(file) = &source.file {
            let path = file.value.to_string();
            let name = DiskName { written: path.clone(), path };
            declared.disk(vec![Located::new(name, file.span)], origin);
        }
    }
    let volumes = spec.disk.iter().filter_map(|it| it.body.source.value.block.volume.as_ref());
    declared.volumes(volumes, &spec.needs, origin);
    declared.uuid(Namespace::DomainUuid, spec.uuid.as_ref(), origin);
    for network in spec.interface.iter().map(|it| &it.body.network) {
        let connection = Connection::Network(network.value.0.clone());
        declared.guest_interface(Located::new(connection, network.span), origin);
    }
    declared.macs(spec.interface.iter().filter_map(|it| it.body.mac.as_ref()), origin);
}

pub(super) fn lower(name: &Located<ItemName>, spec: &DomainSpec, cx: &mut Lower<'_>) -> Option<Domain> {
    cx.needs_guests_systemd(name.span, "domains")?;
    let needs = spec.needs.iter().filter_map(|it| cx.dependency(&it.value)).map(|it| it.unit).collect();
    let disks: Vec<_> = spec.disk.iter().map(|it| disk(it, cx)).collect();
    let interfaces: Vec<_> = spec.interface.iter().map(|it| interface(&name.value, it, cx)).collect();
    check_slots(&spec.disk, cx);
    Some(Domain {
        name: name.value.clone(),
        uuid: cx.written_uuid(spec.uuid.as_ref(), "domain", name.value.as_str()),
        memory_kibibytes: spec.memory.value.kibibytes(),
        vcpus: spec.vcpus.value,
        firmware: spec.firmware.value,
        boot: spec.boot.as_ref().map(|it| boot(&it.value)),
        start: spec.start.value,
        accelerator: spec.accelerator.value,
        machine: spec.machine.value.to_string(),
        guest_agent: spec.guest_agent.value,
        console_log: spec.console_log.value,
        needs,
        disks: disks.into_iter().collect::<Option<_>>()?,
        interfaces,
        unit: format!("hostwright-domain-{}.service", name.value).parse().ok()?,
    })
}

fn boot(spec: &BootSpec) -> Boot {
    Boot {
        kernel: spec.kernel.value.clone(),
        initrd: spec.initrd.as_ref().map(|it| it.value.clone()),
        cmdline: spec.cmdline.as_ref().map(|it| it.value.to_string()),
    }
}

fn disk(named: &Named<DiskSpec>, cx: &mut Lower<'_>) -> Option<Disk> {
    let DiskSpec { source, slot, format, cache } = &named.body;
    let file = source.value.file.as_ref();
    let mut keys = source.value.block.alternatives().to_vec();
    keys.push(("file", file.map(|it| it.span)));
    if !cx.exactly_one(source.span, &keys) {
        return None;
    }
    if format.value == DiskFormat::Qcow2 && file.is_none() {
        let message = "`format = \"qcow2\"` needs a `file`: a block device is used as it is";
        cx.push(Diagnostic::error(Code::Conflict, format.span, message).also(source.span, "the source"));
        return None;
    }
    let source = match file {
        Some(file) => Source::File(file.value.clone()),
        None => Source::Block(source.value.block.block(cx)?),
    };
    Some(Disk {
        name: named.name.value.clone(),
        source,
        slot: slot.as_ref().map(|it| it.value.clone()),
        format: format.value,
        cache: cache.value,
    })
}

fn check_slots(disks: &[Named<DiskSpec>], cx: &mut Lower<'_>) {
    let mut seen = BTreeMap::new();
    for slot in disks.iter().filter_map(|it| it.body.slot.as_ref()) {
        if let Some(first) = seen.insert(&slot.value, slot.span) {
            let message = format!("slot `{}` is given twice", slot.value);
            let places = [(first, "first here"), (slot.span, "first here")];
            let hint = "leave `slot` out: the next free one is taken";
            cx.push(Diagnostic::twice(Code::DuplicateValue, places, message).hint(hint));
        }
    }
}

fn interface(domain: &ItemName, named: &Named<InterfaceSpec>, cx: &mut Lower<'_>) -> Interface {
    let network = named.body.network.value.0.clone();
    let derived = || cx.mac("interface", &format!("{domain}/{}", named.name.value));
    let mac = named.body.mac.as_ref().map_or_else(derived, |it| it.value);
    Interface { name: named.name.value.clone(), network, mac }
}

impl Cache {
    /// Returns how QEMU reads and writes: native AIO goes past the host's cache only.
    pub(super) const fn io(self) -> &'static str {
        match self {
            Self::None | Self::Directsync => "native",
            Self::Writethrough | Self::Writeback => "threads",
        }
    }
}
