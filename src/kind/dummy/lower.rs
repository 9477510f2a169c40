//! `[dummy.NAME]` to a dummy link.

use super::Dummy;
use super::spec::DummySpec;
use crate::lower::Lower;
use crate::source::Located;
use crate::value::InterfaceName;

pub(super) fn lower(name: &Located<InterfaceName>, spec: &DummySpec, cx: &mut Lower<'_>) -> Option<Dummy> {
    let settings = spec.settings.lower(&name.value, cx);
    let mac = cx.link_mac(spec.mac.as_ref(), &name.value);
    Some(Dummy { name: name.value.clone(), mac, settings: settings? })
}
