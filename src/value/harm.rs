//! Harm: what a change can do to those who use a host.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a change disturbs, as `[safety] allow` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Harm {
    /// A link goes down, goes away or loses addresses, or the connection ends that the change is asked for over.
    Links,
    /// Routes, nexthops or rules of others are deleted.
    Routes,
    /// BGP sessions are reset.
    Sessions,
    /// A file system is unmounted, a disk goes away, or an iSCSI session does not reach its portal.
    Storage,
    /// A container stops or loses its network.
    Containers,
    /// A guest stops or loses its network.
    Guests,
}

impl Harm {
    /// All of them, in the order of their words.
    pub const ALL: [Self; 6] =
        [Self::Links, Self::Routes, Self::Sessions, Self::Storage, Self::Containers, Self::Guests];

    /// Returns its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Links => "links",
            Self::Routes => "routes",
            Self::Sessions => "sessions",
            Self::Storage => "storage",
            Self::Containers => "containers",
            Self::Guests => "guests",
        }
    }
}

impl FromStr for Harm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words = || Self::ALL.map(Self::word).join(", ");
        let found = Self::ALL.into_iter().find(|it| it.word() == text);
        found.ok_or_else(|| format!("`{text}` is not one of {}", words()))
    }
}

impl fmt::Display for Harm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
