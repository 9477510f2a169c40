//! A bridge's files and kernel state.

use super::Bridge;
use crate::artifact::{Device, Port, Setting};
use crate::render::{LinkShape, Output, PortLines};
use crate::value::TimeSpan;

/// `IFLA_BR_FORWARD_DELAY` and what follows it.
pub(super) const FORWARD_DELAY: u16 = 1;
pub(super) const AGEING_TIME: u16 = 4;
pub(super) const STP_STATE: u16 = 5;
pub(super) const PRIORITY: u16 = 6;
pub(super) const VLAN_FILTERING: u16 = 7;
pub(super) const MULTICAST_SNOOPING: u16 = 23;
pub(super) const VLAN_DEFAULT_PVID: u16 = 39;

pub(super) fn render(bridge: &Bridge, out: &mut Output<'_>) {
    let device = Device {
        kind: "bridge".to_owned(),
        parent: None,
        parent_key: String::new(),
        section: "Bridge".to_owned(),
        settings: settings(bridge),
        summary: summary(&bridge.ports),
    };
    let lines = || PortLines { network: vec![("Bridge", bridge.name.to_string())] };
    let shape = LinkShape {
        device: Some(device),
        mac: Some(bridge.mac),
        ports: bridge.ports.iter().map(|it| (it.clone(), lines())).collect(),
        vlans: bridge.vlans.clone(),
        ..LinkShape::default()
    };
    out.link(&bridge.name, shape, &bridge.settings);
}

fn summary(ports: &[Port]) -> String {
    if ports.is_empty() {
        return "no ports".to_owned();
    }
    let names: Vec<_> = ports.iter().map(|it| it.link.to_string()).collect();
    format!("ports {}", names.join(", "))
}

fn settings(bridge: &Bridge) -> Vec<Setting> {
    let mut settings = vec![
        Setting::alterable("STP", yes(bridge.stp), STP_STATE, u32::from(bridge.stp)),
        Setting::alterable("Priority", bridge.priority, PRIORITY, bridge.priority),
        time("ForwardDelaySec", FORWARD_DELAY, bridge.forward_delay),
        time("AgeingTimeSec", AGEING_TIME, bridge.ageing_time),
        Setting::alterable(
            "MulticastSnooping",
            yes(bridge.multicast_snooping),
            MULTICAST_SNOOPING,
            bridge.multicast_snooping,
        ),
        Setting::fixed("VLANFiltering", yes(bridge.vlans.is_some()), VLAN_FILTERING, bridge.vlans.is_some()),
    ];
    if bridge.vlans.is_some() {
        settings.push(Setting::fixed("DefaultPVID", "none", VLAN_DEFAULT_PVID, 0_u16));
    }
    settings
}

const fn yes(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

/// The kernel counts in hundredths of a second.
fn time(key: &str, attribute: u16, value: TimeSpan) -> Setting {
    let milliseconds = value.milliseconds();
    Setting::alterable(key, format!("{milliseconds}ms"), attribute, milliseconds / 10)
}
