//! Outputs, by form; not by kind.

pub mod bridge;
pub mod device;
pub mod file;
pub mod function;
pub mod libvirt;
pub mod link;
pub mod route;
pub mod safety;
pub mod target;
pub mod unit;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;

use serde::{Deserialize, Serialize};

pub use bridge::DefaultBridge;
pub use device::{Alteration, Bytes, Device, Setting, receives_for_its_parent};
pub use file::{Content, File, Place, Root};
pub use function::{FunctionCarrier, FunctionSetting, VirtualFunction};
pub use libvirt::{Accelerator, Domain, Network, Start};
pub use link::{
    Address, Link, OWN_FILES, Port, PortVlan, device_place, drop_in_place, drop_ins, link_place,
    network_place, sysctl_place,
};
pub use route::{
    IPV6_CONNECTED_METRIC, IPV6_METRIC, MAIN_TABLE, Neighbor, Route, RouteType, Rule, VRF_TABLE,
};
pub use safety::{Probe, SHORTEST_WATCH, Safety, Trial};
pub use target::Target;
pub use unit::{Purpose, Unit};

/// Table of the spec that an artifact comes from: `vlan.storage`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// Kind's word.
    pub kind: String,
    /// Name of the table.
    pub name: String,
}

impl Origin {
    /// Joins a kind's word and a table's name.
    #[must_use]
    pub fn new(kind: &str, name: impl fmt::Display) -> Self {
        Self { kind: kind.to_owned(), name: name.to_string() }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind, self.name)
    }
}

/// What an artifact is on the machine; no two artifacts share one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Id {
    /// A file.
    File(Place),
    /// A link by its kernel name.
    Link(crate::value::InterfaceName),
    /// A unit that shall run.
    Unit(crate::value::UnitName),
    /// An iSCSI target by the name of its table.
    Target(crate::value::ItemName),
    /// A libvirt network by its name.
    Network(crate::value::ItemName),
    /// A libvirt domain by its name.
    Domain(crate::value::ItemName),
    /// A default bridge that shall not be there.
    Absent(DefaultBridge),
}

/// One output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Artifact {
    /// A file or symbolic link.
    File(File),
    /// State of a link in the kernel.
    Link(Box<Link>),
    /// A unit that shall run.
    Unit(Unit),
    /// An iSCSI target.
    Target(Target),
    /// A libvirt network.
    Network(Network),
    /// A libvirt domain.
    Domain(Domain),
    /// A default bridge that shall not be there.
    Absent(DefaultBridge),
}

impl Artifact {
    /// Returns what it is on the machine.
    #[must_use]
    pub fn id(&self) -> Id {
        match self {
            Self::File(it) => Id::File(it.place.clone()),
            Self::Link(it) => Id::Link(it.name.clone()),
            Self::Unit(it) => Id::Unit(it.name.clone()),
            Self::Target(it) => Id::Target(it.name.clone()),
            Self::Network(it) => Id::Network(it.name.clone()),
            Self::Domain(it) => Id::Domain(it.name.clone()),
            Self::Absent(it) => Id::Absent(*it),
        }
    }
}

/// An output with where it comes from and what must be there before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Table of the spec; the host itself for what belongs to no table.
    pub origin: Origin,
    /// What must be there first. Names outside the artifacts are passed over.
    pub after: Vec<Id>,
    /// The output.
    pub artifact: Artifact,
}

/// All outputs of a spec.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifacts {
    /// Name of the host.
    pub host: String,
    /// What keeps the host from harm.
    pub safety: Safety,
    entries: BTreeMap<String, Entry>,
}

impl Artifacts {
    /// Makes an empty set for a host.
    #[must_use]
    pub fn new(host: &str) -> Self {
        Self { host: host.to_owned(), safety: Safety::default(), entries: BTreeMap::new() }
    }

    /// Adds an output; returns the one that already bears its id.
    ///
    /// # Errors
    /// The origin of the output that bears the id.
    pub fn add(&mut self, origin: &Origin, after: Vec<Id>, artifact: Artifact) -> Result<(), Origin> {
        let key = artifact.id().to_string();
        if let Some(taken) = self.entries.get(&key) {
            return Err(taken.origin.clone());
        }
        self.entries.insert(key, Entry { origin: origin.clone(), after, artifact });
        Ok(())
    }

    /// Finds an output.
    #[must_use]
    pub fn get(&self, id: &Id) -> Option<&Entry> {
        self.entries.get(&id.to_string())
    }

    /// Iterates in the order of the ids.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// Finds the content of a file.
    #[must_use]
    pub fn content(&self, place: &Place) -> Option<&Content> {
        match &self.get(&Id::File(place.clone()))?.artifact {
            Artifact::File(file) => Some(&file.content),
            _ => None,
        }
    }

    /// Says how many artifacts must be there before one, in the longest chain.
    ///
    /// A chain that bites its own tail ends where it does: names are resolved before artifacts are made.
    #[must_use]
    pub fn depth(&self, id: &Id) -> usize {
        self.depth_within(id, self.entries.len())
    }

    fn depth_within(&self, id: &Id, limit: usize) -> usize {
        let Some(entry) = self.get(id).filter(|_| limit > 0) else {
            return 0;
        };
        let below = entry.after.iter().filter(|it| self.get(it).is_some());
        below.map(|it| self.depth_within(it, limit - 1) + 1).max().unwrap_or(0)
    }

    /// Iterates over the files.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.iter().filter_map(|entry| match &entry.artifact {
            Artifact::File(file) => Some(file),
            _ => None,
        })
    }

    /// Iterates over the links.
    pub fn links(&self) -> impl Iterator<Item = &Link> {
        // Few of the entries of a host with thousands of links are links, and much is looked for among those.
        let from = self.entries.range::<str, _>((Bound::Included(LINK), Bound::Unbounded));
        from.map_while(|(_, entry)| match &entry.artifact {
            Artifact::Link(link) => Some(link.as_ref()),
            _ => None,
        })
    }

    /// Iterates over the iSCSI targets.
    pub fn targets(&self) -> impl Iterator<Item = &Target> {
        self.iter().filter_map(|entry| match &entry.artifact {
            Artifact::Target(target) => Some(target),
            _ => None,
        })
    }

    /// Finds a link.
    #[must_use]
    pub fn link(&self, name: &crate::value::InterfaceName) -> Option<&Link> {
        match &self.get(&Id::Link(name.clone()))?.artifact {
            Artifact::Link(link) => Some(link.as_ref()),
            _ => None,
        }
    }
}

/// Word that the ids of links begin with, and no others.
const LINK: &str = "link ";

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(place) => write!(f, "file {place}"),
            Self::Link(name) => write!(f, "{LINK}{name}"),
            Self::Unit(name) => write!(f, "unit {name}"),
            Self::Target(name) => write!(f, "iSCSI target {name}"),
            Self::Network(name) => write!(f, "network {name}"),
            Self::Domain(name) => write!(f, "domain {name}"),
            Self::Absent(bridge) => write!(f, "absent {bridge}"),
        }
    }
}
