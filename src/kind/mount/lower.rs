//! `[mount.NAME]` to a mount.

use super::Mount;
use super::spec::MountSpec;
use crate::lower::Lower;
use crate::render::When;
use crate::source::Located;
use crate::value::ItemName;

pub(super) fn lower(name: &Located<ItemName>, spec: &MountSpec, cx: &mut Lower<'_>) -> Option<Mount> {
    cx.needs_guests_systemd(name.span, "mounts")?;
    let needs: Vec<_> = spec.needs.iter().filter_map(|it| cx.dependency(&it.value)).collect();
    let when = if spec.on_demand.value { When::OnDemand } else { When::Boot };
    spec.settings.lower(&spec.place, when, &needs, cx).map(Mount)
}
