//! A manager faked over a socket pair.
#![allow(clippy::unused_self, reason = "zbus dispatches to methods")]

use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use zbus::object_server::SignalEmitter;
use zbus::{Guid, OwnedObjectPath, OwnedVariant, connection};

use super::super::{Bus, Listed, MANAGER, Systemd};

/// How long a slow job takes.
pub(super) const PAUSE: Duration = Duration::from_millis(60);
const UNIT_PATH: &str = "/org/freedesktop/systemd1/unit/web";

/// Calls that were made, each as one line.
pub(super) type Calls = Arc<Mutex<Vec<String>>>;
type Properties = Vec<(String, OwnedVariant)>;

/// A manager whose jobs for units named `quick…` end before the reply, for all others after it, and
/// with the result that the unit's name ends in.
struct Manager(Calls);

/// The service below [`UNIT_PATH`].
struct Service;

#[derive(Debug, zbus::DBusError)]
#[zbus(prefix = "org.freedesktop.systemd1")]
enum Refusal {
    NoSuchUnit(String),
}

fn path(text: &str) -> OwnedObjectPath {
    OwnedObjectPath::try_from(text).expect("a path")
}

impl Manager {
    fn note(&self, call: String) {
        self.0.lock().expect("no panic").push(call);
    }
}

/// Ends a foreign job and then job 7.
async fn end(emitter: &SignalEmitter<'_>, unit: &str) {
    let stem = unit.split('.').next().expect("a part");
    let result = stem.rsplit('-').next().expect("a part");
    for (number, result) in [(6, "canceled"), (7, result)] {
        let job = path(&format!("/org/freedesktop/systemd1/job/{number}"));
        Manager::job_removed(emitter, number, job, unit, result).await.expect("sent");
    }
}

async fn queue(emitter: &SignalEmitter<'_>, unit: &str) -> OwnedObjectPath {
    if unit.starts_with("quick") {
        end(emitter, unit).await;
    } else {
        let (emitter, unit) = (emitter.to_owned(), unit.to_owned());
        thread::spawn(move || {
            thread::sleep(PAUSE);
            zbus::block_on(end(&emitter, &unit));
        });
    }
    path("/org/freedesktop/systemd1/job/7")
}

#[zbus::interface(name = "org.freedesktop.systemd1.Manager")]
impl Manager {
    #[zbus(signal)]
    async fn job_removed(
        emitter: &SignalEmitter<'_>,
        number: u32,
        job: OwnedObjectPath,
        unit: &str,
        result: &str,
    ) -> zbus::Result<()>;

    #[zbus(property)]
    fn version(&self) -> String {
        "252.39-1~deb12u2".to_owned()
    }

    fn reload(&self) {
        self.note("reload".to_owned());
    }

    async fn start_unit(
        &self,
        name: &str,
        mode: &str,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> OwnedObjectPath {
        self.note(format!("start {name} {mode}"));
        queue(&emitter, name).await
    }

    async fn stop_unit(
        &self,
        name: &str,
        mode: &str,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> Result<OwnedObjectPath, Refusal> {
        if name.starts_with("absent") {
            return Err(Refusal::NoSuchUnit(format!("Unit {name} not loaded.")));
        }
        self.note(format!("stop {name} {mode}"));
        Ok(queue(&emitter, name).await)
    }

    async fn start_transient_unit(
        &self,
        name: &str,
        mode: &str,
        properties: Properties,
        beside: Vec<(String, Properties)>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> OwnedObjectPath {
        let write = |it: &Properties| {
            let signatures = it.iter().map(|(name, value)| format!("{name}:{}", value.value_signature()));
            signatures.collect::<Vec<_>>().join(" ")
        };
        self.note(format!("{name} {mode} {}", write(&properties)));
        for (name, properties) in &beside {
            self.note(format!("{name} {}", write(properties)));
        }
        queue(&emitter, name).await
    }

    fn get_unit(&self, name: &str) -> Result<OwnedObjectPath, Refusal> {
        if name.starts_with("absent") {
            return Err(Refusal::NoSuchUnit(format!("Unit {name} not loaded.")));
        }
        Ok(path(UNIT_PATH))
    }

    fn reset_failed_unit(&self, name: &str) -> Result<(), Refusal> {
        self.get_unit(name).map(drop)
    }

    fn list_units_by_names(&self, names: Vec<String>) -> Vec<Listed> {
        let states = [
            ("loaded", "active"),
            ("loaded", "reloading"),
            ("loaded", "activating"),
            ("loaded", "deactivating"),
            ("loaded", "inactive"),
            ("loaded", "failed"),
            ("not-found", "inactive"),
            ("not-found", "active"),
        ];
        let listed = names.into_iter().zip(states).map(|(name, (load, active))| {
            let text = String::new;
            let (load, active) = (load.to_owned(), active.to_owned());
            let (unit, job) = (path(UNIT_PATH), path("/"));
            (name, text(), load, active, text(), text(), unit, 0, text(), job)
        });
        listed.collect()
    }
}

#[zbus::interface(name = "org.freedesktop.systemd1.Service")]
impl Service {
    #[zbus(property)]
    fn result(&self) -> String {
        "exit-code".to_owned()
    }

    #[zbus(property)]
    fn status_text(&self) -> String {
        String::new()
    }

    #[zbus(property, name = "ExecMainStartTimestamp")]
    fn started(&self) -> u64 {
        1_700_000_000_000_000
    }

    #[zbus(property, name = "ExecMainStartTimestampMonotonic")]
    fn started_monotonic(&self) -> u64 {
        5_000_000
    }

    #[zbus(property, name = "MainPID")]
    fn main_process(&self) -> u32 {
        0
    }
}

/// Returns a port whose other end is served by a thread, with the calls that arrive there.
pub(super) fn fake() -> (Systemd, Calls) {
    let (here, there) = UnixStream::pair().expect("a pair");
    let calls = Calls::default();
    let manager = Manager(Arc::clone(&calls));
    thread::spawn(move || {
        zbus::block_on(async {
            let server = connection::Builder::unix_stream(there)
                .server(Guid::generate())
                .p2p()
                .serve_at(MANAGER.path, manager)
                .serve_at(UNIT_PATH, Service)
                .build()
                .await
                .expect("a server");
            server.closed().await;
        });
    });
    let client = connection::Builder::unix_stream(here).p2p().build();
    let bus = Bus::over(zbus::block_on(client).expect("a client"));
    (Systemd { bus, ..Systemd::default() }, calls)
}
