//! A macvlan device's files and kernel state.

use super::Macvlan;
use crate::render::{LinkShape, Output, macvlan_device};

pub(super) fn render(macvlan: &Macvlan, out: &mut Output<'_>) {
    let device = macvlan_device("macvlan", &macvlan.parent, macvlan.mode);
    let shape = LinkShape { device: Some(device), mac: Some(macvlan.mac), ..LinkShape::default() };
    out.link(&macvlan.name, shape, &macvlan.settings);
}
