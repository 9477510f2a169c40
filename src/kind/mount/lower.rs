//! `[mount.NAME]` to a mount.

use super::Mount;
use super::spec::MountSpec;
use crate::lower::Lower;
use crate::render::When;
use crate::source::Located;
use crate::value::ItemName;

pub(super) fn lower(_: &Located<ItemName>, spec: &MountSpec, cx: &mut Lower<'_>) -> Option<Mount> {
    let when = if spec.on_demand.value { When::OnDemand } else { When::Boot };
    spec.settings.lower(&spec.place, when, &[], cx).map(Mount)
}
