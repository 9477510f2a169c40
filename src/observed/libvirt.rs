//! What libvirt has.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::value::ItemName;

/// What libvirt has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedLibvirt {
    /// Networks by name, foreign ones too.
    pub networks: BTreeMap<ItemName, ObservedNetwork>,
    /// Domains by name, foreign ones too.
    pub domains: BTreeMap<ItemName, ObservedDomain>,
}

/// A libvirt network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedNetwork {
    /// UUID in its usual writing.
    pub uuid: String,
    /// Inactive definition.
    pub xml: String,
    /// Whether it is active.
    pub active: bool,
    /// Whether it starts with libvirt.
    pub autostart: bool,
}

/// A libvirt domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedDomain {
    /// UUID in its usual writing.
    pub uuid: String,
    /// Inactive definition.
    pub xml: String,
    /// Live definition; absent: it does not run.
    pub live: Option<String>,
    /// Whether libvirt itself would start it.
    pub autostart: bool,
    /// Whether a managed save hides a new definition.
    pub managed_save: bool,
    /// Whether its console has a password, which no definition here has.
    pub console_password: bool,
}
