//! Device names for disks that have none yet.

use std::collections::BTreeSet;

use super::{Element, XmlError, identity};
use crate::value::Slot;

/// Gives every disk without `target/@dev` the one it has, else the next free one on its bus.
///
/// A disk that comes before others by name so leaves theirs alone.
pub(super) fn fill(devices: &mut Element, present: Option<&Element>) -> Result<(), XmlError> {
    let mut taken: BTreeSet<String> = disks(devices).filter_map(device).collect();
    for disk in open(devices) {
        let known = identity::alias(disk)
            .and_then(|alias| present_device(present, &alias))
            .filter(|it| is_name(it, beginning(disk)) && !taken.contains(it));
        if let Some(known) = known {
            give(disk, &known);
            taken.insert(known);
        }
    }
    let mut rest: Vec<&mut Element> = open(devices).collect();
    rest.sort_by_key(|disk| rank(disk));
    for disk in rest {
        let free = names(beginning(disk)).find(|it| !taken.contains(it)).ok_or(XmlError::Slots)?;
        give(disk, &free);
        taken.insert(free);
    }
    Ok(())
}

/// Returns how the names of disks on its bus begin.
fn beginning(disk: &Element) -> &'static str {
    if disk.of_child("target", "bus") == Some("sata") { "sd" } else { VIRTIO }
}

const VIRTIO: &str = "vd";

fn names(beginning: &str) -> impl Iterator<Item = String> {
    Slot::all().map(move |it| it.to_string().replacen(VIRTIO, beginning, 1))
}

fn is_name(device: &str, beginning: &str) -> bool {
    let letters = device.strip_prefix(beginning);
    letters.is_some_and(|it| format!("{VIRTIO}{it}").parse::<Slot>().is_ok())
}

// The root disk comes first, so that a guest without any history has it as `vda`.
fn rank(disk: &Element) -> (bool, Option<String>) {
    let alias = identity::alias(disk);
    (alias.as_deref() != Some("ua-disk-root"), alias)
}

fn present_device(present: Option<&Element>, alias: &str) -> Option<String> {
    let disk = disks(present?).find(|it| identity::alias(it).as_deref() == Some(alias))?;
    device(disk)
}

fn disks(devices: &Element) -> impl Iterator<Item = &Element> {
    devices.elements().filter(|it| it.name == "disk")
}

fn open(devices: &mut Element) -> impl Iterator<Item = &mut Element> {
    let without = |it: &&mut Element| it.name == "disk" && device(it).is_none();
    devices.elements_mut().filter(without)
}

fn device(disk: &Element) -> Option<String> {
    identity::of(disk, "target", "dev")
}

fn give(disk: &mut Element, device: &str) {
    if let Some(target) = disk.child_mut("target") {
        target.set_attribute("dev", device);
        return;
    }
    let target = Element {
        name: "target".to_owned(),
        attributes: vec![("dev".to_owned(), device.to_owned()), ("bus".to_owned(), "virtio".to_owned())],
        children: Vec::new(),
    };
    disk.children.push(super::Node::Element(target));
}
