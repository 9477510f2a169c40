//! Files of others that lie aside as long as hostwright configures the links that they were for.
//!
//! One rule holds at every boot, before networkd starts: a file lies aside while the spec that is booted has all
//! its links, else it lies where it was. So a rollback, a fallback to an older spec and a spec that no longer
//! compiles all bring the files back, byte for byte: they are renamed, never written.

use serde::{Deserialize, Serialize};

use crate::artifact::Artifacts;
use crate::value::InterfaceName;

/// Path of the list of files, below the root.
pub const LIST: &str = "etc/hostwright/taken-over.toml";
/// Directory below which files lie aside, each with its whole path; on the file system of their own directory.
pub const ASIDE: &str = "etc/hostwright/taken-over";

/// All files that were taken over at some time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeOver {
    /// Files in the order of their paths.
    #[serde(default, rename = "file")]
    pub files: Vec<TakenFile>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TakenFile {
    /// Where it lay: `/etc/systemd/network/20-uplink.network`.
    pub path: String,
    /// Links that it was for, by kernel name.
    pub links: Vec<String>,
}

impl TakenFile {
    /// Says whether it lies aside with a spec; absent: none is booted.
    #[must_use]
    pub fn lies_aside(&self, spec: Option<&Artifacts>) -> bool {
        let has = |name: &String| spec.is_some_and(|it| it.links().any(|link| link.name.as_str() == name));
        !self.links.is_empty() && self.links.iter().all(has)
    }

    /// Returns where it lies aside, below the root.
    #[must_use]
    pub fn aside(&self) -> String {
        format!("{ASIDE}{}", self.path)
    }
}

impl TakeOver {
    /// Reads the list.
    ///
    /// # Errors
    /// It is not what was written.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// Writes the list.
    #[must_use]
    pub fn text(&self) -> String {
        let list = toml::to_string(self).unwrap_or_default();
        format!(
            "# Files that lie aside in /{ASIDE} while the applied spec has their links; do not edit\n{list}"
        )
    }

    /// Says whether a file was taken over.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.files.iter().any(|it| it.path == path)
    }

    /// Says whether a file was taken over that was for a link.
    #[must_use]
    pub fn is_for(&self, link: &InterfaceName) -> bool {
        self.files.iter().any(|it| it.links.iter().any(|it| it == link.as_str()))
    }

    /// Adds files; one that is there already gets the new links.
    #[must_use]
    pub fn with(&self, files: &[TakenFile]) -> Self {
        let stays = |it: &&TakenFile| files.iter().all(|new| new.path != it.path);
        let mut all: Vec<_> = self.files.iter().filter(stays).chain(files).cloned().collect();
        all.sort();
        Self { files: all }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, links: &[&str]) -> TakenFile {
        TakenFile { path: path.to_owned(), links: links.iter().map(|it| (*it).to_owned()).collect() }
    }

    #[test]
    fn the_list_is_read_as_it_was_written() {
        let list = TakeOver::default().with(&[file("/b", &["b0"]), file("/a", &["a0", "a1"])]);
        assert_eq!(TakeOver::parse(&list.text()), Ok(list.clone()));
        assert_eq!(TakeOver::parse(&TakeOver::default().text()), Ok(TakeOver::default()));
        assert!(list.has("/a") && !list.has("/c"));
        assert_eq!(list.with(&[file("/a", &["a0"])]).files, [file("/a", &["a0"]), file("/b", &["b0"])]);
        assert!(TakeOver::parse("file = 1").is_err());
    }

    #[test]
    fn a_file_lies_where_it_was_without_a_spec() {
        assert!(!file("/a", &["a0"]).lies_aside(None));
        assert!(!file("/a", &[]).lies_aside(Some(&Artifacts::default())));
        assert_eq!(file("/etc/x", &[]).aside(), "etc/hostwright/taken-over/etc/x");
    }
}
