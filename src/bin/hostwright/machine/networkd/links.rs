//! Links as networkd describes them.

use serde::Deserialize;
use zbus::{OwnedObjectPath, fdo};

use super::{MANAGER, Object};
use crate::machine::systemd::Bus;

const LINK: &str = "org.freedesktop.network1.Link";
/// File of a managed link where networkd does not name it, up to 248.
const UNKNOWN: &str = "unknown";

/// One link.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Link {
    /// Kernel name.
    pub(super) name: String,
    /// Administrative state.
    #[serde(rename = "AdministrativeState", default)]
    pub(super) state: String,
    #[serde(rename = "CarrierState", default)]
    carrier: String,
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

    /// Says that it is not settled.
    pub(super) fn warning(&self) -> String {
        let why = if self.has_carrier() { "" } else { ", it has no carrier" };
        format!("link {} is still {}{why}", self.name, self.state)
    }
}

/// Returns all links.
///
/// # Errors
/// The bus fails, or the description has another form.
pub(super) fn all(bus: &Bus) -> zbus::Result<Vec<Link>> {
    let described: zbus::Result<String> = bus.call(MANAGER, "Describe", &());
    match described {
        Err(error) if is_unknown_method(&error) => from_objects(bus),
        described => from_json(&described?),
    }
}

fn from_json(text: &str) -> zbus::Result<Vec<Link>> {
    let description: Result<Description, _> = serde_json::from_str(text);
    description
        .map(|it| it.interfaces)
        .map_err(|error| zbus::Error::Failure(format!("the description of links: {error}")))
}

fn from_objects(bus: &Bus) -> zbus::Result<Vec<Link>> {
    let listed: Vec<(i32, String, OwnedObjectPath)> = bus.call(MANAGER, "ListLinks", &())?;
    let links = listed.into_iter().map(|(_, name, path)| {
        let link = from_object(bus, name, &path);
        match link {
            // It went away between the two calls.
            Err(error) if is_unknown_object(&error) => Ok(None),
            link => link.map(Some),
        }
    });
    links.filter_map(Result::transpose).collect()
}

fn from_object(bus: &Bus, name: String, path: &OwnedObjectPath) -> zbus::Result<Link> {
    let object = Object { path: path.as_str(), interface: LINK, ..MANAGER };
    let state: String = bus.property(object, "AdministrativeState")?;
    let managed = !matches!(state.as_str(), "unmanaged" | "pending" | "linger");
    Ok(Link {
        name,
        state,
        carrier: bus.property(object, "CarrierState")?,
        file: managed.then(|| UNKNOWN.to_owned()),
    })
}

fn is_unknown_method(error: &zbus::Error) -> bool {
    matches!(error, zbus::Error::FDO(found) if matches!(**found, fdo::Error::UnknownMethod(_)))
}

fn is_unknown_object(error: &zbus::Error) -> bool {
    matches!(error, zbus::Error::FDO(found)
        if matches!(**found, fdo::Error::UnknownObject(_) | fdo::Error::UnknownInterface(_)))
}
