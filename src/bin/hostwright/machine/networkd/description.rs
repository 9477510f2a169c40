//! networkd's description of its links, JSON.

use serde::Deserialize;

/// File of a managed link where networkd does not name it, up to 248.
pub(super) const UNKNOWN: &str = "unknown";

/// One link.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Link {
    /// The kernel's number of it.
    #[serde(default)]
    pub(super) index: u32,
    /// Kernel name.
    pub(super) name: String,
    /// Administrative state.
    #[serde(rename = "AdministrativeState", default)]
    pub(super) state: String,
    /// State of the carrier.
    #[serde(rename = "CarrierState", default)]
    pub(super) carrier: String,
    /// Path of the `.network` that it is configured by.
    #[serde(rename = "NetworkFile", default)]
    pub(super) file: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Description {
    #[serde(default)]
    interfaces: Vec<Link>,
}

impl Link {
    /// Says whether networkd has not finished with it.
    pub(super) fn is_on_its_way(&self) -> bool {
        matches!(self.state.as_str(), "pending" | "initialized" | "configuring")
    }

    /// Says whether networkd configures it just now.
    pub(super) fn is_configuring(&self) -> bool {
        self.state == "configuring"
    }

    /// Says whether it is configured by another file than before, as far as both are known.
    pub(super) fn has_other_file_than(&self, old: &Self) -> bool {
        let is_known = |it: &Self| it.file.as_deref() != Some(UNKNOWN);
        is_known(self) && is_known(old) && self.file != old.file
    }

    /// Says whether a cable or a peer is there.
    pub(super) fn has_carrier(&self) -> bool {
        !matches!(self.carrier.as_str(), "off" | "no-carrier")
    }
}

/// Reads a description.
///
/// # Errors
/// It has another form.
pub(super) fn parse(text: &str) -> serde_json::Result<Vec<Link>> {
    let description: Description = serde_json::from_str(text)?;
    Ok(description.interfaces)
}
