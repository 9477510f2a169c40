//! What a host needs that belongs to no table: networkd is kept from what others own, open-iscsi from our sessions,
//! default bridges are kept away, guests end before their volumes.

use minijinja::context;

use super::Output;
use crate::artifact::{Artifact, DefaultBridge, Id, Place, Root};
use crate::spec::host::DefaultBridges;
use crate::spec::safety::NetworkdRestart;
use crate::template::Template;

pub(super) const TEMPLATES: &[Template] = &[
    ("networkd.conf", include_str!("networkd.conf.j2")),
    ("open-iscsi.service", include_str!("open-iscsi.service.j2")),
    ("networkd.service", include_str!("networkd.service.j2")),
    ("machine.scope", include_str!("machine.scope.j2")),
];

/// Name of the drop-in of networkd.conf.
const PROTECTION: &str = "10-hostwright.conf";

pub(super) fn render(restart: NetworkdRestart, out: &mut Output<'_>) {
    if out.artifacts.links().next().is_some() {
        protect_networkd(restart, out);
    }
    if out.artifacts.targets().next().is_some() {
        keep_sessions(out);
    }
    if out.artifacts.iter().any(|it| matches!(it.artifact, Artifact::Domain(_))) {
        end_guests_first(out);
    }
}

/// Keeps a stop of open-iscsi.service, which package upgrades ask for, from logging out of every target.
fn keep_sessions(out: &mut Output<'_>) {
    let binaries = out.target.binaries.clone();
    let place = Place::new(Root::Unit, "open-iscsi.service.d/50-hostwright.conf");
    out.file(place, "open-iscsi.service", context! { binaries });
}

/// Orders guests behind lvm2's blk-availability.service, which at shutdown deactivates all volumes: those of a guest that
/// still ends would stay, and with them the session of their target. The slice is no place for it: it comes before
/// `basic.target`, and with it every routing daemon that a login waits for.
fn end_guests_first(out: &mut Output<'_>) {
    let place = Place::new(Root::Unit, "machine-.scope.d/50-hostwright.conf");
    out.file(place, "machine.scope", context! {});
}

fn protect_networkd(restart: NetworkdRestart, out: &mut Output<'_>) {
    let systemd = out.target.systemd;
    let place = Place::new(Root::NetworkdConf, PROTECTION);
    out.file(place, "networkd.conf", context! { rules => systemd >= 249, nexthops => systemd >= 256 });
    // networkd opens a socket for each link. At systemd's limit of 1024 a reload finds no file readable, and every link
    // loses its addresses.
    let place = Place::new(Root::Unit, "systemd-networkd.service.d/50-hostwright.conf");
    out.file(place, "networkd.service", context! { refuse => restart == NetworkdRestart::Refuse });
}

/// Adds the bridges that shall not be there; one that a table declares is not among them.
pub(super) fn keep_away(bridges: DefaultBridges, out: &mut Output<'_>) {
    if bridges == DefaultBridges::Leave {
        return;
    }
    for bridge in DefaultBridge::ALL {
        let network = bridge.network().and_then(|it| it.parse().ok()).map(Id::Network);
        if network.is_none_or(|it| out.artifacts.get(&it).is_none()) {
            out.add(Vec::new(), Artifact::Absent(bridge));
        }
    }
}
