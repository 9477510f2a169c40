//! A network card's files and kernel state.

use super::Nic;
use crate::artifact::LinkForm;
use crate::render::{Hardware, Output};

pub(super) fn render(nic: &Nic, out: &mut Output<'_>) {
    let hardware = Hardware { mac: nic.mac, path: nic.path.clone() };
    out.link(&nic.name, LinkForm::Physical, None, &nic.settings, hardware);
}
