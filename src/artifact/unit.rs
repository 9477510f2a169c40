//! Units that shall run.

use serde::{Deserialize, Serialize};

use super::{Place, Start};
use crate::value::{ItemName, UnitName};

/// A unit that an apply starts and a removal stops. Its text is a file of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Name with suffix.
    pub name: UnitName,
    /// Units that must have stopped before this one is stopped, in order: the mount of an automount,
    /// whose own stop would detach a busy file system.
    pub stop_first: Vec<UnitName>,
    /// When it shall run.
    pub purpose: Purpose,
}

/// When a unit shall run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Always.
    Always,
    /// It starts a guest of libvirt: whether it shall run is the guest's business.
    Guest(ItemName),
    /// It is a container.
    Container {
        /// When the container runs.
        start: Start,
        /// Files that it reads when it starts.
        reads: Vec<Place>,
    },
}
