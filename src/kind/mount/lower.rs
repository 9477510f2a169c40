//! `[mount.NAME]` to a mount.

use super::Mount;
use super::spec::MountSpec;
use crate::diagnostic::{Code, Diagnostic};
use crate::lower::Lower;
use crate::render::BlockSource;
use crate::source::{Located, Span};
use crate::value::{AbsolutePath, ItemName, UnitName};

/// File systems whose mount checks them: fsck would do nothing or is not there.
const SELF_CHECKING: &[&str] = &["xfs", "btrfs", "f2fs", "zfs", "bcachefs"];

pub(super) fn lower(_: &Located<ItemName>, spec: &MountSpec, cx: &mut Lower<'_>) -> Option<Mount> {
    let device = BlockSource::lower(&spec.source, cx);
    let place = &spec.place;
    let mount = unit(&place.value, "mount", place.span, cx);
    let automount =
        if spec.on_demand.value { Some(unit(&place.value, "automount", place.span, cx)?) } else { None };
    let device = device?;
    let check = check_unit(&device, spec, cx);
    Some(Mount {
        place: place.value.clone(),
        device,
        file_system: spec.file_system.value.clone(),
        options: spec.options.iter().map(|it| it.value.clone()).collect(),
        unit: mount?,
        automount,
        check,
    })
}

fn check_unit(device: &AbsolutePath, spec: &MountSpec, cx: &mut Lower<'_>) -> Option<UnitName> {
    if SELF_CHECKING.contains(&spec.file_system.value.as_str()) {
        return None;
    }
    let escaped = crate::value::escape_path(device.as_str());
    let name = format!("systemd-fsck@{escaped}.service").parse();
    name.map_err(|refusal: String| cx.push(Diagnostic::error(Code::InvalidValue, spec.source.span, refusal)))
        .ok()
}

fn unit(path: &AbsolutePath, suffix: &str, span: Span, cx: &mut Lower<'_>) -> Option<UnitName> {
    UnitName::of_path(path, suffix)
        .map_err(|_| {
            let message = format!("`{path}` is too long for the name of a unit");
            cx.push(Diagnostic::error(Code::InvalidValue, span, message));
        })
        .ok()
}
