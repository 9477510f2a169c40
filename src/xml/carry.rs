//! Places of devices in the guest, kept over a new definition.

use super::identity::{self, Handle};
use super::{Element, Node};

/// Gives every device that is still there the address it has, and keeps the PCI controllers that
/// such addresses name.
pub(super) fn addresses(devices: &mut Element, present: &Element) {
    let wanted = devices.clone();
    let mut left: Vec<&Element> = present.elements().collect();
    for device in devices.elements_mut() {
        let Some(index) = counterpart(device, &wanted, &left) else {
            continue;
        };
        let found = left.remove(index);
        if is_pci(device) && device.attribute("model") != found.attribute("model") {
            // Addresses on this bus were given for what it is, not for what it might become.
            found.clone_into(device);
        }
        place(device, found);
    }
    keep_controllers(devices, left);
}

fn place(device: &mut Element, found: &Element) {
    if is_pci(device) && device.attribute("index").is_none() {
        let index = found.attribute("index").unwrap_or_default();
        device.set_attribute("index", index);
    }
    if device.child("address").is_none() && fits(device, found) {
        let address = found.child("address").cloned();
        device.children.extend(address.map(Node::Element));
    }
}

// A device that hangs on another bus now needs another form of address.
fn fits(device: &Element, found: &Element) -> bool {
    let hangs_alike = agrees(bus(device), bus(found));
    hangs_alike && agree(device, found, &["model", "bus"])
}

fn bus(device: &Element) -> Option<&str> {
    device.of_child("target", "bus")
}

fn agree(set: &Element, present: &Element, names: &[&str]) -> bool {
    names.iter().all(|it| agrees(set.attribute(it), present.attribute(it)))
}

fn agrees(set: Option<&str>, present: Option<&str>) -> bool {
    set.is_none() || present.is_none() || set == present
}

fn counterpart(device: &Element, wanted: &Element, left: &[&Element]) -> Option<usize> {
    if device.name == "controller" {
        return left.iter().position(|it| is_controller(device, it, wanted));
    }
    let handles = handles(&device.name);
    if handles.is_empty() {
        return left
            .iter()
            .position(|it| it.name == device.name && agree(device, it, &["type", "bus", "model"]));
    }
    let by = |handle: &Handle| {
        let name = handle(device)?;
        let same = |it: &&Element| it.name == device.name && handle(it).as_ref() == Some(&name);
        left.iter().position(same)
    };
    handles.iter().find_map(by)
}

fn is_controller(device: &Element, found: &Element, wanted: &Element) -> bool {
    if !identity::same(device, found) {
        return false;
    }
    // One without index shall not take the place of one that has it.
    let index = found.attribute("index");
    let claims = |it: &Element| {
        it.attribute("index").is_some() && it.attribute("index") == index && identity::same(it, found)
    };
    device.attribute("index").is_some() || !wanted.elements().any(claims)
}

fn handles(name: &str) -> &'static [Handle] {
    match name {
        "disk" => &[identity::alias, source, |it| identity::of(it, "target", "dev")],
        "interface" => &[identity::alias, identity::mac],
        "channel" => &[|it| identity::of(it, "target", "name")],
        "filesystem" => &[|it| identity::of(it, "target", "dir")],
        "hostdev" => &[identity::name],
        _ => &[],
    }
}

fn source(disk: &Element) -> Option<String> {
    let source = disk.child("source")?;
    let path = source.attribute("dev").or_else(|| source.attribute("file"))?;
    Some(path.to_owned())
}

fn is_pci(element: &Element) -> bool {
    element.name == "controller" && element.attribute("type") == Some("pci")
}

fn keep_controllers(devices: &mut Element, left: Vec<&Element>) {
    let kept = left.into_iter().filter(|it| is_pci(it));
    let last = |node: &Node| matches!(node, Node::Element(it) if it.name == "controller");
    let end = devices.children.iter().rposition(last);
    let at = end.map_or(devices.children.len(), |it| it + 1);
    let nodes: Vec<Node> = kept.cloned().map(Node::Element).collect();
    devices.children.splice(at..at, nodes);
}
