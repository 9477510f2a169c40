//! A container's settings, the drop-in of its unit, and the unit that starts it at boot.

use minijinja::context;

use super::{Container, Interface};
use crate::artifact::{Artifact, Id, Place, Purpose, Root, Start, Unit};
use crate::render::Output;
use crate::value::{Capability, InterfaceName, escape_path};

/// Target whose wants start containers.
const TARGET: &str = "multi-user.target";

pub(super) fn render(container: &Container, out: &mut Output<'_>) {
    out.mount(&container.rootfs);
    let settings = Place::new(Root::Nspawn, format!("{}.nspawn", container.name));
    let drop_in = Place::new(Root::Unit, format!("{}.d/50-hostwright.conf", container.unit));
    settings_file(container, settings.clone(), out);
    drop_in_file(container, drop_in.clone(), out);
    let after = container.interfaces.iter().map(|it| Id::Link(it.link().clone())).collect();
    let purpose = Purpose::Container { start: container.start, reads: vec![settings, drop_in] };
    let unit = Unit { name: container.unit.clone(), stop_first: Vec::new(), purpose };
    out.add(after, Artifact::Unit(unit));
    if container.start != Start::Manual {
        let context = context! { name => container.name.as_str(), unit => container.unit.as_str() };
        out.unit_file(&container.starter, "container.service", context);
        out.wanted_by(TARGET, &container.starter);
    }
}

fn settings_file(container: &Container, place: Place, out: &mut Output<'_>) {
    let capabilities: Vec<_> = container.capabilities.iter().map(Capability::as_str).collect();
    let macvlan = |it: &Interface| match it {
        Interface::Macvlan { parent, name: Some(name) } => Some(format!("{parent}:{name}")),
        Interface::Macvlan { parent, name: None } => Some(parent.to_string()),
        Interface::Veth { .. } => None,
    };
    let bridge = |it: &Interface| match it {
        Interface::Veth { bridge } => Some(bridge.to_string()),
        Interface::Macvlan { .. } => None,
    };
    let context = context! {
        capabilities => (!capabilities.is_empty()).then(|| capabilities.join(" ")),
        macvlans => container.interfaces.iter().filter_map(macvlan).collect::<Vec<_>>(),
        bridge => container.interfaces.iter().find_map(bridge),
    };
    out.file(place, "container.nspawn", context);
}

/// Writes the drop-in. It orders the container behind lvm2's blk-availability.service, which at shutdown unmounts and
/// deactivates all volumes: those of a container that still ends would stay, and with them the session of their target.
fn drop_in_file(container: &Container, place: Place, out: &mut Output<'_>) {
    let device = |it: &Interface| {
        format!("{}.device", escape_path(&format!("/sys/subsystem/net/devices/{}", it.link())))
    };
    let needs = container.needs.iter().map(ToString::to_string);
    let context = context! {
        name => container.name.as_str(),
        place => container.rootfs.place().to_string(),
        wants => needs.chain(container.interfaces.iter().map(device)).collect::<Vec<_>>(),
        memory => container.memory,
        cpu_percent => container.cpus.map(|it| u64::from(it) * 100),
    };
    out.file(place, "container.drop-in", context);
}

impl Interface {
    /// Returns the link of the host that it is on.
    const fn link(&self) -> &InterfaceName {
        match self {
            Self::Macvlan { parent, .. } => parent,
            Self::Veth { bridge } => bridge,
        }
    }
}
