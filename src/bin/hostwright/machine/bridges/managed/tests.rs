//! A daemon that plays the part of Incus, with what it has in memory.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Arc, Mutex};

use super::*;

/// What the daemon has: networks and profiles by name, instances.
#[derive(Debug, Default)]
struct State {
    networks: BTreeMap<String, Value>,
    profiles: BTreeMap<String, Value>,
    instances: Vec<Value>,
}

impl State {
    fn answer(&mut self, method: &str, path: &str, body: Value) -> Option<Value> {
        let (folder, name) = path.strip_prefix("/1.0/")?.split_once('/').unwrap_or((&path[5..], ""));
        match (method, folder) {
            ("GET", "networks") => self.networks.get(name).cloned(),
            ("POST", "networks") => {
                let mut network = body;
                network["managed"] = json!(true);
                self.networks.insert(network["name"].as_str()?.to_owned(), network);
                Some(Value::Null)
            }
            ("DELETE", "networks") => {
                assert!(!self.profiles.values().any(|it| it.to_string().contains(name)), "it is in use");
                self.networks.remove(name).map(|_| Value::Null)
            }
            ("GET", "profiles") => self.profiles.get(name).cloned(),
            ("PUT", "profiles") => {
                for key in ["config", "description", "devices"] {
                    self.profiles.get_mut(name)?[key] = body[key].clone();
                }
                Some(Value::Null)
            }
            ("PATCH", "profiles") => {
                let devices = self.profiles.get_mut(name)?["devices"].as_object_mut()?;
                devices.extend(body["devices"].as_object()?.clone());
                Some(Value::Null)
            }
            ("GET", "profiles?recursion=1") => Some(self.profiles.values().cloned().collect()),
            ("GET", _) if folder.starts_with("instances?") => Some(json!(self.instances)),
            _ => panic!("{method} {path}"),
        }
    }
}

fn serve(mut stream: UnixStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
    let mut line = String::new();
    reader.read_line(&mut line).expect("a request");
    let (mut length, mut header) = (0, String::new());
    while reader.read_line(&mut header).expect("a header") > 2 {
        if let Some(value) = header.strip_prefix("Content-Length: ") {
            length = value.trim().parse().expect("a number");
        }
        header.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    let body = serde_json::from_slice(&body).unwrap_or_default();
    let mut words = line.split_whitespace();
    let (method, path) = (words.next().expect("a method"), words.next().expect("a path"));
    let answer = match state.lock().expect("a lock").answer(method, path, body) {
        Some(metadata) => json!({ "type": "sync", "metadata": metadata }),
        None => json!({ "type": "error", "error_code": 404, "error": "not found" }),
    };
    write!(stream, "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{answer}").expect("a peer");
}

fn incus(state: State) -> (tempfile::TempDir, Layout, Arc<Mutex<State>>) {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("var/lib/incus");
    std::fs::create_dir_all(folder.join("networks/incusbr0")).expect("a folder");
    let listener = UnixListener::bind(folder.join("unix.socket")).expect("a socket");
    let state = Arc::new(Mutex::new(state));
    let shared = Arc::clone(&state);
    std::thread::spawn(move || listener.incoming().flatten().for_each(|it| serve(it, &shared)));
    let layout = Layout::new(root.path());
    (root, layout, state)
}

fn as_initialised() -> State {
    let network = json!({
        "name": "incusbr0", "type": "bridge", "managed": true, "description": "", "used_by": ["/1.0/profiles/default"],
        "config": { "ipv4.address": "10.1.2.1/24", "volatile.bridge.hwaddr": "00:16:3e:00:00:01" },
    });
    let profile = json!({
        "name": "default", "description": "", "config": {},
        "devices": {
            "eth0": { "type": "nic", "network": "incusbr0", "name": "eth0" },
            "root": { "type": "disk", "pool": "default", "path": "/" },
        },
    });
    State {
        networks: [("incusbr0".to_owned(), network)].into(),
        profiles: [("default".to_owned(), profile)].into(),
        instances: Vec::new(),
    }
}

#[test]
fn a_network_goes_with_the_devices_of_profiles_and_comes_back() {
    let (_root, layout, state) = incus(as_initialised());
    let daemon = Daemon::with_bridge(&layout, DefaultBridge::Incus).expect("it is installed");
    let before = daemon.state().expect("an answer").expect("a network");
    let profile = state.lock().expect("a lock").profiles.clone();
    daemon.remove().expect("an answer");
    assert_eq!(daemon.state().expect("an answer"), None);
    let left = state.lock().expect("a lock").profiles["default"]["devices"].clone();
    assert_eq!(left.as_object().expect("devices").keys().collect::<Vec<_>>(), ["root"]);
    let BridgeState::Managed { network, devices } = &before else { panic!("{before:?}") };
    daemon.restore(network, devices).expect("an answer");
    daemon.restore(network, devices).expect("done again it changes nothing");
    assert_eq!(daemon.state().expect("an answer"), Some(before));
    assert_eq!(state.lock().expect("a lock").profiles, profile);
}

#[test]
fn instances_on_a_network_are_named_stopped_ones_too() {
    let on = json!({ "eth0": { "type": "nic", "network": "incusbr0" } });
    let off = json!({ "eth0": { "type": "nic", "parent": "br20" } });
    let instances = vec![
        json!({ "name": "c1", "type": "container", "status": "Running", "expanded_devices": on }),
        json!({ "name": "v1", "type": "virtual-machine", "status": "Stopped", "expanded_devices": on }),
        json!({ "name": "c2", "type": "container", "status": "Running", "expanded_devices": off }),
    ];
    let (_root, layout, _) = incus(State { instances, ..as_initialised() });
    let daemon = Daemon::with_bridge(&layout, DefaultBridge::Incus).expect("it is installed");
    let expected = ["container `c1`", "stopped guest `v1`"].map(str::to_owned);
    assert_eq!(daemon.users().expect("an answer"), expected.into());
}

#[test]
fn a_daemon_that_never_had_a_bridge_is_not_asked() {
    let root = tempfile::tempdir().expect("a folder");
    assert!(Daemon::find(&Layout::new(root.path()), DefaultBridge::Incus).is_none());
    let (root, layout, _) = incus(State::default());
    std::fs::remove_dir(root.path().join("var/lib/incus/networks/incusbr0")).expect("a folder");
    assert!(Daemon::with_bridge(&layout, DefaultBridge::Incus).is_none());
    assert!(Daemon::find(&layout, DefaultBridge::Incus).is_some());
}
