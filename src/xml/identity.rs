//! Which element here is the same thing as which element there.

use super::Element;

/// Reads a name that a thing keeps while other parts of it change.
pub(super) type Handle = fn(&Element) -> Option<String>;

/// Says whether two elements of a definition are the same thing, so that they can be compared.
pub(super) fn same(set: &Element, present: &Element) -> bool {
    if set.name != present.name {
        return false;
    }
    if set.name == "controller" {
        return same_controller(set, present);
    }
    let handle = handles(&set.name).iter().find_map(|it| Some((it, it(set)?)));
    handle.is_none_or(|(handle, name)| handle(present).as_ref() == Some(&name))
}

/// Returns the name of a thing for messages: `vda`.
pub(super) fn name(element: &Element) -> Option<String> {
    if element.name == "controller" {
        let type_ = element.attribute("type")?;
        let number = element.attribute("index").or_else(|| element.attribute("model"));
        return Some(number.map_or_else(|| type_.to_owned(), |it| format!("{type_} {it}")));
    }
    handles(&element.name).iter().find_map(|it| it(element))
}

fn same_controller(set: &Element, present: &Element) -> bool {
    let equal = |name| set.attribute(name) == present.attribute(name);
    let index = set.attribute("index").is_none() || equal("index");
    let model = set.attribute("index").is_some() || set.attribute("model").is_none();
    equal("type") && index && (model || equal("model"))
}

// The first handle that hostwright has set decides.
fn handles(name: &str) -> &'static [Handle] {
    match name {
        "disk" => &[|it| of(it, "target", "dev"), alias],
        "interface" => &[mac, alias, |it| it.attribute("dev").map(str::to_owned)],
        "channel" => &[|it| of(it, "target", "name")],
        "serial" | "console" => &[|it| of(it, "target", "port")],
        "filesystem" => &[|it| of(it, "target", "dir")],
        "hostdev" => &[source_address],
        "timer" | "feature" => &[|it| it.attribute("name").map(str::to_owned)],
        _ => &[],
    }
}

/// Reads a user alias.
pub(super) fn alias(element: &Element) -> Option<String> {
    of(element, "alias", "name").filter(|it| it.starts_with("ua-"))
}

/// Reads a MAC address.
pub(super) fn mac(element: &Element) -> Option<String> {
    of(element, "mac", "address").map(|it| it.to_ascii_lowercase())
}

/// Reads an attribute of a child.
pub(super) fn of(element: &Element, child: &str, attribute: &str) -> Option<String> {
    element.of_child(child, attribute).map(str::to_owned)
}

fn source_address(element: &Element) -> Option<String> {
    let address = element.child("source")?.child("address")?;
    let part = |name| address.attribute(name).unwrap_or("0x0").to_owned();
    let parts = ["domain", "bus", "slot", "function"].map(part);
    let number = |it: &String| u32::from_str_radix(it.trim_start_matches("0x"), 16).ok();
    let [Some(domain), Some(bus), Some(slot), Some(function)] = parts.each_ref().map(number) else {
        return None;
    };
    Some(format!("{domain:04x}:{bus:02x}:{slot:02x}.{function:x}"))
}
