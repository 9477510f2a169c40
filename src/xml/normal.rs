//! When two writings of a value mean the same to libvirt.

use super::Element;

/// Says whether an element holds an amount of memory with a unit.
pub(super) fn is_memory(element: &Element) -> bool {
    let named = ["memory", "currentMemory", "maxMemory"].contains(&element.name.as_str());
    named && !element.text().is_empty()
}

/// Says whether an attribute's values mean the same.
pub(super) fn same_attribute(element: &str, attribute: &str, set: &str, present: &str) -> bool {
    if set == present || truth(set).is_some_and(|it| truth(present) == Some(it)) {
        return true;
    }
    match (element, attribute) {
        ("mac", "address") => set.eq_ignore_ascii_case(present),
        ("type", "machine") => is_alias_of(set, present),
        _ => same_number(set, present),
    }
}

/// Says whether an element's texts mean the same.
pub(super) fn same_text(set: &Element, present: &Element) -> bool {
    let (written, found) = (set.text(), present.text());
    if is_memory(set) {
        return bytes(set).is_some_and(|it| bytes(present) == Some(it));
    }
    written == found || (set.name == "uuid" && written.eq_ignore_ascii_case(&found))
}

/// Says whether a machine is an alias, and another what it stands for.
pub(super) fn is_alias_of(alias: &str, machine: &str) -> bool {
    match alias {
        "q35" => machine.starts_with("pc-q35-"),
        "pc" => machine.starts_with("pc-i440fx-"),
        _ => false,
    }
}

fn truth(value: &str) -> Option<bool> {
    match value {
        "on" | "yes" => Some(true),
        "off" | "no" => Some(false),
        _ => None,
    }
}

// Two decimal numbers that differ as texts are left alone: one may be a name with a leading zero.
fn same_number(set: &str, present: &str) -> bool {
    let hexadecimal = set.starts_with("0x") || present.starts_with("0x");
    hexadecimal && number(set).is_some_and(|it| number(present) == Some(it))
}

fn number(value: &str) -> Option<u64> {
    match value.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => value.parse().ok(),
    }
}

fn bytes(memory: &Element) -> Option<u128> {
    let amount: u128 = memory.text().parse().ok()?;
    let factor: u128 = match memory.attribute("unit").unwrap_or("KiB") {
        "b" | "bytes" => 1,
        "KB" => 1000,
        "k" | "K" | "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "M" | "MiB" => 1 << 20,
        "GB" => 1_000_000_000,
        "G" | "GiB" => 1 << 30,
        "TB" => 1_000_000_000_000,
        "T" | "TiB" => 1 << 40,
        _ => return None,
    };
    amount.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes() {
        assert!(same_attribute("mac", "address", "52:54:00:AA:00:01", "52:54:00:aa:00:01"));
        assert!(same_attribute("address", "bus", "5", "0x05"));
        assert!(same_attribute("log", "append", "yes", "on"));
        assert!(same_attribute("type", "machine", "q35", "pc-q35-7.2"));
        assert!(!same_attribute("type", "machine", "pc-q35-7.2", "q35"));
        assert!(!same_attribute("type", "machine", "pc-q35-7.2", "pc-q35-10.0"));
        assert!(!same_attribute("target", "port", "01", "1"));
    }

    #[test]
    fn memory() {
        let element = |text| Element::parse(text).expect("well-formed");
        let set = element("<memory unit='GiB'>4</memory>");
        assert!(same_text(&set, &element("<memory>4194304</memory>")));
        assert!(!same_text(&set, &element("<memory>4194303</memory>")));
    }
}
