//! What waits for the boot, and what has to wait with it.

use std::collections::{BTreeMap, BTreeSet};

use crate::value::InterfaceName;

/// What of links waits for the boot.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Links that do with others, and why.
    pub(super) held: BTreeMap<InterfaceName, String>,
    /// Links that do with what belongs to IP.
    pub(super) links: BTreeSet<InterfaceName>,
    /// Masters that do with their ports.
    pub(super) masters: BTreeSet<InterfaceName>,
}
