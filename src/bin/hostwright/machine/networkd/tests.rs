//! The port against systemd and networkd faked over a socket pair.
#![allow(clippy::unused_self, reason = "zbus dispatches to methods")]

use std::collections::BTreeMap;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use zbus::{Guid, OwnedObjectPath, connection, fdo};

use super::super::systemd::Bus;
use hostwright::observed::LeftAlone;

use super::*;

const SYSTEMD: &str = "/org/freedesktop/systemd1";
const SERVICE: &str = "/org/freedesktop/systemd1/unit/networkd";
const OLD_LINK: &str = "/org/freedesktop/network1/link/_32";

/// Descriptions that networkd gives one after the other, the last for ever; none: it is too old to.
type Script = Arc<Mutex<Vec<String>>>;

struct Manager {
    version: &'static str,
    /// States of the unit that come one after the other, the last for ever.
    active: Vec<&'static str>,
}

struct Unit;

struct Service {
    started: Moment,
}

struct Network(Script);

struct OldLink;

type Listed = (String, String, String, String, String, String, OwnedObjectPath, u32, String, OwnedObjectPath);

fn path(text: &str) -> OwnedObjectPath {
    OwnedObjectPath::try_from(text).expect("a path")
}

#[zbus::interface(name = "org.freedesktop.systemd1.Manager")]
impl Manager {
    #[zbus(property)]
    fn version(&self) -> &str {
        self.version
    }

    fn list_units_by_names(&mut self, names: Vec<String>) -> Vec<Listed> {
        let text = String::new;
        let state = if self.active.len() > 1 { self.active.remove(0) } else { self.active[0] };
        let listed = names.into_iter().map(|name| {
            let (load, active) = ("loaded".to_owned(), state.to_owned());
            let (unit, job) = (path(SERVICE), path("/"));
            (name, text(), load, active, text(), text(), unit, 0, text(), job)
        });
        listed.collect()
    }

    fn get_unit(&self, name: &str) -> OwnedObjectPath {
        assert_eq!(name, "systemd-networkd.service");
        path(SERVICE)
    }
}

#[zbus::interface(name = "org.freedesktop.systemd1.Service")]
impl Service {
    #[zbus(property, name = "ExecMainStartTimestamp")]
    fn started(&self) -> u64 {
        self.started.real
    }

    #[zbus(property, name = "ExecMainStartTimestampMonotonic")]
    fn started_monotonic(&self) -> u64 {
        self.started.monotonic
    }

    /// A program of which nothing tells a version.
    #[zbus(property, name = "MainPID")]
    fn process(&self) -> u32 {
        std::process::id()
    }
}

/// When it was reloaded.
const RELOADED: u64 = 7;

#[zbus::interface(name = "org.freedesktop.systemd1.Unit")]
impl Unit {
    #[zbus(property, name = "StateChangeTimestamp")]
    fn changed(&self) -> u64 {
        RELOADED
    }

    #[zbus(property, name = "StateChangeTimestampMonotonic")]
    fn changed_monotonic(&self) -> u64 {
        RELOADED
    }
}

#[zbus::interface(name = "org.freedesktop.network1.Manager")]
impl Network {
    fn describe(&self) -> fdo::Result<String> {
        let mut script = self.0.lock().expect("no panic");
        match script.len() {
            0 => Err(fdo::Error::UnknownMethod("Describe".to_owned())),
            1 => Ok(script[0].clone()),
            _ => Ok(script.remove(0)),
        }
    }

    fn list_links(&self) -> Vec<(i32, String, OwnedObjectPath)> {
        let gone = path("/org/freedesktop/network1/link/_33");
        vec![(2, "eno1".to_owned(), path(OLD_LINK)), (3, "gone".to_owned(), gone)]
    }

    fn reload(&self) {}
}

#[zbus::interface(name = "org.freedesktop.network1.Link")]
impl OldLink {
    #[zbus(property)]
    fn administrative_state(&self) -> &'static str {
        "configured"
    }

    #[zbus(property)]
    fn carrier_state(&self) -> &'static str {
        "carrier"
    }
}

fn link(name: &str, state: &str, carrier: &str) -> String {
    format!(
        r#"{{"Interfaces":[{{"Index":2,"Name":"{name}","AdministrativeState":"{state}","CarrierState":"{carrier}","NetworkFile":"/run/systemd/network/10-{name}.network"}},{{"Index":1,"Name":"lo","AdministrativeState":"unmanaged","CarrierState":"carrier"}}]}}"#
    )
}

fn fake(active: &'static str, started: u64, script: &[String]) -> Systemd {
    changing(&[active], Moment { real: started, monotonic: started }, script)
}

