//! A VLAN's files and kernel state.

use super::Vlan;
use crate::artifact::LinkForm;
use crate::render::{Hardware, Output};

pub(super) fn render(vlan: &Vlan, out: &mut Output<'_>) {
    let form = LinkForm::Vlan { id: vlan.id, parent: vlan.parent.clone() };
    out.link(&vlan.name, form, None, &vlan.settings, Hardware::default());
}
