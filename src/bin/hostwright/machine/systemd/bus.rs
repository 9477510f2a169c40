//! The system bus: one connection, its calls and properties.

use std::collections::BTreeSet;
use std::fmt;
use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use serde::Serialize;
use zbus::{Connection, DynamicType, OwnedVariant, connection, wire::DynamicDeserialize};

use super::limit::Limit;

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

/// Longest waits for replies.
#[derive(Debug, Clone, Copy)]
pub(in crate::machine) struct Limits {
    /// To questions, and to calls whose work comes behind the reply. systemd's own programs wait as long; a manager that
    /// loads its units meanwhile, on a loaded machine, answers after ten seconds.
    pub(in crate::machine) reply: Duration,
    /// To a reload of networkd: one second for every hundred links on a slow machine, and room for some thousands.
    pub(in crate::machine) network: Duration,
    /// To a reload of systemd, which runs every generator, each up to a minute and a half. systemctl waits as long.
    pub(in crate::machine) units: Duration,
    /// For a sign of life of one that did not reply in time.
    pub(in crate::machine) life: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            reply: Duration::from_secs(25),
            network: Duration::from_secs(90),
            units: Duration::from_secs(180),
            life: Duration::from_secs(1),
        }
    }
}

/// The bus, connected when it is first needed and again when the connection was lost. Clones share it.
#[derive(Debug, Clone, Default)]
pub(in crate::machine) struct Bus {
    /// Longest waits for replies.
    pub(in crate::machine) limits: Limits,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    connection: Mutex<Option<Connection>>,
    /// Services that did not reply in time; the bus itself by [`BUS`]. An undo must not wait for each of them again and
    /// again: they are asked for a sign of life first.
    silent: Mutex<BTreeSet<String>>,
}

/// The bus as a service.
const BUS: &str = "org.freedesktop.DBus";

impl Bus {
    /// Takes a connection that stands already.
    #[cfg(test)]
    pub(in crate::machine) fn over(connection: Connection) -> Self {
        let bus = Self::default();
        *bus.shared.connection.lock().expect("no panic") = Some(connection);
        bus
    }

    fn silent(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.shared.silent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the connection.
    ///
    /// # Errors
    /// The bus cannot be reached.
    fn connection(&self) -> zbus::Result<Connection> {
        let mut present = self.shared.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = present.as_ref().filter(|it| !it.is_closed()) {
            return Ok(connection.clone());
        }
        let limit = if self.silent().contains(BUS) { self.limits.life } else { self.limits.reply };
        let builder = connection::Builder::system().method_timeout(self.limits.units);
        let built = zbus::block_on(within(limit, builder.build()));
        let connection = self.noted(BUS, built)?;
        *present = Some(connection.clone());
        Ok(connection)
    }

    /// Returns a connection to a service that is not known to hang.
    ///
    /// # Errors
    /// The bus cannot be reached, or the service did not reply before and gives no sign of life.
    pub(super) fn connection_to(&self, service: &str) -> zbus::Result<Connection> {
        let connection = self.connection()?;
        if self.silent().contains(service) {
            let peer = Object { service, path: "/", interface: "org.freedesktop.DBus.Peer" };
            let sign: zbus::Result<()> =
                zbus::block_on(within(self.limits.life, call(&connection, peer, "Ping", &())));
            // A refusal is a sign of life too.
            if sign.as_ref().is_err_and(is_late) {
                return sign.map(|()| connection);
            }
            self.silent().remove(service);
        }
        Ok(connection)
    }

    /// Notes of a service whether it replied in time.
    pub(super) fn noted<T>(&self, service: &str, reply: zbus::Result<T>) -> zbus::Result<T> {
        if reply.as_ref().is_err_and(is_late) {
            self.silent().insert(service.to_owned());
        } else {
            self.silent().remove(service);
        }
        reply
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
        self.call_within(self.limits.reply, object, member, body)
    }

    /// Calls a method and waits for its reply up to a limit.
    ///
    /// # Errors
    /// As for [`Bus::call`].
    pub(in crate::machine) fn call_within<B, R>(
        &self,
        limit: Duration,
        object: Object<'_>,
        member: &'static str,
        body: &B,
    ) -> zbus::Result<R>
    where
        B: Serialize + DynamicType,
        R: for<'reply> DynamicDeserialize<'reply>,
    {
        let connection = self.connection_to(object.service)?;
        let reply = zbus::block_on(within(limit, call(&connection, object, member, body)));
        self.noted(object.service, reply)
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

/// No reply came in time.
#[derive(Debug)]
struct Late(Duration);

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no reply within {} s", self.0.as_secs_f32())
    }
}

impl std::error::Error for Late {}

/// Waits for something up to a limit.
///
/// # Errors
/// Its own, or that it is late.
pub(super) async fn within<T>(
    limit: Duration,
    work: impl Future<Output = zbus::Result<T>>,
) -> zbus::Result<T> {
    let mut work = pin!(work);
    let mut end = Limit::after(limit);
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Pending => {
            let late = || io::Error::new(ErrorKind::TimedOut, Late(limit)).into();
            Pin::new(&mut end).poll(context).map(|()| Err(late()))
        }
        done @ Poll::Ready(_) => done,
    })
    .await
}

/// Says whether an error is that no reply came in time.
fn is_late(error: &zbus::Error) -> bool {
    matches!(error, zbus::Error::InputOutput(error) if error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<Late>))
}

/// Says whether a service refused a call with an error of this name, one that D-Bus itself does not define.
pub(in crate::machine) fn is_refusal(error: &zbus::Error, name: &str) -> bool {
    matches!(error, zbus::Error::MethodError(found, _, _) if found.as_str() == name)
}
