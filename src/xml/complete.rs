//! A definition that leaves everything in the guest where it is.

use super::{Element, XmlError, carry, normal, slots};

/// Completes a domain from the spec with what the present inactive definition says: names of disks
/// that have none, the version of the machine, addresses of devices, and PCI controllers.
///
/// A disk's identity is its user alias, `ua-disk-root`; without history that one is `vda`, the
/// others follow by name. What has already been completed stays as it is.
///
/// # Errors
/// One of the texts is not well-formed XML, or there are more disks than names.
pub fn complete(wanted: &str, present: Option<&str>) -> Result<String, XmlError> {
    let mut wanted = Element::parse(wanted)?;
    let present = present.map(Element::parse).transpose()?;
    let found = present.as_ref().and_then(|it| it.child("devices"));
    if let Some(devices) = wanted.child_mut("devices") {
        slots::fill(devices, found)?;
    }
    if let Some(present) = &present {
        carry_over(&mut wanted, present);
    }
    wanted.write()
}

fn carry_over(wanted: &mut Element, present: &Element) {
    // Addresses of one chipset name places that another does not have.
    if family(wanted) != family(present) {
        return;
    }
    keep_version(wanted, present);
    if let (Some(devices), Some(found)) = (wanted.child_mut("devices"), present.child("devices")) {
        carry::addresses(devices, found);
    }
}

fn keep_version(wanted: &mut Element, present: &Element) {
    let version = machine(present).to_owned();
    let alias = machine(wanted).to_owned();
    let type_ = wanted.child_mut("os").and_then(|it| it.child_mut("type"));
    if let Some(type_) = type_.filter(|_| normal::is_alias_of(&alias, &version)) {
        type_.set_attribute("machine", &version);
    }
}

fn machine(domain: &Element) -> &str {
    let type_ = domain.child("os").and_then(|it| it.child("type"));
    type_.and_then(|it| it.attribute("machine")).unwrap_or_default()
}

fn family(domain: &Element) -> &str {
    let machine = machine(domain);
    let families = ["q35", "pc"].into_iter();
    let mut matching = families.filter(|it| *it == machine || normal::is_alias_of(it, machine));
    matching.next().unwrap_or(machine)
}

#[cfg(test)]
mod tests {
    use super::super::missing;
    use super::super::samples::{PRESENT, disk, wanted};
    use super::*;

    fn completed(wanted: &str, present: Option<&str>) -> Element {
        let text = complete(wanted, present).expect("well-formed");
        Element::parse(&text).expect("well-formed")
    }

    fn devices(domain: &Element) -> Vec<&Element> {
        let devices = domain.child("devices").expect("a domain has devices");
        devices.elements().collect()
    }

    fn slots(domain: &Element) -> Vec<(&str, &str)> {
        let disks = devices(domain).into_iter().filter(|it| it.name == "disk");
        disks.filter_map(|it| Some((it.of_child("source", "dev")?, it.of_child("target", "dev")?))).collect()
    }

