//! `lxdbr0` and `incusbr0`: networks that LXD and Incus have in their database.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use hostwright::artifact::DefaultBridge;
use hostwright::observed::BridgeState;
use serde_json::{Value, json};

use super::link;
use super::rest::ask;
use crate::failure::{During, Failure};
use crate::layout::Layout;

/// The daemon that has made a bridge.
#[derive(Debug)]
pub(super) struct Daemon {
    /// The bridge.
    bridge: DefaultBridge,
    /// The daemon's socket.
    socket: PathBuf,
}

impl Daemon {
    /// Finds the daemon of a bridge; absent: it is not installed, or the bridge is not one of these.
    pub(super) fn find(layout: &Layout, bridge: DefaultBridge) -> Option<Self> {
        let folders = folders(layout, bridge);
        let socket = folders.iter().map(|it| it.join("unix.socket")).find(|it| it.exists())?;
        Some(Self { bridge, socket })
    }

    /// Finds it where it has the bridge: to ask any other would start it, for its socket is systemd's.
    pub(super) fn with_bridge(layout: &Layout, bridge: DefaultBridge) -> Option<Self> {
        let known = |it: &PathBuf| it.join("networks").join(bridge.link()).exists();
        let there = link(layout, bridge).exists() || folders(layout, bridge).iter().any(known);
        Self::find(layout, bridge).filter(|_| there)
    }

    /// Returns how the bridge stands; absent: the daemon has none of that name.
    ///
    /// # Errors
    /// The daemon does not answer.
    pub(super) fn state(&self) -> Result<Option<BridgeState>, Failure> {
        let Some(network) = self.ask("GET", &self.network(), None)?.filter(|it| it["managed"] == true) else {
            return Ok(None);
        };
        let profiles = self.ask("GET", "/1.0/profiles?recursion=1", None)?.unwrap_or_default();
        let with = |profile: &Value| {
            let devices = self.on_bridge(&profile["devices"]);
            let name = profile["name"].as_str()?.to_owned();
            (!devices.is_empty()).then(|| (name, Value::Object(devices).to_string()))
        };
        let devices = profiles.as_array().into_iter().flatten().filter_map(with).collect();
        Ok(Some(BridgeState::Managed { network: without_volatile(&network).to_string(), devices }))
    }

    /// Names the containers and guests on the bridge, stopped ones too: they would lose their device.
    ///
    /// # Errors
    /// The daemon does not answer.
    pub(super) fn users(&self) -> Result<BTreeSet<String>, Failure> {
        let path = "/1.0/instances?recursion=1&all-projects=true";
        let instances = self.ask("GET", path, None)?.unwrap_or_default();
        let on = instances.as_array().into_iter().flatten();
        let on = on.filter(|it| !self.on_bridge(&it["expanded_devices"]).is_empty());
        Ok(on.map(in_words).collect())
    }

    /// Takes the bridge out of the profiles, then deletes it; the daemon refuses where it is in use.
    ///
    /// # Errors
    /// The daemon does not answer, or refuses.
    pub(super) fn remove(&self) -> Result<(), Failure> {
        let Some(BridgeState::Managed { devices, .. }) = self.state()? else { return Ok(()) };
        for name in devices.keys() {
            let path = format!("/1.0/profiles/{name}");
            let Some(mut profile) = self.ask("GET", &path, None)? else { continue };
            for device in self.on_bridge(&profile["devices"]).keys() {
                profile["devices"].as_object_mut().and_then(|it| it.remove(device));
            }
            let keys = ["config", "description", "devices"].map(|key| (key, profile[key].clone()));
            self.ask("PUT", &path, Some(&json!(BTreeMap::from(keys))))?;
        }
        self.ask("DELETE", &self.network(), None).map(|_| ())
    }

    /// Makes the bridge again and gives the profiles their devices back.
    ///
    /// # Errors
    /// The daemon does not answer, or refuses.
    pub(super) fn restore(&self, network: &str, devices: &BTreeMap<String, String>) -> Result<(), Failure> {
        let read = |text: &str| serde_json::from_str::<Value>(text).during(|| "read JSON".to_owned());
        if self.ask("GET", &self.network(), None)?.is_none() {
            self.ask("POST", "/1.0/networks", Some(&read(network)?))?;
        }
        for (name, devices) in devices {
            // Other devices of the profile stay with a PATCH.
            let body = json!({ "devices": read(devices)? });
            self.ask("PATCH", &format!("/1.0/profiles/{name}"), Some(&body))?;
        }
        Ok(())
    }

    fn network(&self) -> String {
        format!("/1.0/networks/{}", self.bridge)
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Option<Value>, Failure> {
        ask(&self.socket, method, path, body)
    }

    /// Returns those devices that hang on the bridge, by its network or by its name.
    fn on_bridge(&self, devices: &Value) -> serde_json::Map<String, Value> {
        let on = |device: &Value| ["network", "parent"].iter().any(|it| device[it] == self.bridge.link());
        let devices = devices.as_object().into_iter().flatten().filter(|(_, device)| on(device));
        devices.map(|(name, device)| (name.clone(), device.clone())).collect()
    }
}

fn folders(layout: &Layout, bridge: DefaultBridge) -> Vec<PathBuf> {
    let folders: &[&str] = match bridge {
        DefaultBridge::Lxd => &["var/lib/lxd", "var/snap/lxd/common/lxd"],
        DefaultBridge::Incus => &["var/lib/incus"],
        DefaultBridge::Libvirt | DefaultBridge::Lxc => &[],
    };
    folders.iter().map(|it| layout.root().join(it)).collect()
}

/// Returns a network as the daemon takes it: what it has found out itself it does not take back.
fn without_volatile(network: &Value) -> Value {
    let given = network["config"].as_object().into_iter().flatten();
    let given: serde_json::Map<_, _> = given
        .filter(|(key, _)| !key.starts_with("volatile."))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let keys = ["name", "type", "description"].map(|key| (key.to_owned(), network[key].clone()));
    let mut network: serde_json::Map<_, _> = keys.into_iter().collect();
    network.insert("config".to_owned(), Value::Object(given));
    Value::Object(network)
}

fn in_words(instance: &Value) -> String {
    let what = if instance["type"] == "virtual-machine" { "guest" } else { "container" };
    let stopped = if instance["status"] == "Running" { "" } else { "stopped " };
    format!("{stopped}{what} `{}`", instance["name"].as_str().unwrap_or_default())
}

#[cfg(test)]
mod tests;
