//! `lxcbr0`: the service `lxc-net.service`, and the file that says whether it makes the bridge.

use std::collections::BTreeSet;
use std::path::PathBuf;

use hostwright::artifact::{Content, DefaultBridge, File, Place, Root};
use hostwright::observed::{BridgeState, UnitState};
use hostwright::value::UnitName;

use super::super::disk::in_order;
use super::{Bridges, link};
use crate::failure::{During, Failure};
use crate::layout::Layout;

/// The file below `/etc`, which lxc-net reads as shell.
const CONFIGURATION: &str = "default/lxc-net";
/// What lies there while the bridge is kept away.
const AWAY: &str = "# hostwright [host]; do not edit\nUSE_LXC_BRIDGE=\"false\"\n";
const SERVICE: &str = "lxc-net.service";

/// Returns how the bridge stands; absent: lxc is not installed, or the bridge is away.
pub(super) fn state(bridges: &Bridges<'_>) -> Result<Option<BridgeState>, Failure> {
    let Some(service) = service_state(bridges)? else { return Ok(None) };
    let layout = bridges.layout;
    let path = path(layout);
    let what = || format!("read {}", path.display());
    let configuration = hostwright::emit::read(&path).during(what)?;
    // Through a symbolic link, where it is one: as the service reads it.
    let text = match configuration {
        None => String::new(),
        Some(_) => std::fs::read_to_string(&path).during(what)?,
    };
    // The service counts as active, too, where it was told to make nothing.
    let active = service == UnitState::Active && link(layout, DefaultBridge::Lxc).exists();
    Ok((active || makes_bridge(&text)).then_some(BridgeState::Service { active, configuration }))
}

/// Says whether lxc-net makes `lxcbr0`: it does unless told otherwise, or told to give it another name.
fn makes_bridge(configuration: &str) -> bool {
    let last = |name: &str| {
        let mut values =
            configuration.lines().rev().filter_map(|it| it.trim().strip_prefix(name)?.strip_prefix('='));
        values.next().map(|it| it.trim_matches(['"', '\'']))
    };
    let wanted = last("USE_LXC_BRIDGE").is_none_or(|it| it == "true");
    wanted && last("LXC_BRIDGE").is_none_or(|it| it == DefaultBridge::Lxc.link())
}

/// Names the running containers on the bridge: each has an abstract socket and a configuration.
pub(super) fn users(layout: &Layout) -> Result<BTreeSet<String>, Failure> {
    let path = layout.root().join("proc/net/unix");
    let sockets = std::fs::read_to_string(&path).during(|| format!("read {}", path.display()))?;
    let on_bridge = |name: &&str| {
        let path = layout.root().join("var/lib/lxc").join(name).join("config");
        std::fs::read_to_string(path).is_ok_and(|it| names_bridge(&it))
    };
    Ok(running(&sockets).filter(on_bridge).map(|it| format!("container `{it}`")).collect())
}

fn running(sockets: &str) -> impl Iterator<Item = &str> {
    let paths = sockets.lines().filter_map(|it| it.split_whitespace().next_back());
    paths.filter_map(|it| it.strip_prefix("@/var/lib/lxc/")?.strip_suffix("/command"))
}

fn names_bridge(configuration: &str) -> bool {
    let settings = configuration.lines().filter_map(|it| it.split_once('='));
    settings
        .filter(|(key, _)| !key.trim_start().starts_with('#'))
        .any(|(_, value)| value.trim() == DefaultBridge::Lxc.link())
}

/// Stops the service, then tells it to make nothing at the next boot: told so before, it would stop nothing.
pub(super) fn remove(bridges: &Bridges<'_>) -> Result<(), Failure> {
    bridges.ports.systemd.stop(&service())?;
    put(bridges, Some(&Content::Text(AWAY.to_owned())))
}

/// Puts the file back, and starts the service where it ran.
pub(super) fn restore(
    bridges: &Bridges<'_>,
    active: bool,
    configuration: Option<&Content>,
) -> Result<(), Failure> {
    if service_state(bridges)?.is_none() {
        return Ok(());
    }
    let there = link(bridges.layout, DefaultBridge::Lxc).exists();
    // It may count as active without a bridge, and would then not start.
    if there != active {
        bridges.ports.systemd.stop(&service())?;
    }
    put(bridges, configuration)?;
    if active { bridges.ports.systemd.start(&service()) } else { Ok(()) }
}

fn put(bridges: &Bridges<'_>, content: Option<&Content>) -> Result<(), Failure> {
    let path = path(bridges.layout);
    let what = format!("write {}", path.display());
    let content = content.cloned();
    in_order(what.clone(), move || {
        let directory = path.parent().unwrap_or(&path);
        let name = Place::new(Root::Unit, "lxc-net");
        let done = match content {
            Some(content) => hostwright::emit::write(directory, &File { place: name, content }).map(|_| ()),
            None => hostwright::emit::remove(directory, &name.path),
        };
        done.during(|| what)
    })
}

fn path(layout: &Layout) -> PathBuf {
    layout.root().join("etc").join(CONFIGURATION)
}

fn service() -> UnitName {
    SERVICE.parse().expect("the name of a service is a unit name")
}

fn service_state(bridges: &Bridges<'_>) -> Result<Option<UnitState>, Failure> {
    Ok(bridges.ports.systemd.states(&[service()])?.remove(&service()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_as_the_service_reads_it() {
        assert!(makes_bridge(""));
        assert!(makes_bridge("# USE_LXC_BRIDGE=\"false\"\nUSE_LXC_BRIDGE=\"true\"\n"));
        assert!(!makes_bridge("USE_LXC_BRIDGE=\"true\"\nUSE_LXC_BRIDGE=false\n"));
        assert!(!makes_bridge("USE_LXC_BRIDGE='true'\nLXC_BRIDGE=\"br5\"\n"));
        assert!(!makes_bridge(AWAY));
    }

    #[test]
    fn running_containers_are_known_by_their_sockets() {
        let sockets = "Num       RefCount Protocol Flags    Type St Inode Path\n\
            0000: 00000002 00000000 00010000 0001 01 17 @/var/lib/lxc/ct1/command\n\
            0000: 00000002 00000000 00010000 0001 01 18 /run/systemd/notify\n";
        assert_eq!(running(sockets).collect::<Vec<_>>(), ["ct1"]);
        assert!(names_bridge("lxc.net.0.type = veth\nlxc.net.0.link = lxcbr0\n"));
        assert!(!names_bridge("# lxc.net.0.link = lxcbr0\nlxc.net.0.link = br0\n"));
    }
}
