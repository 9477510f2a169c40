//! Networks and domains of libvirt.

use serde::{Deserialize, Serialize};

use crate::value::{InterfaceName, ItemName};

/// Namespace of the mark in libvirt's metadata.
pub const MARK_NAMESPACE: &str = "https://hostwright.example/xmlns/libvirt/1";

/// When a guest or a container runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// Started at every boot, and by the apply that adds it.
    Boot,
    /// As `boot`, and by every apply that finds it stopped.
    Running,
    /// Started by nobody but the administrator.
    Manual,
}

/// A libvirt network. It shall be active and start with libvirt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// Name, the same on every host.
    pub name: ItemName,
    /// UUID in its usual writing.
    pub uuid: String,
    /// `<network>` as handed to libvirt.
    pub xml: String,
    /// Network card whose virtual functions it hands out: without any it cannot start. Absent: it needs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pf: Option<InterfaceName>,
}

/// A libvirt domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// Name.
    pub name: ItemName,
    /// UUID in its usual writing.
    pub uuid: String,
    /// `<domain>` with every element hostwright sets. Disks without a written slot have no
    /// `target/@dev` yet: the plan gives it (`disk_slots`).
    pub xml: String,
    /// When it runs.
    pub start: Start,
    /// Whether the machine must run guests in hardware.
    pub accelerator: Accelerator,
}

/// What runs a guest's instructions. libvirt's `domain/@type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Accelerator {
    /// The hardware: `kvm`.
    Kvm,
    /// Emulation, many times slower: `qemu`.
    Tcg,
}
