//! A VRF's files and kernel state.

use super::Vrf;
use crate::artifact::{Device, Port, Setting, VRF_TABLE};
use crate::render::{LinkShape, Output, PortLines};

pub(super) fn render(vrf: &Vrf, out: &mut Output<'_>) {
    let port = |link: &crate::value::InterfaceName| {
        let lines = PortLines { network: vec![("VRF", vrf.name.to_string())] };
        (Port { link: link.clone(), vlans: None, elected: None }, lines)
    };
    let device = Device {
        kind: "vrf".to_owned(),
        parent: None,
        parent_key: String::new(),
        section: "VRF".to_owned(),
        settings: vec![Setting::fixed("Table", vrf.table, VRF_TABLE, vrf.table)],
        summary: format!("table {}", vrf.table),
    };
    let ports = vrf.ports.iter().map(port).collect();
    let shape = LinkShape { device: Some(device), mac: Some(vrf.mac), ports, ..LinkShape::default() };
    out.link(&vrf.name, shape, &vrf.settings);
}
