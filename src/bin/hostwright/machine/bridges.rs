//! Default bridges, as observed, taken away and put back; one file for each that makes them.

mod guests;
mod kept;
mod lxc;
mod managed;
mod rest;

use std::collections::{BTreeMap, BTreeSet};

use hostwright::artifact::DefaultBridge;
use hostwright::observed::{BridgeState, ObservedBridge, ObservedLibvirt};
use hostwright::plan::Action;

use managed::Daemon;

use super::Ports;
use super::disk::in_order;
use super::libvirt::{LIMIT, Libvirt};
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
        let mut observed = self.of_maker(bridge, libvirt)?;
        observed.stopped = libvirt.map(|it| guests::stopped(it, bridge)).unwrap_or_default();
        observed.users.extend(libvirt.map(|it| guests::users(it, bridge, &ports)).unwrap_or_default());
        // A port is somebody's: who it is shows in its name at least.
        if observed.users.is_empty() {
            observed.users.extend(ports.iter().map(|it| format!("port `{it}`")));
        }
        observed.unreachable = observed.unreachable.filter(|_| link(self.layout, bridge).exists());
        observed.kept = kept::read(self.layout, bridge)?;
        Ok(observed)
    }

    /// Returns what the maker of a bridge says of it.
    fn of_maker(
        &self,
        bridge: DefaultBridge,
        libvirt: Option<&ObservedLibvirt>,
    ) -> Result<ObservedBridge, Failure> {
        let mut observed = ObservedBridge::default();
        match (bridge, libvirt) {
            (DefaultBridge::Libvirt, Some(libvirt)) => observed.state = guests::state(libvirt),
            (DefaultBridge::Libvirt, None) if Libvirt::IS_BUILT => {
                observed.unreachable = Some("libvirt does not answer".to_owned());
            }
            (DefaultBridge::Libvirt, None) => {
                observed.unreachable = Some("this build has no libvirt".to_owned());
            }
            (DefaultBridge::Lxc, _) => {
                observed.state = lxc::state(self)?;
                observed.users = lxc::users(self.layout)?;
            }
            (DefaultBridge::Lxd | DefaultBridge::Incus, _) => {
                let Some(daemon) = Daemon::with_bridge(self.layout, bridge) else { return Ok(observed) };
                match daemon.state().and_then(|state| Ok((state, daemon.users()?))) {
                    Ok((state, users)) => (observed.state, observed.users) = (state, users),
                    Err(failure) => observed.unreachable = Some(failure.to_string()),
                }
            }
        }
        Ok(observed)
    }

    /// Does one thing to a default bridge.
    ///
    /// # Errors
    /// It is in use, or what stands in the way.
    pub(crate) fn run(&self, action: &Action) -> Result<(), Failure> {
        match action {
            Action::KeepBridge(bridge, state) => {
                let (layout, bridge, state) = (self.layout.clone(), *bridge, state.clone());
                in_order(action.to_string(), move || kept::write(&layout, bridge, &state))
            }
            Action::ForgetBridge(bridge) => {
                let (layout, bridge) = (self.layout.clone(), *bridge);
                in_order(action.to_string(), move || kept::remove(&layout, bridge))
            }
            Action::RemoveBridge(bridge) => self.remove(*bridge),
            Action::RestoreBridge(bridge, state) => {
                self.restore(*bridge, state).during(|| action.to_string())
            }
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
            DefaultBridge::Lxd | DefaultBridge::Incus => {
                self.require_no_ports(bridge).during(what)?;
                Daemon::find(self.layout, bridge).map_or(Ok(()), |it| it.remove()).during(what)
            }
        }
    }

    /// Where the package is gone there is nothing to put back.
    fn restore(&self, bridge: DefaultBridge, state: &BridgeState) -> Result<(), Failure> {
        match state {
            BridgeState::Network { active, autostart } => self.libvirt(*active, *autostart),
            BridgeState::Service { active, configuration } => {
                lxc::restore(self, *active, configuration.as_ref())
            }
            BridgeState::Managed { network, devices } => {
                Daemon::find(self.layout, bridge).map_or(Ok(()), |it| it.restore(network, devices))
            }
        }
    }

    fn libvirt(&self, active: bool, autostart: bool) -> Result<(), Failure> {
        let set = move |it: &Libvirt| it.set_default_network(active, autostart);
        self.ports.patience.act(LIMIT, set).during(|| "ask libvirt".to_owned())
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
