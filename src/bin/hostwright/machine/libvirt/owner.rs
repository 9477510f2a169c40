//! Whose a definition is, and whether libvirt took it as it was given.

use hostwright::value::ItemName;
use hostwright::xml;

use super::Failure;

/// A definition that libvirt has.
pub(super) struct Present {
    /// `network` or `domain`.
    pub(super) kind: &'static str,
    /// UUID in its usual writing.
    pub(super) uuid: String,
    /// Inactive definition.
    pub(super) xml: String,
}

impl Present {
    /// Refuses what is not hostwright's.
    pub(super) fn require_mark(&self, name: &ItemName) -> Result<(), Failure> {
        let mark = xml::mark(&self.xml).map_err(Failure::unreadable(name.as_str()))?;
        if mark.is_some() {
            return Ok(());
        }
        Err(Failure(format!(
            "{} `{name}`, UUID {}, is not hostwright's: it bears no mark of it; rename or undefine it, or adopt it",
            self.kind, self.uuid
        )))
    }

    /// Refuses what is hostwright's.
    pub(super) fn require_no_mark(&self, name: &ItemName) -> Result<(), Failure> {
        match xml::mark(&self.xml).map_err(Failure::unreadable(name.as_str()))? {
            None => Ok(()),
            Some(spec) => Err(Failure(format!("{} `{name}` is hostwright's, of `[{spec}]`", self.kind))),
        }
    }

    /// Refuses another thing of the same name.
    pub(super) fn require_uuid(&self, name: &ItemName, uuid: &str) -> Result<(), Failure> {
        if self.uuid.eq_ignore_ascii_case(uuid) {
            return Ok(());
        }
        Err(Failure(format!(
            "{} `{name}` has the UUID {}, the spec gives it {uuid}: it is another one; rename or undefine it, or write its UUID in the spec",
            self.kind, self.uuid
        )))
    }

    /// Refuses a definition of which libvirt dropped or changed something.
    pub(super) fn require_all(&self, name: &ItemName, set: &str) -> Result<(), Failure> {
        let unreadable = Failure::unreadable(name.as_str());
        let missing = xml::missing(set, &self.xml).map_err(unreadable)?;
        if missing.is_empty() {
            return Ok(());
        }
        Err(Failure(format!(
            "libvirt did not take the definition of {} `{name}` as it was given:\n  {}",
            self.kind,
            missing.join("\n  ")
        )))
    }
}
