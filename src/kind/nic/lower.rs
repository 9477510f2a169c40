//! `[nic.NAME]` to a network card.

use super::Nic;
use super::spec::NicSpec;
use crate::lower::Lower;
use crate::source::Located;
use crate::value::InterfaceName;

pub(super) fn lower(name: &Located<InterfaceName>, spec: &NicSpec, cx: &mut Lower<'_>) -> Option<Nic> {
    let expect = spec.expect.as_ref().map(|it| &it.value);
    let settings = spec.settings.lower(&name.value, cx);
    Some(Nic {
        name: name.value.clone(),
        mac: expect.and_then(|it| it.mac.as_ref()).map(|it| it.value),
        path: expect.and_then(|it| it.path.as_ref()).map(|it| it.value.clone()),
        settings: settings?,
    })
}
