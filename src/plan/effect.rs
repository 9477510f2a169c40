//! What a plan disturbs, in the words that it is agreed to by.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::value::{Harm, InterfaceName, ItemName};

/// What a step disturbs. A step without effects disturbs nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// A link goes away, goes down or loses addresses.
    Link(InterfaceName),
    /// Routes of others are deleted.
    Routes,
    /// BGP sessions are reset.
    Sessions,
    /// A file system is unmounted, a disk goes away, or its session with the iSCSI target does not reach it.
    Storage(String),
    /// Whoever asks for the change is no longer connected.
    Caller,
    /// A container stops or loses its network.
    Container(ItemName),
    /// A guest stops.
    Guest(ItemName),
}

impl Effect {
    /// Returns what `[safety] allow` calls it.
    #[must_use]
    pub const fn harm(&self) -> Harm {
        match self {
            Self::Link(_) | Self::Caller => Harm::Links,
            Self::Routes => Harm::Routes,
            Self::Sessions => Harm::Sessions,
            Self::Storage(_) => Harm::Storage,
            Self::Container(_) => Harm::Containers,
            Self::Guest(_) => Harm::Guests,
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link(name) => write!(f, "link {name}"),
            Self::Routes => f.write_str("routes"),
            Self::Sessions => f.write_str("BGP sessions"),
            Self::Storage(what) => write!(f, "storage {what}"),
            Self::Caller => f.write_str("the connection that asks for it"),
            Self::Container(name) => write!(f, "container {name}"),
            Self::Guest(name) => write!(f, "guest {name}"),
        }
    }
}
