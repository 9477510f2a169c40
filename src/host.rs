//! The valid host: every field usable, every name resolved.

use serde::{Deserialize, Serialize};

use crate::artifact::Safety;
use crate::kind::Model;
use crate::spec::host::DefaultBridges;
use crate::spec::safety::NetworkdRestart;

/// Oldest systemd that hostwright compiles for.
pub const OLDEST_SYSTEMD: u32 = 247;

/// Oldest systemd for storage, containers and domains.
pub const OLDEST_SYSTEMD_WITH_GUESTS: u32 = 252;

/// What the outside contributes to rendering. Found by effects, handed in as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Major version of systemd.
    pub systemd: u32,
    /// Directory of hostwright's binaries, absolute, without `/` at its end.
    pub binaries: String,
}

/// A host.
#[derive(Debug)]
pub struct Host {
    /// Name.
    pub name: String,
    /// What is compiled for.
    pub target: Target,
    /// What becomes of bridges that packages make by themselves.
    pub default_bridges: DefaultBridges,
    /// What keeps the host from harm.
    pub safety: Safety,
    /// What becomes of a restart of networkd by others.
    pub networkd_restart: NetworkdRestart,
    /// Model of each table.
    pub models: Vec<Box<dyn Model>>,
}
