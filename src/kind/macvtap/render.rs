//! A macvtap device's files and kernel state.

use super::Macvtap;
use crate::render::{ANSWERS_FOR_ITSELF, LinkShape, Output, macvlan_device};

pub(super) fn render(macvtap: &Macvtap, out: &mut Output<'_>) {
    let device = macvlan_device("macvtap", &macvtap.parent, macvtap.mode);
    let shape = LinkShape {
        device: Some(device),
        mac: Some(macvtap.mac),
        ipv4_sysctls: ANSWERS_FOR_ITSELF,
        ..LinkShape::default()
    };
    out.link(&macvtap.name, shape, &macvtap.settings);
}
