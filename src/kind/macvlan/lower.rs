//! `[macvlan.NAME]` to a macvlan device.

use super::Macvlan;
use super::spec::MacvlanSpec;
use crate::lower::Lower;
use crate::source::Located;
use crate::value::InterfaceName;

pub(super) fn lower(
    name: &Located<InterfaceName>,
    spec: &MacvlanSpec,
    cx: &mut Lower<'_>,
) -> Option<Macvlan> {
    let settings = spec.settings.lower(&name.value, cx);
    Some(Macvlan {
        name: name.value.clone(),
        mode: spec.mode.value,
        parent: spec.parent.value.0.clone(),
        mac: cx.link_mac(spec.mac.as_ref(), &name.value),
        settings: settings?,
    })
}
