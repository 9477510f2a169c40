//! Units that shall run.

use serde::{Deserialize, Serialize};

use crate::value::{ItemName, UnitName};

/// A unit that an apply starts and a removal stops. Its text is a file of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Name with suffix.
    pub name: UnitName,
    /// Units that must have stopped before this one is stopped, in order: the mount of an automount,
    /// whose own stop would detach a busy file system.
    pub stop_first: Vec<UnitName>,
    /// Guest that the unit starts: whether it shall run is the guest's business. Absent: always.
    pub guest: Option<ItemName>,
}
