//! A network card's files and kernel state.

use minijinja::{Value, context};

use super::{Function, Nic, Udev};
use crate::artifact::link_place;
use crate::render::{Hardware, LinkShape, Output};
use crate::value::{InterfaceName, escape_path};

pub(super) fn render(nic: &Nic, out: &mut Output<'_>) {
    let Udev { rename, vfs, .. } = nic.udev;
    let pf = nic.function.as_ref().map(|it| it.pf.clone());
    let hardware = Hardware { mac: nic.mac, path: nic.path.clone(), renamed: rename, pf, functions: vfs };
    out.link(&nic.name, LinkShape { hardware, ..LinkShape::default() }, &nic.settings);
    if nic.udev != Udev::default() {
        out.file(link_place(&nic.name), "nic.link", context(nic, out.target.systemd));
    }
    if let Some(function) = &nic.function {
        unit(&nic.name, function, out);
    }
}

/// Writes the unit that sets a virtual function up: at boot the device brings it, however late.
fn unit(name: &InterfaceName, function: &Function, out: &mut Output<'_>) {
    let Function { pf, unit } = function;
    let device = format!("{}.device", escape_path(&format!("/sys/subsystem/net/devices/{name}")));
    let context =
        context! { name => name.as_str(), pf => pf.as_str(), binaries => out.target.binaries.clone() };
    out.unit_file(unit, "function.service", context);
    out.wanted_by(&device, unit);
    out.unit_on_link(unit.clone(), name);
}

/// The names that a distribution's own file gives are given here as well: udev takes one file alone for a card.
fn context(nic: &Nic, systemd: u32) -> Value {
    let Udev { rename, wake_on_lan, offloads, vfs, vf } = &nic.udev;
    let offload = |it: &(&'static str, bool)| context! { key => it.0, on => it.1 };
    let line = |it: &(&'static str, String)| context! { key => it.0, value => it.1.as_str() };
    let function = |it: &super::Vf| {
        context! { number => it.number, lines => it.lines.iter().map(line).collect::<Vec<_>>() }
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
