//! `[vrf.NAME]` to a VRF.

use super::Vrf;
use super::spec::VrfSpec;
use crate::diagnostic::{Code, Diagnostic};
use crate::lower::Lower;
use crate::source::Located;
use crate::value::InterfaceName;

/// Tables `default`, `main` and `local`.
const OF_THE_KERNEL: std::ops::RangeInclusive<u32> = 253..=255;

pub(super) fn lower(name: &Located<InterfaceName>, spec: &VrfSpec, cx: &mut Lower<'_>) -> Option<Vrf> {
    let settings = spec.settings.lower(&name.value, cx);
    if OF_THE_KERNEL.contains(&spec.table.value) {
        let message = format!(
            "table {} is one of the kernel's own, 253 to 255: a VRF has one for itself",
            spec.table.value
        );
        cx.push(Diagnostic::error(Code::InvalidValue, spec.table.span, message));
        return None;
    }
    Some(Vrf {
        name: name.value.clone(),
        table: spec.table.value,
        ports: spec.ports.iter().map(|it| it.value.0.clone()).collect(),
        mac: cx.link_mac(spec.mac.as_ref(), &name.value),
        settings: settings?,
    })
}
