//! The system bus: one connection, its calls and properties.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use zbus::{Connection, DynamicType, OwnedVariant, connection, wire::DynamicDeserialize};

/// Longest wait for a reply; systemd's reload, which runs every generator, is the slowest.
const REPLY_LIMIT: Duration = Duration::from_secs(180);

/// One interface of one object.
#[derive(Debug, Clone, Copy)]
pub(in crate::machine) struct Object<'name> {
    /// Well-known name on the bus.
    pub(in crate::machine) service: &'name str,
    /// Path of the object.
    pub(in crate::machine) path: &'name str,
    /// Interface that is meant.
    pub(in crate::machine) interface: &'name str,
}

/// The bus, connected when it is first needed and again when the connection was lost.
#[derive(Debug, Default)]
pub(in crate::machine) struct Bus {
    connection: Mutex<Option<Connection>>,
}

impl Bus {
    /// Takes a connection that stands already.
    #[cfg(test)]
    pub(in crate::machine) fn over(connection: Connection) -> Self {
        Self { connection: Mutex::new(Some(connection)) }
    }

    /// Returns the connection.
    ///
    /// # Errors
    /// The bus cannot be reached.
    pub(super) fn connection(&self) -> zbus::Result<Connection> {
        let mut present = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = present.as_ref().filter(|it| !it.is_closed()) {
            return Ok(connection.clone());
        }
        let builder = connection::Builder::system().method_timeout(REPLY_LIMIT);
        let connection = zbus::block_on(builder.build())?;
        *present = Some(connection.clone());
        Ok(connection)
    }

    /// Calls a method and waits for its reply.
    ///
    /// # Errors
    /// The bus, the service or the form of the reply fails.
    pub(in crate::machine) fn call<B, R>(
        &self,
        object: Object<'_>,
        member: &'static str,
        body: &B,
    ) -> zbus::Result<R>
    where
        B: Serialize + DynamicType,
        R: for<'reply> DynamicDeserialize<'reply>,
    {
        let connection = self.connection()?;
        zbus::block_on(call(&connection, object, member, body))
    }

    /// Reads a property.
    ///
    /// # Errors
    /// The bus or the service fails, or the property has another type.
    pub(in crate::machine) fn property<T>(&self, object: Object<'_>, name: &str) -> zbus::Result<T>
    where
        T: TryFrom<OwnedVariant>,
        T::Error: Into<zbus::Error>,
    {
        let properties = Object { interface: "org.freedesktop.DBus.Properties", ..object };
        let value: OwnedVariant = self.call(properties, "Get", &(object.interface, name))?;
        T::try_from(value).map_err(Into::into)
    }
}

/// Calls a method over a connection.
///
/// # Errors
/// The bus, the service or the form of the reply fails.
pub(super) async fn call<B, R>(
    connection: &Connection,
    object: Object<'_>,
    member: &'static str,
    body: &B,
) -> zbus::Result<R>
where
    B: Serialize + DynamicType,
    R: for<'reply> DynamicDeserialize<'reply>,
{
    let to = Some(object.service);
    connection.call_method(to, object.path, Some(object.interface), member, body).await?.body().deserialize()
}

/// Says whether a service refused a call with an error of this name, one that D-Bus itself does not define.
pub(in crate::machine) fn is_refusal(error: &zbus::Error, name: &str) -> bool {
    matches!(error, zbus::Error::MethodError(found, _, _) if found.as_str() == name)
}
