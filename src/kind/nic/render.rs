//! A network card's files and kernel state.

use super::Nic;
use crate::render::{Hardware, LinkShape, Output};

pub(super) fn render(nic: &Nic, out: &mut Output<'_>) {
    let hardware = Hardware { mac: nic.mac, path: nic.path.clone() };
    out.link(&nic.name, LinkShape { hardware, ..LinkShape::default() }, &nic.settings);
}
