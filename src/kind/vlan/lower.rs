//! `[vlan.NAME]` to a VLAN.

use super::Vlan;
use super::spec::VlanSpec;
use crate::lower::Lower;
use crate::source::Located;
use crate::value::InterfaceName;

pub(super) fn lower(name: &Located<InterfaceName>, spec: &VlanSpec, cx: &mut Lower<'_>) -> Option<Vlan> {
    let settings = spec.settings.lower(&name.value, cx);
    Some(Vlan {
        name: name.value.clone(),
        id: spec.id.value,
        parent: spec.parent.value.0.clone(),
        settings: settings?,
    })
}