fn changing(active: &[&'static str], started: Moment, script: &[String]) -> Systemd {
    let (here, there) = UnixStream::pair().expect("a pair");
    let network = Network(Arc::new(Mutex::new(script.to_vec())));
    let manager = Manager { version: "257.13-1~deb13u1", active: active.to_vec() };
    thread::spawn(move || {
        zbus::block_on(async {
            let server = connection::Builder::unix_stream(there)
                .server(Guid::generate())
                .p2p()
                .serve_at(SYSTEMD, manager)
                .serve_at(SERVICE, Service { started })
                .serve_at(SERVICE, Unit)
                .serve_at(MANAGER.path, network)
                .serve_at(OLD_LINK, OldLink)
                .build()
                .await
                .expect("a server");
            server.closed().await;
        });
    });
    let client = connection::Builder::unix_stream(here).p2p().build();
    let bus = Bus::over(zbus::block_on(client).expect("a client"));
    Systemd { bus, ..Systemd::default() }
}

#[test]
fn a_daemon_that_does_not_run_is_absent() {
    let systemd = fake("inactive", 0, &[]);
    let networkd = Networkd::new(&systemd);
    assert_eq!(networkd.state(Path::new("/nowhere")), Ok(None));
    assert_eq!(
        networkd.reload(Path::new("/nowhere"), &Netlink::default()).expect_err("a failure").to_string(),
        "ask networkd: systemd-networkd does not run"
    );
    let systemd = fake("activating", 0, &[]);
    let failure = Networkd::new(&systemd).state(Path::new("/nowhere"));
    assert!(failure.is_err());
}

#[test]
fn loaded_files_are_those_of_the_description() {
    let systemd = fake("active", 1, &[link("eno1", "configured", "carrier")]);
    let networkd = Networkd::new(&systemd);
    let state = networkd.state(Path::new("/nowhere"));
    let file = "/run/systemd/network/10-eno1.network".to_owned();
    let expected = observed::Networkd {
        version: 257,
        left_alone: LeftAlone::default(),
        next: NextStart { version: 257, point: Some(13), left_alone: LeftAlone::default() },
        loaded: BTreeMap::from([("eno1".to_owned(), file)]),
        read: RELOADED,
        ..observed::Networkd::default()
    };
    assert_eq!(state, Ok(Some(expected)));
}

#[test]
fn a_clock_that_was_set_back_makes_no_file_older_than_the_start() {
    const HOUR: u64 = 3_600_000_000;
    let root = tempfile::tempdir().expect("a folder");
    let started = Moment::now();
    let started = Moment { real: started.real + HOUR, ..started };
    std::thread::sleep(Duration::from_millis(200));
    let folder = root.path().join("run/systemd/networkd.conf.d");
    std::fs::create_dir_all(&folder).expect("made");
    std::fs::write(folder.join("10-hostwright.conf"), "[Network]\nManageForeignRoutes=no\n")
        .expect("written");
    let written = Moment::now().real;
    let systemd = changing(&["active"], started, &[link("eno1", "configured", "carrier")]);
    let state = Networkd::new(&systemd).state(root.path()).expect("a state").expect("a daemon");
    assert_eq!(state.left_alone, LeftAlone::default(), "the running one started before");
    assert!(state.next.left_alone.routes);
    assert!(state.read < written, "it has not read what came behind its start");
}

#[test]
fn a_daemon_without_descriptions_is_asked_link_by_link() {
    let systemd = fake("active", 1, &[]);
    let state = Networkd::new(&systemd).state(Path::new("/nowhere"));
    let loaded = state.expect("a state").expect("a daemon").loaded;
    let expected = BTreeMap::from([("eno1".to_owned(), "unknown".to_owned())]);
    assert_eq!(loaded, expected);
}

#[test]
fn what_networkd_gave_up_is_named() {
    let systemd = fake("active", 1, &[link("eno1", "failed", "carrier")]);
    let state = Networkd::new(&systemd).state(Path::new("/nowhere")).expect("a state").expect("a daemon");
    assert_eq!(state.failed, BTreeSet::from(["eno1".to_owned()]));
    assert!(state.loaded.contains_key("eno1"), "its file is still the one it has");
}

#[test]
fn a_reload_waits_until_links_have_settled() {
    let states = ["configured", "configured", "initialized", "configuring"];
    let mut script: Vec<String> = states.map(|it| link("eno1", it, "carrier")).into();
    script.push(link("eno1", "configured", "carrier"));
    let systemd = fake("active", 1, &script);
    assert_eq!(Networkd::new(&systemd).reload(Path::new("/nowhere"), &Netlink::default()), Ok(()));
}

#[test]
fn a_reload_waits_by_the_states_that_networkd_keeps_where_there_are_any() {
    let root = tempfile::tempdir().expect("a folder");
    let states = root.path().join("run/systemd/netif/links");
    std::fs::create_dir_all(&states).expect("a directory");
    std::fs::write(states.join("2"), "ADMIN_STATE=configured\nCARRIER_STATE=carrier\n").expect("a file");
    let script = ["configured", "configured", "configuring"].map(|it| link("eno1", it, "carrier"));
    let systemd = fake("active", 1, &script);
    assert_eq!(Networkd::new(&systemd).reload(root.path(), &Netlink::default()), Ok(()));
    let left = Networkd::new(&systemd).links().expect("links");
    assert_eq!(left[0].state, "configuring", "it was asked before, and at the end");
}

#[test]
fn a_reload_waits_for_a_daemon_that_is_starting() {
    let configured = link("eno1", "configured", "carrier");
    let systemd = changing(&["deactivating", "activating", "active"], Moment::now(), &[configured]);
    assert_eq!(Networkd::new(&systemd).reload(Path::new("/nowhere"), &Netlink::default()), Ok(()));
}

#[test]
fn only_a_link_that_fails_anew_fails_a_reload() {
    let failed = link("eno1", "failed", "carrier");
    let systemd = fake("active", 1, std::slice::from_ref(&failed));
    assert_eq!(Networkd::new(&systemd).reload(Path::new("/nowhere"), &Netlink::default()), Ok(()));
    let before = link("eno1", "configured", "carrier");
    let systemd = fake("active", 1, &[before, failed]);
    let failure = Networkd::new(&systemd)
        .reload(Path::new("/nowhere"), &Netlink::default())
        .expect_err("a failed link");
    assert_eq!(failure.to_string(), "reload networkd: failed links: eno1");
}
