//! A macvlan device's files and kernel state.

use super::Macvlan;
use crate::render::{ANSWERS_FOR_ITSELF, LinkShape, Output, macvlan_device};

pub(super) fn render(macvlan: &Macvlan, out: &mut Output<'_>) {
    let device = macvlan_device("macvlan", &macvlan.parent, macvlan.mode);
    let shape = LinkShape {
        device: Some(device),
        mac: Some(macvlan.mac),
        ipv4_sysctls: ANSWERS_FOR_ITSELF,
        ..LinkShape::default()
    };
    out.link(&macvlan.name, shape, &macvlan.settings);
}
