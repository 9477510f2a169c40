//! A macvtap device's files and kernel state.

use super::Macvtap;
use crate::render::{LinkShape, Output, macvlan_device};

pub(super) fn render(macvtap: &Macvtap, out: &mut Output<'_>) {
    let device = macvlan_device("macvtap", &macvtap.parent, macvtap.mode);
    let shape = LinkShape { device: Some(device), mac: Some(macvtap.mac), ..LinkShape::default() };
    out.link(&macvtap.name, shape, &macvtap.settings);
}
