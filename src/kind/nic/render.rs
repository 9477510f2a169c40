//! A network card's files and kernel state.

use minijinja::{Value, context};

use super::{Nic, Udev};
use crate::artifact::{FunctionCarrier, FunctionSetting, VirtualFunction, link_place};
use crate::render::{Hardware, LinkShape, Output};

pub(super) fn render(nic: &Nic, out: &mut Output<'_>) {
    let Udev { rename, vfs, .. } = nic.udev;
    let hardware = Hardware {
        mac: nic.mac,
        path: nic.path.clone(),
        renamed: rename,
        functions: vfs,
        virtual_functions: nic.udev.vf.clone(),
    };
    out.link(&nic.name, LinkShape { hardware, ..LinkShape::default() }, &nic.settings);
    if nic.udev != Udev::default() {
        out.file(link_place(&nic.name), "nic.link", context(nic, out.target.systemd));
    }
}

/// The names that a distribution's own file gives are given here as well: udev takes one file alone for a card.
fn context(nic: &Nic, systemd: u32) -> Value {
    let Udev { rename, wake_on_lan, offloads, vfs, vf } = &nic.udev;
    let offload = |it: &(&'static str, bool)| context! { key => it.0, on => it.1 };
    let function = |it: &VirtualFunction| {
        context! { number => it.number, lines => it.settings.iter().copied().map(line).collect::<Vec<_>>() }
    };
    context! {
        mac => nic.mac.map(|it| it.to_string()),
        path => nic.path.as_ref().map(crate::value::PciPath::as_str),
        name => rename.then(|| nic.name.as_str()),
        alternative => if systemd >= 257 { "database onboard slot path mac" } else { "database onboard slot path" },
        wake => (!wake_on_lan.is_empty()).then(|| wake_on_lan.join(" ")),
        offloads => offloads.iter().map(offload).collect::<Vec<_>>(),
        vfs => *vfs,
        functions => vf.iter().map(function).collect::<Vec<_>>(),
    }
}

/// Returns a line of `[SR-IOV]`.
fn line(setting: FunctionSetting) -> Value {
    let yes = |on: bool| if on { "yes" } else { "no" }.to_owned();
    let (key, value) = match setting {
        FunctionSetting::Vlan(id) => ("VLANId", id.map_or_else(|| "0".to_owned(), |it| it.to_string())),
        FunctionSetting::Mac(mac) => ("MACAddress", mac.to_string()),
        FunctionSetting::Trust(on) => ("Trust", yes(on)),
        FunctionSetting::SpoofCheck(on) => ("MACSpoofCheck", yes(on)),
        FunctionSetting::LinkState(FunctionCarrier::Auto) => ("LinkState", "auto".to_owned()),
        FunctionSetting::LinkState(it) => ("LinkState", yes(it == FunctionCarrier::Enable)),
    };
    context! { key, value }
}
