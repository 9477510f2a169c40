//! What loaded units say of themselves.

use hostwright::value::UnitName;
use zbus::OwnedObjectPath;

use super::{MANAGER, NOT_LOADED, Object, SERVICE, Systemd, bus};
use crate::failure::{During, Failure};
use crate::moment::Moment;

impl Systemd {
    /// Returns when the main process of a service started; nothing where none ever did.
    ///
    /// # Errors
    /// The bus fails, or the unit is not a service.
    pub(crate) fn main_process_started(&self, name: &UnitName) -> Result<Option<Moment>, Failure> {
        self.moment(name, &interface(name), "ExecMainStartTimestamp")
    }

    /// Returns the number of the main process of a service; nothing where none runs.
    ///
    /// # Errors
    /// The bus fails, or the unit is not a service.
    pub(crate) fn main_process(&self, name: &UnitName) -> Result<Option<u32>, Failure> {
        let process: Option<u32> = self.service_property(name, "MainPID")?;
        Ok(process.filter(|it| *it != 0))
    }

    /// Returns when a unit came to its present state, as it does behind each reload that systemd knows of; nothing where it
    /// is not loaded.
    ///
    /// # Errors
    /// The bus fails.
    pub(crate) fn changed_state(&self, name: &UnitName) -> Result<Option<Moment>, Failure> {
        self.moment(name, &format!("{SERVICE}.Unit"), "StateChangeTimestamp")
    }

    /// Reads a time, for which each unit has two properties.
    fn moment(&self, name: &UnitName, interface: &str, property: &str) -> Result<Option<Moment>, Failure> {
        let stamp = |property: &str| {
            let stamp: Option<u64> = self.property_of(name, interface, property)?;
            Ok::<_, zbus::Error>(stamp.unwrap_or_default())
        };
        let both =
            || Ok(Moment { real: stamp(property)?, monotonic: stamp(&format!("{property}Monotonic"))? });
        let found: zbus::Result<Moment> = both();
        let found = found.during(|| format!("read {property} of {name}"))?;
        Ok(Some(found).filter(|it| it.real != 0))
    }

    /// Returns what a unit says of itself, where it is still there and says anything.
    pub(super) fn said(&self, name: &UnitName, property: &str) -> Option<String> {
        let text: String = self.unit_property(name, property).ok()??;
        Some(text).filter(|it| !it.is_empty() && it != "success")
    }

    fn service_property<T>(&self, name: &UnitName, property: &str) -> Result<Option<T>, Failure>
    where
        T: TryFrom<zbus::OwnedVariant>,
        T::Error: Into<zbus::Error>,
    {
        self.unit_property(name, property).during(|| format!("read {property} of {name}"))
    }

    /// Reads a property of the unit's own type; nothing where the unit is not loaded.
    fn unit_property<T>(&self, name: &UnitName, property: &str) -> zbus::Result<Option<T>>
    where
        T: TryFrom<zbus::OwnedVariant>,
        T::Error: Into<zbus::Error>,
    {
        self.property_of(name, &interface(name), property)
    }

    fn property_of<T>(&self, name: &UnitName, interface: &str, property: &str) -> zbus::Result<Option<T>>
    where
        T: TryFrom<zbus::OwnedVariant>,
        T::Error: Into<zbus::Error>,
    {
        let found: zbus::Result<OwnedObjectPath> = self.bus.call(MANAGER, "GetUnit", &(name.as_str(),));
        let path = match found {
            Err(error) if bus::is_refusal(&error, NOT_LOADED) => return Ok(None),
            found => found?,
        };
        let unit = Object { path: path.as_str(), interface, ..MANAGER };
        self.bus.property(unit, property).map(Some)
    }
}

/// Names the interface of a unit's type: `org.freedesktop.systemd1.Service`.
fn interface(name: &UnitName) -> String {
    let (first, rest) = name.suffix().split_at(1);
    format!("{SERVICE}.{}{rest}", first.to_ascii_uppercase())
}
