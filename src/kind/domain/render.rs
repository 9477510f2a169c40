//! A guest's definition and the unit that starts it.

use std::collections::BTreeSet;

use minijinja::{Value, context};

use super::spec::{DiskDevice, Firmware};
use super::{Boot, Disk, Domain, Interface, Source, Teaming};
use crate::artifact::{self, Accelerator, Artifact, Id, Purpose, Start, Unit};
use crate::render::{Block, LunUse, Output};
use crate::spec::Word;
use crate::value::{AbsolutePath, Slot, escape_path};

/// Target whose wants start guests.
const TARGET: &str = "multi-user.target";
/// Ports of the PCI Express root beyond those that the guest's own devices need, for devices that come later.
const SPARE_PORTS: usize = 6;

pub(super) fn render(domain: &Domain, out: &mut Output<'_>) {
    let Some(xml) = out.print("domain.xml", domain_context(domain)) else {
        return;
    };
    let after = domain.interfaces.iter().map(|it| Id::Network(it.network.clone())).collect();
    let artifact = artifact::Domain {
        name: domain.name.clone(),
        uuid: domain.uuid.clone(),
        xml,
        start: domain.start,
        accelerator: domain.accelerator,
    };
    out.add(after, Artifact::Domain(artifact));
    if domain.start != Start::Manual {
        start_unit(domain, out);
    }
}

fn start_unit(domain: &Domain, out: &mut Output<'_>) {
    let blocks = || domain.disks.iter().filter_map(block);
    let device = |it: &Block| format!("{}.device", escape_path(it.device.as_str()));
    let luns = || blocks().filter_map(|it| it.lun.as_ref());
    let logins = luns().map(|it| it.login.unit.to_string());
    let needs: BTreeSet<_> = domain.needs.iter().map(ToString::to_string).chain(logins).collect();
    let file = |it: &Disk| match &it.source {
        Source::File(path) => Some(path.to_string()),
        Source::Block(_) => None,
    };
    let boot = domain.boot.iter().flat_map(|it| [Some(&it.kernel), it.initrd.as_ref()]).flatten();
    let boot = boot.map(ToString::to_string);
    let context = context! {
        name => domain.name.as_str(),
        binaries => out.target.binaries.clone(),
        devices => blocks().map(device).collect::<Vec<_>>(),
        needs => needs.into_iter().collect::<Vec<_>>(),
        checks => luns().map(LunUse::arguments).collect::<Vec<_>>(),
        files => disks(domain, DiskDevice::Disk).filter_map(file).chain(boot).collect::<Vec<_>>(),
    };
    out.unit_file(&domain.unit, "domain.service", context);
    out.wanted_by(TARGET, &domain.unit);
    let after = vec![Id::Domain(domain.name.clone())];
    out.add(
        after,
        Artifact::Unit(Unit {
            name: domain.unit.clone(),
            stop_first: Vec::new(),
            purpose: Purpose::Guest(domain.name.clone()),
        }),
    );
}

fn domain_context(domain: &Domain) -> Value {
    context! {
        mark_namespace => artifact::libvirt::MARK_NAMESPACE,
        spec => format!("domain.{}", domain.name),
        name => domain.name.as_str(),
        uuid => domain.uuid.as_str(),
        type => match domain.accelerator { Accelerator::Kvm => "kvm", Accelerator::Tcg => "qemu" },
        memory_kib => domain.memory_kibibytes,
        vcpus => domain.vcpus,
        cpu => context! { mode => domain.cpu.mode.word(), migratable => domain.cpu.migratable.map(on_off) },
        machine => domain.machine.as_str(),
        firmware => match domain.firmware { Firmware::Efi => "efi", Firmware::Bios => "bios" },
        boot => domain.boot.as_ref().map(boot_context),
        guest_agent => domain.guest_agent,
        console_log => domain.console_log.then(|| format!("/var/log/libvirt/qemu/{}-serial.log", domain.name)),
        spare_ports => SPARE_PORTS,
        disks => disks(domain, DiskDevice::Disk).map(|it| disk_context(domain, it)).collect::<Vec<_>>(),
        cds => disks(domain, DiskDevice::Cdrom).map(|it| disk_context(domain, it)).collect::<Vec<_>>(),
        interfaces => domain.interfaces.iter().map(interface_context).collect::<Vec<_>>(),
    }
}

const fn on_off(it: bool) -> &'static str {
    if it { "on" } else { "off" }
}

fn boot_context(boot: &Boot) -> Value {
    context! { kernel => boot.kernel.as_str(), initrd => boot.initrd.as_ref().map(AbsolutePath::as_str), cmdline => boot.cmdline.clone() }
}

const fn block(disk: &Disk) -> Option<&Block> {
    match &disk.source {
        Source::Block(block) => Some(block),
        Source::File(_) => None,
    }
}

fn disks(domain: &Domain, device: DiskDevice) -> impl Iterator<Item = &Disk> {
    domain.disks.iter().filter(move |it| it.device == device)
}

fn disk_context(domain: &Domain, disk: &Disk) -> Value {
    let (type_, source) = match &disk.source {
        Source::Block(block) => ("block", &block.device),
        Source::File(path) => ("file", path),
    };
    context! {
        name => disk.name.as_str(),
        type => type_,
        source => source.as_str(),
        serial => format!("{}-{}", domain.name, disk.name),
        format => disk.format.word(),
        cache => disk.cache.word(),
        io => disk.cache.io(),
        slot => disk.slot.as_ref().map(Slot::as_str),
    }
}

fn interface_context(interface: &Interface) -> Value {
    context! {
        name => interface.name.as_str(),
        network => interface.network.as_str(),
        mac => interface.mac.to_string(),
        trusted => if interface.trusted { "yes" } else { "no" },
        teaming => interface.teaming.as_ref().map(|it| match it {
            Teaming::Persistent => context! { type => "persistent" },
            Teaming::Transient(other) => context! { type => "transient", persistent => other.as_str() },
        }),
    }
}
