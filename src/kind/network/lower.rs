//! `[network.NAME]` to a libvirt network.

use super::Network;
use super::spec::NetworkSpec;
use crate::lower::Lower;
use crate::source::Located;
use crate::value::ItemName;

#[expect(clippy::unnecessary_wraps, reason = "kinds are lowered alike")]
pub(super) fn lower(name: &Located<ItemName>, spec: &NetworkSpec, cx: &mut Lower<'_>) -> Option<Network> {
    let parent = spec.macvtap.value.parent.value.0.clone();
    Some(Network {
        name: name.value.clone(),
        uuid: cx.written_uuid(spec.uuid.as_ref(), "network", name.value.as_str()),
        parent,
    })
}
