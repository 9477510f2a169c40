//! `[nic.NAME]` to a network card.

use super::spec::{LinkState, NicSpec, VfSpec};
use super::{Nic, Udev};
use crate::artifact::{FunctionCarrier, FunctionSetting, VirtualFunction};
use crate::diagnostic::{Code, Diagnostic};
use crate::lower::Lower;
use crate::source::{Located, Span};
use crate::spec::{Named, Word};
use crate::value::InterfaceName;

/// systemd that brought virtual functions to .link files.
const VFS_SINCE: u32 = 251;

pub(super) fn lower(name: &Located<InterfaceName>, spec: &NicSpec, cx: &mut Lower<'_>) -> Option<Nic> {
    let expect = spec.expect.as_ref().map(|it| &it.value);
    let mac = expect.and_then(|it| it.mac.as_ref()).map(|it| it.value);
    let path = expect.and_then(|it| it.path.as_ref()).map(|it| it.value.clone());
    let settings = spec.settings.lower(&name.value, cx);
    let vfs = vfs(spec, cx);
    let udev = Udev {
        rename: spec.rename.value,
        wake_on_lan: spec.wake_on_lan.iter().map(|it| it.value.word()).collect(),
        offloads: offloads(spec).into_iter().filter_map(|(it, value)| Some((it, value?.value))).collect(),
        vfs: spec.vfs.as_ref().map(|it| it.value),
        vf: vfs?,
    };
    check_match(spec, &udev, name.span, mac.is_some() || path.is_some(), cx)?;
    Some(Nic { name: name.value.clone(), mac, path, udev, settings: settings? })
}

fn offloads(spec: &NicSpec) -> [(&'static str, Option<Located<bool>>); 7] {
    [
        ("ReceiveChecksumOffload", spec.receive_checksum_offload),
        ("TransmitChecksumOffload", spec.transmit_checksum_offload),
        ("TCPSegmentationOffload", spec.tcp_segmentation_offload),
        ("TCP6SegmentationOffload", spec.tcp6_segmentation_offload),
        ("GenericSegmentationOffload", spec.generic_segmentation_offload),
        ("GenericReceiveOffload", spec.generic_receive_offload),
        ("LargeReceiveOffload", spec.large_receive_offload),
    ]
}

/// Refuses what udev sets where it could not know the card: its name is given by the very same file.
fn check_match(spec: &NicSpec, udev: &Udev, name: Span, known: bool, cx: &mut Lower<'_>) -> Option<()> {
    if known || *udev == Udev::default() {
        return Some(());
    }
    let offload = offloads(spec).into_iter().find_map(|it| it.1.map(|it| it.span));
    let written = [
        ("vfs", spec.vfs.as_ref().map(|it| it.span)),
        ("wake-on-lan", spec.wake_on_lan.first().map(|it| it.span)),
        ("an offload", offload),
        ("rename", udev.rename.then_some(spec.rename.span)),
    ];
    let written = written.into_iter().find_map(|(key, span)| Some((key, span?)));
    let (key, span) = written.unwrap_or(("vf", name));
    let key = if key.contains(' ') { key.to_owned() } else { format!("`{key}`") };
    let message = format!("{key} needs `match`: udev sets it, and finds the card before it has its name");
    let hint =
        "`match = { mac = … }` or `match = { path = … }`; `udevadm info /sys/class/net/NAME` shows both";
    cx.push(Diagnostic::error(Code::MissingKey, span, message).hint(hint));
    None
}

fn vfs(spec: &NicSpec, cx: &mut Lower<'_>) -> Option<Vec<VirtualFunction>> {
    if let Some(vfs) = &spec.vfs {
        cx.since(vfs.span, "SR-IOVVirtualFunctions=", VFS_SINCE)?;
    }
    let count = spec.vfs.as_ref().map_or(0, |it| it.value);
    let vfs: Vec<_> = spec.vf.iter().map(|it| vf(it, count, cx)).collect();
    let mut vfs: Vec<_> = vfs.into_iter().collect::<Option<_>>()?;
    vfs.sort_by_key(|it| it.number);
    Some(vfs)
}

fn vf(named: &Named<VfSpec>, count: u32, cx: &mut Lower<'_>) -> Option<VirtualFunction> {
    let text = named.name.value.as_str();
    let Some(number) = text.parse().ok().filter(|it: &u32| *it < count && it.to_string() == text) else {
        let (message, hint) = if count > 0 {
            let message =
                format!("virtual function `{text}` is not a number below {count}, the card's `vfs`");
            (message, "raise `vfs`, or take the table out")
        } else {
            (format!("virtual function `{text}` needs `vfs`, how many the card makes"), "write `vfs = …`")
        };
        cx.push(Diagnostic::error(Code::InvalidName, named.name.span, message).hint(hint));
        return None;
    };
    Some(VirtualFunction { number, settings: settings(&named.body).into_iter().flatten().collect() })
}

fn settings(spec: &VfSpec) -> [Option<FunctionSetting>; 5] {
    let carrier = |it: &Located<LinkState>| match it.value {
        LinkState::Auto => FunctionCarrier::Auto,
        LinkState::Yes => FunctionCarrier::Enable,
        LinkState::No => FunctionCarrier::Disable,
    };
    [
        spec.vlan.as_ref().map(|it| FunctionSetting::Vlan(Some(it.value))),
        spec.mac.as_ref().map(|it| FunctionSetting::Mac(it.value)),
        spec.trust.as_ref().map(|it| FunctionSetting::Trust(it.value)),
        spec.spoof_check.as_ref().map(|it| FunctionSetting::SpoofCheck(it.value)),
        spec.link_state.as_ref().map(|it| FunctionSetting::LinkState(carrier(it))),
    ]
}
