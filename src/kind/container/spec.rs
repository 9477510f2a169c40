//! Keys of `[container.NAME]`.

use crate::artifact::Start;
use crate::render::MountSettings;
use crate::spec::{LinkName, NetworkName, UnitOf};
use crate::value::{ByteSize, Capability};
use crate::{keys, words};

/// What runs a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// systemd-nspawn(1), as `systemd-nspawn@NAME.service`.
    Nspawn,
}

words!(Backend { "nspawn" => Self::Nspawn, });

keys! {
    /// `[container.NAME]`: a container called NAME, which boots the system on a file system of its own.
    ///
    /// Its users are mapped to a range that the host's do not use; the file system keeps its owners. It needs
    /// systemd 252 or newer.
    pub struct ContainerSpec {
        /// What runs it.
        default backend: Backend = "\"nspawn\"",
        /// File system that it boots from, mounted on `/srv/ct/NAME` when it starts. `--directory=`, systemd-nspawn(1).
        #[also("root", "root-directory")]
        #[unlike("image" => "a container boots from a file system that is there: `rootfs = { source = { … }, type = \"ext4\" }`")]
        required rootfs: MountSettings,
        /// Tables whose units are waited for, in addition to what references say. `Wants=` and `After=`, systemd.unit(5).
        ///
        /// What brings the root file system's device stands here: `"iscsi.san1"` for a volume on a LUN.
        #[also("requires", "after", "depends")]
        list needs: UnitOf,
        /// When it is started.
        ///
        /// `boot`: at every boot, and by the apply that adds it. `running`: as `boot`, and by every apply
        /// that finds it stopped. `manual`: by the administrator alone, `systemctl start systemd-nspawn@NAME`.
        #[also("autostart", "onboot")]
        default start: Start = "\"boot\"",
        /// Most memory that it may use. `MemoryMax=`, systemd.resource-control(5). Absent: no limit.
        #[also("mem", "ram", "memory-max")]
        optional memory: ByteSize,
        /// Processor time that it may use, in whole processors. `CPUQuota=`, systemd.resource-control(5).
        ///
        /// It sees all processors of the host. Absent: no limit.
        #[also("cpu", "vcpus", "cpu-quota")]
        optional cpus: u32,
        /// Capabilities beyond those that systemd-nspawn leaves it. `Capability=`, systemd.nspawn(5).
        #[also("capability")]
        list capabilities: Capability,
        /// `[container.NAME.interface.INTERFACE]`: a network interface called INTERFACE in the container.
        ///
        /// Without any it has its loopback alone, never the host's network. MAC addresses are systemd-nspawn's,
        /// derived from the host's machine-id and NAME: the same at every start.
        #[also("interfaces", "net")]
        named interface: InterfaceSpec,
    }
}

keys! {
    /// A network interface of a container; exactly one key.
    pub struct InterfaceSpec {
        /// Network that it is on. `MACVLAN=` or `Bridge=`, systemd.nspawn(5).
        ///
        /// On a network of macvtap devices it is a macvlan; systemd before 254 calls it `mv-PARENT`, and so must
        /// the table.
        optional network: NetworkName,
        /// Bridge that it is a port of, by a pair of veth devices. `Bridge=`, systemd.nspawn(5).
        ///
        /// systemd-nspawn has one such interface and calls it `host0`.
        optional bridge: LinkName,
    }
}
