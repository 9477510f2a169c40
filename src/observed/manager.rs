//! Who else configures links: told by what networkd has loaded, `NetworkManager`'s state and the files of all tools.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::ObservedLink;

/// Texts of files by path.
pub type Texts = BTreeMap<String, String>;

/// Who configures a link, beside hostwright.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manager {
    /// Which tool.
    pub tool: Tool,
    /// File that says so.
    pub file: String,
}

/// A tool that configures links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tool {
    /// networkd, by files in `/etc/systemd/network` that somebody wrote. systemd.network(5).
    Networkd,
    /// netplan, which writes files for networkd at every boot. netplan(5).
    Netplan,
    /// ifupdown. interfaces(5).
    Ifupdown,
    /// `NetworkManager`.
    NetworkManager,
    /// cloud-init, which writes the files of other tools.
    CloudInit,
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Networkd => "networkd",
            Self::Netplan => "netplan",
            Self::Ifupdown => "ifupdown",
            Self::NetworkManager => "NetworkManager",
            Self::CloudInit => "cloud-init",
        })
    }
}

/// Directory of networkd's files that people write.
const WRITTEN: &str = "/etc/systemd/network/";
/// Directory of files that programs write, gone at the next boot.
const MADE: &str = "/run/systemd/network/";
const INTERFACES: &str = "/etc/network/interfaces";
/// Options of a stanza that name links which need no stanza of their own: bridge-utils-interfaces(5), ifenslave.
const PORTS: &[&str] = &["bridge_ports", "bridge-ports", "bond-slaves", "bond_slaves", "slaves"];

/// Finds who configures the links: `loaded` is what networkd has loaded for each.
///
/// Texts are those of `/etc/systemd/network`, `/etc/netplan`, `/etc/cloud/cloud.cfg.d`, of `/etc/network/interfaces` and its folder where
/// ifupdown is installed, of `/run/NetworkManager/devices` and of the lines `uuid=` of its connections.
#[must_use]
pub fn managers(
    links: &BTreeMap<String, ObservedLink>,
    loaded: &BTreeMap<String, String>,
    texts: &Texts,
) -> BTreeMap<String, Manager> {
    let found = links.iter().filter_map(|(name, link)| {
        let network = loaded.get(name);
        let manager = network
            .and_then(|path| of_netplan(path, texts))
            .or_else(|| of_network_manager(link.index, texts))
            .or_else(|| of_ifupdown(name, texts))
            .or_else(|| of_networkd(network?, texts))?;
        Some((name.clone(), manager))
    });
    found.collect()
}

/// What netplan made counts while a file of it says so: it makes all anew at the next boot.
fn of_netplan(path: &str, texts: &Texts) -> Option<Manager> {
    let id = path.strip_prefix(MADE)?.strip_prefix("10-netplan-")?.strip_suffix(".network")?;
    let mut written = texts.iter().filter(|(path, _)| path.starts_with("/etc/netplan/"));
    let (file, _) = written.find(|(_, text)| text.lines().any(|it| speaks_of(it, id)))?;
    Some(Manager { tool: or_cloud_init(Tool::Netplan, file, texts), file: file.clone() })
}

/// Says whether a line of YAML has a name, as a key or in a list, in whatever style it is written.
fn speaks_of(line: &str, name: &str) -> bool {
    let divides = |it: char| it.is_whitespace() || "{}[],:\"'".contains(it);
    let said = line.split(" #").next().filter(|it| !it.trim_start().starts_with('#'));
    said.is_some_and(|it| it.split(divides).any(|word| word == name))
}

/// A device counts where a connection is active on it: others are only watched.
fn of_network_manager(index: u32, texts: &Texts) -> Option<Manager> {
    let state = format!("/run/NetworkManager/devices/{index}");
    let value = |key: &str| texts.get(&state)?.lines().find_map(|it| it.strip_prefix(key));
    (value("managed=") == Some("true")).then_some(())?;
    let uuid = value("connection-uuid=")?;
    let says = |text: &str| text.lines().any(|it| it.strip_prefix("uuid=") == Some(uuid));
    let mut connections = texts.iter().filter(|(path, text)| path.ends_with(".nmconnection") && says(text));
    let file = connections.next().map_or(state.clone(), |(path, _)| path.clone());
    Some(Manager { tool: Tool::NetworkManager, file })
}

fn of_ifupdown(name: &str, texts: &Texts) -> Option<Manager> {
    let says = |line: &str| {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("iface") => words.next() == Some(name),
            Some(option) if PORTS.contains(&option) => words.any(|it| it == name),
            _ => false,
        }
    };
    let behind = texts.range(INTERFACES.to_owned()..);
    let mut files = behind.take_while(|(path, _)| path.starts_with(INTERFACES));
    let (file, _) = files.find(|(_, text)| text.lines().any(says))?;
    Some(Manager { tool: or_cloud_init(Tool::Ifupdown, file, texts), file: file.clone() })
}

