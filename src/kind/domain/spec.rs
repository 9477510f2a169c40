//! Keys of `[domain.NAME]`.

use crate::artifact::{Accelerator, Start};
use crate::render::BlockSource;
use crate::spec::{NetworkName, UnitOf};
use crate::value::{AbsolutePath, ByteSize, ItemName, Mac, Machine, Slot, Text, UuidText, VcpuCount};
use crate::{keys, words};

/// How a guest's firmware begins. libvirt's `domain/os`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Firmware {
    /// UEFI, without secure boot.
    Efi,
    /// `SeaBIOS`.
    Bios,
}

/// Cache of a disk in the host. libvirt's `disk/driver/@cache`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cache {
    /// None in the host; the guest's flushes reach the disk.
    None,
    /// None, and every write waits for the disk.
    Directsync,
    /// The host's page cache; every write waits for the disk.
    Writethrough,
    /// The host's page cache.
    Writeback,
}

/// What a disk is for its guest. libvirt's `disk/@device`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskDevice {
    /// A virtio disk, which it writes.
    Disk,
    /// A CD, which it reads.
    Cdrom,
}

/// Format of a disk's bytes. libvirt's `disk/driver/@type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskFormat {
    /// As they are.
    Raw,
    /// QEMU's copy-on-write format, in a file.
    Qcow2,
}

/// Processor that a guest sees. libvirt's `cpu/@mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CpuMode {
    /// The host's, as a model and features that libvirt knows by name.
    HostModel,
    /// The host's own.
    HostPassthrough,
    /// All that the accelerator can.
    Maximum,
}

words!(CpuMode {
    "host-model" => Self::HostModel,
    "host-passthrough" | "passthrough" | "host" => Self::HostPassthrough,
    "maximum" | "max" => Self::Maximum,
});
words!(Firmware { "efi" | "uefi" | "ovmf" => Self::Efi, "bios" | "seabios" | "legacy" => Self::Bios, });
words!(Start {
    "boot" | "auto" | "autostart" | "onboot" => Self::Boot,
    "running" | "started" => Self::Running,
    "manual" | "never" => Self::Manual,
});
words!(Accelerator { "kvm" => Self::Kvm, "tcg" | "qemu" => Self::Tcg, });
words!(DiskDevice { "disk" => Self::Disk, "cdrom" | "cd" => Self::Cdrom, });
words!(DiskFormat { "raw" => Self::Raw, "qcow2" => Self::Qcow2, });
words!(Cache {
    "none" => Self::None,
    "directsync" => Self::Directsync,
    "writethrough" => Self::Writethrough,
    "writeback" => Self::Writeback,
});

keys! {
    /// `[domain.NAME]`: a guest of libvirt called NAME.
    pub struct DomainSpec {
        /// Memory of the guest. libvirt's `domain/memory`.
        #[also("mem", "ram", "max-memory")]
        required memory: ByteSize,
        /// UUID in its usual writing. libvirt's `domain/uuid`.
        ///
        /// Absent: derived from site, host and name. To adopt a guest that is there, it must be that one's.
        optional uuid: UuidText,
        /// Number of virtual processors, each a socket of its own. libvirt's `domain/vcpu`.
        ///
        /// Sockets of one core migrate between Debian 12 and 13; other topologies do not.
        #[also("vcpu", "cpus")]
        required vcpus: VcpuCount,
        /// Processor that the guest sees. libvirt's `domain/cpu`.
        ///
        /// Absent: that of mode `host-model`, with `accelerator = "tcg"` that of mode `maximum`.
        optional cpu: CpuSpec,
        /// How the guest's firmware begins. libvirt's `domain/os`.
        ///
        /// `efi` is chosen by feature, never by the path of an image, and without secure boot.
        #[also("loader", "bios", "uefi")]
        #[unlike("os" => "what is in it has keys of its own: `firmware`, `machine`, `boot`")]
        default firmware: Firmware = "\"efi\"",
        /// Whether the guest is meant to move to other hosts while it runs.
        ///
        /// `true`: what would keep it from that is a warning. `false`: `check --fleet` wants nothing of other hosts for it.
        /// Absent: it may, and `check --fleet` looks for its networks on those hosts of its site that reach its disks.
        #[also("migration", "live-migration")]
        optional migrate: bool,
        /// Kernel that is loaded directly. Absent: the firmware boots from the disks.
        #[also("direct-boot")]
        optional boot: BootSpec,
        /// When the guest is started.
        ///
        /// `boot`: at every boot, and by the apply that adds it. `running`: as `boot`, and by every apply
        /// that finds it stopped. `manual`: by the administrator alone.
        #[also("autostart", "onboot")]
        default start: Start = "\"boot\"",
        /// What runs the guest's instructions. libvirt's `domain/@type`.
        ///
        /// `kvm`: the hardware. `tcg`: emulation, many times slower. A machine without a usable `/dev/kvm` is a plan error with `kvm`.
        #[also("virt-type")]
        default accelerator: Accelerator = "\"kvm\"",
        /// Machine type with its version. libvirt's `os/type/@machine`.
        ///
        /// A guest can only migrate to hosts that know it: the default is that of Debian 12.
        default machine: Machine = "\"pc-q35-7.2\"",
        /// Whether there is a channel for QEMU's guest agent. libvirt's `channel`.
        #[also("agent", "qemu-guest-agent")]
        default guest_agent: bool = "true",
        /// Whether what the serial console prints is kept, in `/var/log/libvirt/qemu/NAME-serial.log`.
        ///
        /// libvirt's `serial/log`. The console itself is always there: `virsh console NAME`.
        default console_log: bool = "true",
        /// Tables whose units come first: `iscsi.NAME` for volumes on its disks, `mount.NAME` for files. Disks by `lun`
        /// wait for their target anyway. `Wants=` and `After=`, systemd.unit(5).
        #[also("requires", "after", "depends")]
        list needs: UnitOf,
        /// `[domain.NAME.disk.DISK]`: a virtio disk, or a CD.
        #[also("disks", "volume", "cdrom")]
        #[unlike("devices" => "disks and interfaces stand in the guest itself: `[domain.NAME.disk.NAME]`")]
        named disk: DiskSpec,
        /// `[domain.NAME.interface.INTERFACE]`: a virtio network card.
        #[also("interfaces", "net", "nic")]
        named interface: InterfaceSpec,
    }
}

