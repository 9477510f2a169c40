//! A VLAN's files and kernel state.

use super::Vlan;
use crate::artifact::{Bytes, Device, Setting};
use crate::render::{LinkShape, Output};

/// `IFLA_VLAN_ID`.
pub(super) const ID: u16 = 1;
/// `IFLA_VLAN_EGRESS_QOS`.
pub(super) const EGRESS_QOS: u16 = 3;
/// `IFLA_VLAN_INGRESS_QOS`.
pub(super) const INGRESS_QOS: u16 = 4;
/// `IFLA_VLAN_PROTOCOL`.
pub(super) const PROTOCOL: u16 = 5;
/// `IFLA_VLAN_QOS_MAPPING`.
const QOS_MAPPING: u16 = 1;
pub(super) const IEEE_802_1Q: [u8; 2] = [0x81, 0x00];

pub(super) fn render(vlan: &Vlan, out: &mut Output<'_>) {
    let settings = vec![
        Setting::fixed("Id", vlan.id, ID, vlan.id.number()),
        Setting::implied("Protocol", PROTOCOL, Bytes(IEEE_802_1Q.to_vec())),
        qos_maps("EgressQOSMaps", EGRESS_QOS, &vlan.egress),
        qos_maps("IngressQOSMaps", INGRESS_QOS, &vlan.ingress),
    ];
    let device = Device {
        kind: "vlan".to_owned(),
        parent: Some(vlan.parent.clone()),
        parent_key: "VLAN".to_owned(),
        section: "VLAN".to_owned(),
        settings,
        summary: format!("id {} on {}", vlan.id, vlan.parent),
    };
    out.link(&vlan.name, LinkShape { device: Some(device), ..LinkShape::default() }, &vlan.settings);
}

/// Writes `struct ifla_vlan_qos_mapping` for each pair; the kernel reports them in the order of their left sides.
fn qos_maps(key: &str, attribute: u16, maps: &[(u32, u32)]) -> Setting {
    if maps.is_empty() {
        return Setting::implied(key, attribute, Bytes::default());
    }
    let pair =
        |(from, to): &(u32, u32)| (QOS_MAPPING, Bytes([from.to_ne_bytes(), to.to_ne_bytes()].concat()));
    let text: Vec<_> = maps.iter().map(|(from, to)| format!("{from}-{to}")).collect();
    let value: Vec<_> = maps.iter().map(pair).collect();
    Setting::fixed(key, text.join(" "), attribute, Bytes::from(value))
}