/// Files that a package brings are behind ours; one that is gone says nothing any more.
fn of_networkd(path: &str, texts: &Texts) -> Option<Manager> {
    let text = texts.get(path).filter(|_| path.starts_with(WRITTEN))?;
    let says = text.lines().any(|it| it.starts_with('#') && it.contains("cloud-init"));
    let by = if says { "cloud-init" } else { path };
    Some(Manager { tool: or_cloud_init(Tool::Networkd, by, texts), file: path.to_owned() })
}

/// Returns cloud-init for its files, unless it was told to leave the network alone.
fn or_cloud_init(tool: Tool, path: &str, texts: &Texts) -> Tool {
    let off = |text: &str| {
        text.lines().any(|it| it.split('#').next().is_some_and(|it| it.contains("config: disabled")))
    };
    let left_alone = texts.iter().any(|(path, text)| path.starts_with("/etc/cloud/") && off(text));
    if path.contains("cloud-init") && !left_alone { Tool::CloudInit } else { tool }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(loaded: Option<&str>, texts: &[(&str, &str)]) -> Option<(Tool, String)> {
        let link = ObservedLink { index: 2, ..ObservedLink::default() };
        let links = BTreeMap::from([("eno1".to_owned(), link)]);
        let loaded = loaded.map(|it| ("eno1".to_owned(), it.to_owned())).into_iter().collect();
        let texts = texts.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let manager = managers(&links, &loaded, &texts).remove("eno1")?;
        Some((manager.tool, manager.file))
    }

    #[track_caller]
    fn check(loaded: Option<&str>, texts: &[(&str, &str)], expected: Option<(Tool, &str)>) {
        assert_eq!(found(loaded, texts), expected.map(|(tool, file)| (tool, file.to_owned())));
    }

    #[test]
    fn networkd_is_known_by_the_file_that_it_has_loaded() {
        let path = "/etc/systemd/network/20-up.network";
        check(Some(path), &[(path, "[Match]\nName=eno1\n")], Some((Tool::Networkd, path)));
        check(Some(path), &[], None);
        check(Some("/usr/lib/systemd/network/80-x.network"), &[], None);
        check(Some("/run/systemd/network/10-hostwright-eno1.network"), &[], None);
        check(Some(path), &[(path, "# written by cloud-init\n")], Some((Tool::CloudInit, path)));
    }

    #[test]
    fn netplan_is_known_by_what_it_makes() {
        let made = "/run/systemd/network/10-netplan-eno1.network";
        let yaml = "/etc/netplan/01-all.yaml";
        let text = "network:\n  ethernets:\n    eno1:\n      dhcp4: true\n";
        check(Some(made), &[(yaml, text)], Some((Tool::Netplan, yaml)));
        check(Some(made), &[(yaml, "network:\n")], None);
        check(Some(made), &[(yaml, "network:\n  # eno1: {}\n  ethernets: {} # eno1\n")], None);
        let flow = "{network: {ethernets: {\"eno1\": {dhcp4: true}}}}\n";
        check(Some(made), &[(yaml, flow)], Some((Tool::Netplan, yaml)));
        let cloud = "/etc/netplan/50-cloud-init.yaml";
        check(Some(made), &[(cloud, text)], Some((Tool::CloudInit, cloud)));
        let off = ("/etc/cloud/cloud.cfg.d/99-off.cfg", "network: {config: disabled}\n");
        check(Some(made), &[(cloud, text), off], Some((Tool::Netplan, cloud)));
    }

    #[test]
    fn ifupdown_is_known_by_a_stanza_or_as_the_owner_of_a_port() {
        let path = "/etc/network/interfaces";
        check(None, &[(path, "auto eno1\niface eno1 inet dhcp\n")], Some((Tool::Ifupdown, path)));
        check(None, &[(path, "# iface eno1 inet dhcp\niface eno10 inet dhcp\n")], None);
        let bridge = "iface br0 inet manual\n  bridge_ports eno2 eno1\n";
        check(None, &[(path, bridge)], Some((Tool::Ifupdown, path)));
        check(
            None,
            &[(path, "iface br0 inet manual\n  bridge_ports eno10\n  up ip link set eno1 up\n")],
            None,
        );
        let cloud = "/etc/network/interfaces.d/50-cloud-init";
        check(None, &[(cloud, "  iface eno1 inet dhcp\n")], Some((Tool::CloudInit, cloud)));
    }

    #[test]
    fn network_manager_is_known_by_an_active_connection() {
        let state = "/run/NetworkManager/devices/2";
        let active = (state, "[device]\nmanaged=true\nconnection-uuid=a-b\n");
        check(None, &[active], Some((Tool::NetworkManager, state)));
        check(None, &[(state, "[device]\nmanaged=true\n")], None);
        check(None, &[(state, "[device]\nmanaged=false\nconnection-uuid=a-b\n")], None);
        let file = "/etc/NetworkManager/system-connections/up.nmconnection";
        check(None, &[active, (file, "uuid=a-b\n")], Some((Tool::NetworkManager, file)));
    }
}
