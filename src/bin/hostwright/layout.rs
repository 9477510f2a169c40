//! Where state lives, below a root.

use std::path::{Path, PathBuf};

use hostwright::artifact::{Place, Root};

/// Paths of a host, or of a directory that stands for one.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    root: PathBuf,
}

impl Layout {
    /// Makes the layout below a directory; `/` is the running machine.
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Says whether this is the running machine.
    pub(crate) fn is_machine(&self) -> bool {
        self.root == Path::new("/")
    }

    /// Returns the root.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    fn below(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// The spec as edited; never booted.
    pub(crate) fn candidate(&self) -> PathBuf {
        self.below("etc/hostwright/host.toml")
    }

    /// The spec that the host runs and boots.
    pub(crate) fn applied(&self) -> PathBuf {
        self.below("etc/hostwright/applied.toml")
    }

    /// The one applied before it.
    pub(crate) fn applied_before(&self) -> PathBuf {
        self.below("etc/hostwright/applied.toml~")
    }

    /// The list of files of others that lie aside.
    pub(crate) fn taken_over(&self) -> PathBuf {
        self.root.join(hostwright::takeover::LIST)
    }

    /// The spec that an apply is bringing about.
    pub(crate) fn running(&self) -> PathBuf {
        self.below("run/hostwright/running.toml")
    }

    /// What a boot program says when it could not use the first spec.
    pub(crate) fn fallback(&self) -> PathBuf {
        self.below("run/hostwright/fallback")
    }

    /// The number of the generation that somebody confirmed.
    pub(crate) fn confirmed(&self) -> PathBuf {
        self.below("run/hostwright/confirmed")
    }

    /// When an apply last had networkd read its files.
    pub(crate) fn reloaded(&self) -> PathBuf {
        self.below("run/hostwright/reloaded")
    }

    /// The lock that keeps two applies apart.
    pub(crate) fn lock(&self) -> PathBuf {
        self.below("run/hostwright/lock")
    }

    /// The journal of an apply that did not end.
    pub(crate) fn journal(&self) -> PathBuf {
        self.below("var/lib/hostwright/journal")
    }

    /// What of the journal nobody waits for a disk for; gone with a reset.
    pub(crate) fn journal_in_memory(&self) -> PathBuf {
        self.below("run/hostwright/journal")
    }

    /// A folder for each generation.
    pub(crate) fn generations(&self) -> PathBuf {
        self.below("var/lib/hostwright/generations")
    }

    /// How something stood before it was taken away from a package.
    pub(crate) fn original(&self, name: &str) -> PathBuf {
        self.below("var/lib/hostwright/originals").join(format!("{name}.json"))
    }

    /// The directory of a root of files.
    pub(crate) fn directory(&self, root: Root) -> PathBuf {
        self.below(root.directory())
    }

    /// The path of a file.
    pub(crate) fn path(&self, place: &Place) -> PathBuf {
        self.directory(place.root).join(&place.path)
    }
}
