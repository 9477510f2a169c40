//! Default bridges, as observed, taken away and put back; one file for each that makes them.

mod guests;
mod kept;
mod lxc;

use std::collections::{BTreeMap, BTreeSet};

use hostwright::artifact::DefaultBridge;
use hostwright::observed::{BridgeState, ObservedBridge, ObservedLibvirt};
use hostwright::plan::Action;

use super::Ports;
use super::libvirt::Libvirt;
use crate::failure::{During, Failure};
use crate::layout::Layout;

/// Default bridges of this machine.
#[derive(Debug)]
pub(crate) struct Bridges<'a> {
    /// Ports.
    pub(crate) ports: &'a Ports,
    /// Paths.
    pub(crate) layout: &'a Layout,
}

impl Bridges<'_> {
    /// Looks at each that is asked for.
    ///
    /// # Errors
    /// What could not be read.
    pub(crate) fn observe(
        &self,
        asked: &BTreeSet<DefaultBridge>,
        libvirt: Option<&ObservedLibvirt>,
    ) -> Result<BTreeMap<DefaultBridge, ObservedBridge>, Failure> {
        asked.iter().map(|bridge| Ok((*bridge, self.observe_one(*bridge, libvirt)?))).collect()
    }

    fn observe_one(
        &self,
        bridge: DefaultBridge,
        libvirt: Option<&ObservedLibvirt>,
    ) -> Result<ObservedBridge, Failure> {
        let ports = ports_of(self.layout, bridge);
        let mut users = libvirt.map(|it| guests::users(it, bridge, &ports)).unwrap_or_default();
        let state = match bridge {
            DefaultBridge::Libvirt => libvirt.and_then(guests::state),
            DefaultBridge::Lxc => lxc::state(self)?,
            DefaultBridge::Lxd | DefaultBridge::Incus => None,
        };
        if bridge == DefaultBridge::Lxc {
            users.extend(lxc::users(self.layout)?);
        }
        // A port is somebody's: who it is shows in its name at least.
        if users.is_empty() {
            users.extend(ports.iter().map(|it| format!("port `{it}`")));
        }
        let asked_nobody = bridge == DefaultBridge::Libvirt && libvirt.is_none();
        let unreachable = asked_nobody && link(self.layout, bridge).exists();
        let why = if Libvirt::IS_BUILT { "libvirt cannot be asked" } else { "this build has no libvirt" };
        let unreachable = unreachable.then(|| why.to_owned());
        Ok(ObservedBridge { state, users, kept: kept::read(self.layout, bridge)?, unreachable })
    }

    /// Does one thing to a default bridge.
    ///
    /// # Errors
    /// It is in use, or what stands in the way.
    pub(crate) fn run(&self, action: &Action) -> Result<(), Failure> {
        match action {
            Action::KeepBridge(bridge, state) => kept::write(self.layout, *bridge, state),
            Action::ForgetBridge(bridge) => kept::remove(self.layout, *bridge),
            Action::RemoveBridge(bridge) => self.remove(*bridge),
            Action::RestoreBridge(_, state) => self.restore(state).during(|| action.to_string()),
            _ => Ok(()),
        }
    }

    fn remove(&self, bridge: DefaultBridge) -> Result<(), Failure> {
        let what = || format!("take away default bridge {bridge}");
        match bridge {
            DefaultBridge::Libvirt => self.libvirt(false, false).during(what),
            DefaultBridge::Lxc => {
                self.require_no_ports(bridge).during(what)?;
                lxc::remove(self).during(what)
            }
            DefaultBridge::Lxd | DefaultBridge::Incus => Ok(()),
        }
    }

    fn restore(&self, state: &BridgeState) -> Result<(), Failure> {
        match state {
            BridgeState::Network { active, autostart } => self.libvirt(*active, *autostart),
            BridgeState::Service { active, configuration } => {
                lxc::restore(self, *active, configuration.as_ref())
            }
            BridgeState::Managed { .. } => Ok(()),
        }
    }

    fn libvirt(&self, active: bool, autostart: bool) -> Result<(), Failure> {
        let network = self.ports.libvirt.set_default_network(active, autostart);
        network.during(|| "ask libvirt".to_owned())
    }

    fn require_no_ports(&self, bridge: DefaultBridge) -> Result<(), Failure> {
        let ports = ports_of(self.layout, bridge);
        if ports.is_empty() {
            return Ok(());
        }
        let names = ports.into_iter().collect::<Vec<_>>().join(", ");
        Err(Failure::new(format!("stop {bridge}"), format!("it has ports: {names}")))
    }
}

/// Returns the folder of a bridge's link in sysfs; it is there when the link is.
fn link(layout: &Layout, bridge: DefaultBridge) -> std::path::PathBuf {
    layout.root().join("sys/class/net").join(bridge.link())
}

/// Returns the ports of a bridge; libvirt's own dummy, which gave old bridges their MAC address, is nobody's.
fn ports_of(layout: &Layout, bridge: DefaultBridge) -> BTreeSet<String> {
    let own = format!("{bridge}-nic");
    let Ok(entries) = std::fs::read_dir(link(layout, bridge).join("brif")) else { return BTreeSet::new() };
    let names = entries.flatten().filter_map(|it| it.file_name().into_string().ok());
    names.filter(|it| *it != own).collect()
}
