//! iSCSI targets.

use serde::{Deserialize, Serialize};

use crate::value::{Iqn, ItemName, UnitName};

/// An iSCSI target with a login unit of its own; the unit brings the session about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Name of its table.
    pub name: ItemName,
    /// Name of the target.
    pub iqn: Iqn,
    /// Unit that logs in, and out again when it stops.
    pub unit: UnitName,
}
