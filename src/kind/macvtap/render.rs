//! A macvtap device's files and kernel state.

use super::Macvtap;
use crate::artifact::LinkForm;
use crate::render::{Hardware, Output};

pub(super) fn render(macvtap: &Macvtap, out: &mut Output<'_>) {
    let form = LinkForm::Macvtap { mode: macvtap.mode, parent: macvtap.parent.clone() };
    out.link(&macvtap.name, form, Some(macvtap.mac), &macvtap.settings, Hardware::default());
}
