//! Links as networkd describes them.

use zbus::{OwnedObjectPath, fdo};

use super::description::{Link, UNKNOWN, parse};
use super::{MANAGER, Object};
use crate::machine::systemd::Bus;

const LINK: &str = "org.freedesktop.network1.Link";

/// Returns all links.
///
/// # Errors
/// The bus fails, or the description has another form.
pub(super) fn all(bus: &Bus) -> zbus::Result<Vec<Link>> {
    let described: zbus::Result<String> = bus.call(MANAGER, "Describe", &());
    match described {
        Err(error) if is_unknown_method(&error) => from_objects(bus),
        described => {
            let failed = |error| zbus::Error::Failure(format!("the description of links: {error}"));
            parse(&described?).map_err(failed)
        }
    }
}

/// Returns when networkd has answered.
///
/// # Errors
/// The bus fails.
pub(super) fn ping(bus: &Bus) -> zbus::Result<()> {
    bus.call(Object { interface: "org.freedesktop.DBus.Peer", ..MANAGER }, "Ping", &())
}

fn from_objects(bus: &Bus) -> zbus::Result<Vec<Link>> {
    let listed: Vec<(i32, String, OwnedObjectPath)> = bus.call(MANAGER, "ListLinks", &())?;
    let links = listed.into_iter().map(|(index, name, path)| {
        let link = from_object(bus, index.cast_unsigned(), name, &path);
        match link {
            // It went away between the two calls.
            Err(error) if is_unknown_object(&error) => Ok(None),
            link => link.map(Some),
        }
    });
    links.filter_map(Result::transpose).collect()
}

fn from_object(bus: &Bus, index: u32, name: String, path: &OwnedObjectPath) -> zbus::Result<Link> {
    let object = Object { path: path.as_str(), interface: LINK, ..MANAGER };
    let state: String = bus.property(object, "AdministrativeState")?;
    let managed = !matches!(state.as_str(), "unmanaged" | "pending" | "linger");
    Ok(Link {
        index,
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
