//! `[macvtap.NAME]` to a macvtap device.

use super::Macvtap;
use super::spec::MacvtapSpec;
use crate::lower::Lower;
use crate::source::Located;
use crate::value::InterfaceName;

pub(super) fn lower(
    name: &Located<InterfaceName>,
    spec: &MacvtapSpec,
    cx: &mut Lower<'_>,
) -> Option<Macvtap> {
    let settings = spec.settings.lower(&name.value, cx);
    let mac = cx.link_mac(spec.mac.as_ref(), &name.value);
    Some(Macvtap {
        name: name.value.clone(),
        mode: spec.mode.value,
        parent: spec.parent.value.0.clone(),
        mac,
        settings: settings?,
    })
}