    fn bus<'a>(domain: &'a Element, name: &str) -> Option<&'a str> {
        let device = devices(domain).into_iter().find(|it| it.name == name)?;
        device.of_child("address", "bus")
    }

    #[test]
    fn names_follow_the_root_disk_and_the_alphabet() {
        let disks = ["log", "data", "root", "fixed"];
        let written = disks.map(|it| disk(it, if it == "fixed" { " dev='vdb'" } else { "" }));
        let domain = completed(&wanted("q35", &written.concat()), None);
        let expected = [
            ("/dev/vg/log", "vdd"),
            ("/dev/vg/data", "vdc"),
            ("/dev/vg/root", "vda"),
            ("/dev/vg/fixed", "vdb"),
        ];
        assert_eq!(slots(&domain), expected);
    }

    #[test]
    fn a_new_disk_moves_nothing() {
        let disks = [disk("another", ""), disk("root", "")].concat();
        let domain = completed(&wanted("q35", &disks), Some(PRESENT));
        assert_eq!(slots(&domain), [("/dev/vg/another", "vdb"), ("/dev/vg/root", "vda")]);
        assert_eq!(machine(&domain), "pc-q35-7.2");
        assert_eq!(bus(&domain, "disk"), None);
        assert_eq!(devices(&domain)[1].of_child("address", "bus"), Some("0x03"));
        assert_eq!(bus(&domain, "interface"), Some("0x01"));
        assert_eq!(bus(&domain, "memballoon"), Some("0x04"));
        assert_eq!(bus(&domain, "rng"), Some("0x05"));
        let ports = devices(&domain).into_iter();
        let ports = ports.filter(|it| it.attribute("model") == Some("pcie-root-port"));
        assert_eq!(ports.filter(|it| it.child("address").is_some()).count(), 2);
    }

    #[test]
    fn a_written_name_wins_over_history() {
        let disks = [disk("root", ""), disk("swap", " dev='vda'")].concat();
        let domain = completed(&wanted("q35", &disks), Some(PRESENT));
        assert_eq!(slots(&domain), [("/dev/vg/root", "vdb"), ("/dev/vg/swap", "vda")]);
    }

    #[test]
    fn drives_on_another_bus_have_names_of_their_own() {
        let cd = |name: &str| disk(name, "").replace("bus='virtio'", "bus='sata'");
        let first = completed(&wanted("q35", &[disk("root", ""), cd("seed")].concat()), None);
        assert_eq!(slots(&first), [("/dev/vg/root", "vda"), ("/dev/vg/seed", "sda")]);
        let present = first.write().expect("it is written");
        let more = [disk("root", ""), cd("drivers"), cd("seed")].concat();
        let expected = [("/dev/vg/root", "vda"), ("/dev/vg/drivers", "sdb"), ("/dev/vg/seed", "sda")];
        assert_eq!(slots(&completed(&wanted("q35", &more), Some(&present))), expected);
    }

    #[test]
    fn another_chipset_starts_anew() {
        let domain = completed(&wanted("pc", &disk("root", "")), Some(PRESENT));
        assert_eq!(machine(&domain), "pc");
        assert_eq!(bus(&domain, "rng"), None);
    }

    #[test]
    fn a_bridge_stays_where_a_port_is_wanted() {
        let port = "index='1' model='pcie-root-port'";
        let present = PRESENT.replace(port, "index='1' model='pcie-to-pci-bridge'");
        let domain = completed(&wanted("q35", ""), Some(&present));
        let bridge =
            devices(&domain).into_iter().find(|it| it.attribute("model") == Some("pcie-to-pci-bridge"));
        assert!(bridge.is_some_and(|it| it.child("address").is_some()));
    }

    #[test]
    fn a_balloon_switched_off_takes_no_place() {
        let without = wanted("q35", "")
            .replace("<memballoon model='virtio' autodeflate='on'/>", "<memballoon model='none'/>");
        assert_eq!(bus(&completed(&without, Some(PRESENT)), "memballoon"), None);
    }

    #[test]
    fn completion_is_stable_for_every_set_of_disks() {
        let pool = ["root", "a", "z", "data"];
        for chosen in 0..1_u32 << pool.len() {
            let disks = pool.iter().enumerate();
            let disks = disks.filter(|(bit, _)| chosen >> bit & 1 == 1);
            let disks: String = disks.map(|(_, name)| disk(name, "")).collect();
            let wanted = wanted("q35", &disks);
            for present in [None, Some(PRESENT)] {
                let once = complete(&wanted, present).expect("well-formed");
                assert_eq!(complete(&wanted, Some(&once)), Ok(once.clone()));
                assert_eq!(complete(&once, present), Ok(once.clone()));
                assert_eq!(missing(&once, &once), Ok(Vec::new()));
            }
        }
    }
}
