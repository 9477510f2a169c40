//! Files, and the places they have.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Directory that a program owns; each boot program writes its own roots and no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Root {
    /// networkd's and udev's files: `/run/systemd/network`.
    Network,
    /// Drop-ins of networkd.conf: `/run/systemd/networkd.conf.d`.
    NetworkdConf,
    /// Units: the generator's directory.
    Unit,
    /// Settings of containers: `/run/systemd/nspawn`.
    Nspawn,
    /// Kernel settings, which udev gives to each link as it comes: `/run/sysctl.d`.
    Sysctl,
}

impl Root {
    /// Returns the directory on a running host.
    #[must_use]
    pub const fn directory(self) -> &'static str {
        match self {
            Self::Network => "/run/systemd/network",
            Self::NetworkdConf => "/run/systemd/networkd.conf.d",
            Self::Unit => "/run/systemd/generator",
            Self::Nspawn => "/run/systemd/nspawn",
            Self::Sysctl => "/run/sysctl.d",
        }
    }
}

/// Where a file lies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Directory.
    pub root: Root,
    /// Path below it: `10-hostwright-eno1.network`.
    pub path: String,
}

impl Place {
    /// Joins a directory and a path below it.
    #[must_use]
    pub fn new(root: Root, path: impl Into<String>) -> Self {
        Self { root, path: path.into() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.root.directory(), self.path)
    }
}

/// What lies at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// A text.
    Text(String),
    /// A symbolic link to a path.
    Symlink(String),
}

/// A file that a program writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Where it lies.
    pub place: Place,
    /// What lies there.
    pub content: Content,
}
