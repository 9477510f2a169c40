//! `[domain.NAME]` to a guest.

use std::collections::BTreeMap;

use super::spec::{BootSpec, Cache, CpuMode, DiskDevice, DiskFormat, DiskSpec, DomainSpec};
use super::{Boot, Cpu, Disk, Domain, Source, teaming};
use crate::artifact::{Accelerator, Origin};
use crate::diagnostic::{Code, Diagnostic};
use crate::lower::{Connection, Declared, DiskName, Lower, Migration};
use crate::source::Located;
use crate::spec::{Named, Namespace, Word};
use crate::value::{AbsolutePath, ItemName};

pub(super) fn declare(spec: &DomainSpec, declared: &mut Declared, origin: &Located<Origin>) {
    for source in spec.disk.iter().map(|it| &it.body).filter(|it| !is_cd(it)).map(|it| &it.source.value) {
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
    for interface in spec.interface.iter().map(|it| &it.body) {
        let network = &interface.network;
        let connection = Connection::Network(network.value.0.clone());
        declared.guest_interface(Located::new(connection, network.span), origin);
        if !interface.trust_guest_rx_filters.value {
            let place = interface.trust_guest_rx_filters.span;
            declared.mistrusted(Located::new(network.value.0.clone(), place), origin);
        }
    }
    declared.macs(spec.interface.iter().filter_map(|it| it.body.mac.as_ref()), origin);
    if let Some(meant) = spec.migrate {
        declared.migration(migration(spec, meant, origin));
    }
}

fn migration(spec: &DomainSpec, meant: Located<bool>, origin: &Located<Origin>) -> Migration {
    let in_files = spec.disk.iter().filter_map(|it| Some((&it.body, it.body.source.value.file.as_ref()?)));
    let (cds, disks): (Vec<_>, Vec<_>) = in_files.partition(|(disk, _)| is_cd(disk));
    let files = |disks: Vec<(_, &Located<AbsolutePath>)>| disks.into_iter().map(|it| it.1.clone()).collect();
    let alone = spec.interface.iter().filter(|it| it.body.teaming.is_none());
    let own = |mode: &CpuMode| match mode {
        CpuMode::HostModel => false,
        CpuMode::HostPassthrough => true,
        CpuMode::Maximum => spec.accelerator.value == Accelerator::Kvm,
    };
    let cpu = spec.cpu.as_ref().map(|it| it.value.mode).filter(|it| own(&it.value));
    Migration {
        table: origin.value.clone(),
        meant,
        files: files(disks),
        cds: files(cds),
        own_cpu: cpu.map(|it| it.map(Word::word)),
        alone: alone.map(|it| it.body.network.clone().map(|it| it.0)).collect(),
    }
}

pub(super) fn lower(name: &Located<ItemName>, spec: &DomainSpec, cx: &mut Lower<'_>) -> Option<Domain> {
    cx.needs_guests_systemd(name.span, "domains")?;
    let needs = spec.needs.iter().filter_map(|it| cx.dependency(&it.value)).map(|it| it.unit).collect();
    let disks: Vec<_> = spec.disk.iter().map(|it| disk(it, cx)).collect();
    let interfaces = teaming::interfaces(&name.value, &spec.interface, cx);
    check_slots(&spec.disk, cx);
    let cpu = cpu(spec, cx);
    Some(Domain {
        name: name.value.clone(),
        uuid: cx.written_uuid(spec.uuid.as_ref(), "domain", name.value.as_str()),
        memory_kibibytes: spec.memory.value.kibibytes(),
        vcpus: spec.vcpus.value.number(),
        cpu: cpu?,
        firmware: spec.firmware.value,
        boot: spec.boot.as_ref().map(|it| boot(&it.value)),
        start: spec.start.value,
        accelerator: spec.accelerator.value,
        machine: spec.machine.value.to_string(),
        guest_agent: spec.guest_agent.value,
        console_log: spec.console_log.value,
        needs,
        disks: disks.into_iter().collect::<Option<_>>()?,
        interfaces: interfaces?,
        unit: format!("hostwright-domain-{}.service", name.value).parse().ok()?,
    })
}

/// Returns the processor: written, else the best that can migrate.
fn cpu(spec: &DomainSpec, cx: &mut Lower<'_>) -> Option<Cpu> {
    let Some(written) = spec.cpu.as_ref().map(|it| &it.value) else {
        let mode = match spec.accelerator.value {
            Accelerator::Kvm => CpuMode::HostModel,
            Accelerator::Tcg => CpuMode::Maximum,
        };
        return Some(Cpu { mode, migratable: None });
    };
    let passes = written.mode.value == CpuMode::HostPassthrough;
    if passes && spec.accelerator.value == Accelerator::Tcg {
        let message =
            "mode `host-passthrough` needs accelerator `kvm`: `tcg` does not run on the host's processor";
        let diagnostic = Diagnostic::error(Code::Conflict, written.mode.span, message);
        let diagnostic = diagnostic.also(spec.accelerator.span, "the accelerator");
        cx.push(diagnostic.hint("`maximum` is all that `tcg` can"));
        return None;
    }
    if let Some(migratable) = written.migratable.filter(|_| !passes) {
        let message = "`migratable` belongs to mode `host-passthrough`";
        let diagnostic = Diagnostic::error(Code::Conflict, migratable.span, message);
        cx.push(diagnostic.also(written.mode.span, "the mode").hint("take it out"));
        return None;
    }
    Some(Cpu { mode: written.mode.value, migratable: written.migratable.map(|it| it.value) })
}

fn boot(spec: &BootSpec) -> Boot {
    Boot {
        kernel: spec.kernel.value.clone(),
        initrd: spec.initrd.as_ref().map(|it| it.value.clone()),
        cmdline: spec.cmdline.as_ref().map(|it| it.value.to_string()),
    }
}

fn disk(named: &Named<DiskSpec>, cx: &mut Lower<'_>) -> Option<Disk> {
    let DiskSpec { source, device, slot, format, cache } = &named.body;
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
    check_cd(&named.body, cx)?;
    let source = match file {
        Some(file) => Source::File(file.value.clone()),
        None => Source::Block(source.value.block.block(cx)?),
    };
    Some(Disk {
        name: named.name.value.clone(),
        source,
        device: device.value,
        slot: slot.as_ref().map(|it| it.value.clone()),
        format: format.value,
        cache: cache.value,
    })
}

fn is_cd(disk: &DiskSpec) -> bool {
    disk.device.value == DiskDevice::Cdrom
}

/// Refuses what a CD cannot have.
fn check_cd(disk: &DiskSpec, cx: &mut Lower<'_>) -> Option<()> {
    let written = [
        ("`slot`: its drive has the next free place on SATA", disk.slot.as_ref().map(|it| it.span)),
        ("format `qcow2`", (disk.format.value == DiskFormat::Qcow2).then_some(disk.format.span)),
        ("`cache` for writes", (disk.cache.value != Cache::None).then_some(disk.cache.span)),
        ("source but a `file`", disk.source.value.file.is_none().then_some(disk.source.span)),
    ];
    let Some((what, place)) =
        written.into_iter().filter(|_| is_cd(disk)).find_map(|(what, it)| Some((what, it?)))
    else {
        return Some(());
    };
    let diagnostic = Diagnostic::error(Code::Conflict, place, format!("a CD has no {what}"));
    cx.push(diagnostic.also(disk.device.span, "a CD by this"));
    None
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

impl Cache {
    /// Returns how QEMU reads and writes: native AIO goes past the host's cache only.
    pub(super) const fn io(self) -> &'static str {
        match self {
            Self::None | Self::Directsync => "native",
            Self::Writethrough | Self::Writeback => "threads",
        }
    }
}
