//! Default bridges: how each stands, who uses it, and how it stood before it was taken away.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::artifact::Content;

/// A bridge that a package makes without being asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedBridge {
    /// How it stands; absent: it is away and stays away.
    pub state: Option<BridgeState>,
    /// Who uses it, in words: "guest `web1`".
    pub users: BTreeSet<String>,
    /// Who is stopped and could not start without it, in words.
    pub stopped: BTreeSet<String>,
    /// How it stood before it was taken away; absent: it was not.
    pub kept: Option<BridgeState>,
    /// Why it cannot be taken away here although the link is there; absent: it can.
    pub unreachable: Option<String>,
}

/// How a default bridge stands: all that is needed to put it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BridgeState {
    /// A network of libvirt.
    Network {
        /// Whether it is active.
        active: bool,
        /// Whether it starts with libvirt.
        autostart: bool,
    },
    /// A service with a file of configuration.
    Service {
        /// Whether the service runs and has made the link.
        active: bool,
        /// The file; absent: there is none.
        configuration: Option<Content>,
    },
    /// A network of LXD or Incus.
    Managed {
        /// The network as its daemon takes it back, JSON.
        network: String,
        /// Devices of profiles that hang on it, JSON: by name of the profile.
        devices: BTreeMap<String, String>,
    },
}
