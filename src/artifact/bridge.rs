//! Bridges that packages make by themselves and that a host shall not have.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A bridge that a package makes without being asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DefaultBridge {
    /// `virbr0`: libvirt's network `default`.
    Libvirt,
    /// `lxcbr0`: `lxc-net.service` of the package lxc.
    Lxc,
    /// `lxdbr0`: made by `lxd init --auto`.
    Lxd,
    /// `incusbr0`: made by `incus admin init`.
    Incus,
}

impl DefaultBridge {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Libvirt, Self::Lxc, Self::Lxd, Self::Incus];

    /// Returns the kernel name of the link.
    #[must_use]
    pub const fn link(self) -> &'static str {
        match self {
            Self::Libvirt => "virbr0",
            Self::Lxc => "lxcbr0",
            Self::Lxd => "lxdbr0",
            Self::Incus => "incusbr0",
        }
    }

    /// Returns the name of the libvirt network behind it; absent: libvirt does not make it.
    #[must_use]
    pub const fn network(self) -> Option<&'static str> {
        match self {
            Self::Libvirt => Some("default"),
            Self::Lxc | Self::Lxd | Self::Incus => None,
        }
    }

    /// Names what makes it.
    #[must_use]
    pub const fn maker(self) -> &'static str {
        match self {
            Self::Libvirt => "libvirt's network `default`",
            Self::Lxc => "lxc-net.service",
            Self::Lxd => "LXD",
            Self::Incus => "Incus",
        }
    }
}

impl fmt::Display for DefaultBridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.link())
    }
}
