//! A dummy link's files and kernel state.

use super::Dummy;
use crate::artifact::Device;
use crate::render::{LinkShape, Output};

pub(super) fn render(dummy: &Dummy, out: &mut Output<'_>) {
    let device = Device {
        kind: "dummy".to_owned(),
        parent: None,
        parent_key: String::new(),
        section: String::new(),
        settings: Vec::new(),
        summary: "no wire".to_owned(),
    };
    let shape = LinkShape { device: Some(device), mac: Some(dummy.mac), ..LinkShape::default() };
    out.link(&dummy.name, shape, &dummy.settings);
}