keys! {
    /// Processor that a guest sees.
    pub struct CpuSpec {
        /// Where it comes from. libvirt's `cpu/@mode`.
        ///
        /// `host-model`: a model and features that libvirt knows by name; the guest migrates to hosts that have them.
        /// `host-passthrough`: the host's own; it migrates to hosts with the same processor, microcode and kernel, and
        /// needs `kvm`. `maximum`: all that the accelerator can, with `kvm` the host's own.
        required mode: CpuMode,
        /// Whether features that can never migrate are kept from a guest with `host-passthrough`. libvirt's
        /// `cpu/@migratable`.
        ///
        /// Absent: libvirt's default, which is that they are.
        optional migratable: bool,
    }
}

keys! {
    /// Kernel that is loaded directly; the files must lie on every host that runs the guest.
    pub struct BootSpec {
        /// Kernel image. libvirt's `os/kernel`.
        required kernel: AbsolutePath,
        /// Initial RAM disk. libvirt's `os/initrd`. Absent: none.
        optional initrd: AbsolutePath,
        /// Command line of the kernel. libvirt's `os/cmdline`. Absent: empty.
        #[also("kernel-command-line", "append")]
        optional cmdline: Text,
    }
}

keys! {
    /// A disk of a guest.
    pub struct DiskSpec {
        /// Where the bytes are.
        #[unlike("bus" => "take it out: disks of guests are virtio, CDs are on SATA")]
        required source: DiskSource,
        /// What it is for the guest. libvirt's `disk/@device`.
        ///
        /// `cdrom`: a CD in a drive on SATA, from a `file`: a seed of cloud-init, drivers. The guest reads it and does not boot
        /// from it; several may have the same one, and where the file is missing they start without it.
        default device: DiskDevice = "\"disk\"",
        /// Name in the guest. libvirt's `disk/target/@dev`.
        ///
        /// Absent: what the present definition has, else the next free one by name, `root` first.
        #[also("target", "dev")]
        optional slot: Slot,
        /// Format of the bytes. libvirt's `disk/driver/@type`.
        default format: DiskFormat = "\"raw\"",
        /// Cache in the host. libvirt's `disk/driver/@cache`.
        ///
        /// `none` keeps the guest's flushes true and lets it migrate; it also allows native AIO.
        default cache: Cache = "\"none\"",
    }
}

keys! {
    /// Where the bytes of a disk are; exactly one key.
    pub struct DiskSource {
        /// File.
        optional file: AbsolutePath,
        block block: BlockSource,
    }
}

keys! {
    /// A virtio network card of a guest.
    pub struct InterfaceSpec {
        /// libvirt network that it is on: the name of a `[network.NAME]`.
        #[also("source")]
        #[unlike("model" => "take it out: all interfaces of guests are virtio")]
        required network: NetworkName,
        /// MAC address. libvirt's `interface/mac/@address`.
        ///
        /// Absent: derived from site, host, domain and interface.
        #[also("mac-address", "hwaddress")]
        optional mac: Mac,
        /// Whether a macvtap device lets through what the guest asks for: multicast, and MAC addresses that it adds. libvirt's
        /// `interface/@trustGuestRxFilters`.
        ///
        /// Without it neighbors do not find the guest by IPv6. Some drivers refuse what it needs, and the guest does not start:
        /// then it is `false`. Other networks than those of macvtap devices do not look at it.
        default trust_guest_rx_filters: bool = "true",
        /// For a virtual function: the interface that carries on while it is away. libvirt's `interface/teaming`.
        ///
        /// libvirt migrates a guest with a virtual function in no other way. The guest makes one of both: Linux 4.18 or newer.
        /// Absent: it stands alone.
        #[also("failover")]
        optional teaming: TeamingSpec,
    }
}

keys! {
    /// Two interfaces of a guest that are one for it.
    pub struct TeamingSpec {
        /// The interface that is always there, by its name in this guest, on a network of bridge ports or macvtap devices.
        /// libvirt's `teaming/@persistent`.
        ///
        /// Both have its MAC address.
        required persistent: ItemName,
    }
}
