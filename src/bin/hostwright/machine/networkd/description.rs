//! networkd's description of its links, JSON.

use serde::Deserialize;

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
