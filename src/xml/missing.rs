//! What hostwright has set and is not there: the only comparison that libvirt's upgrades leave true.

use super::mark::only_mark;
use super::{Element, XmlError, identity, normal};

/// Compares every element, attribute and text that hostwright set with what is there, a line for
/// each that is missing or differs, and for each disk and interface that hostwright did not set.
///
/// What libvirt or an administrator added besides is no difference.
///
/// # Errors
/// One of the texts is not well-formed XML.
pub fn missing(set: &str, present: &str) -> Result<Vec<String>, XmlError> {
    let (set, present) = (Element::parse(set)?, Element::parse(present)?);
    if set.name != present.name {
        return Ok(vec![format!("{}: found {}", set.name, present.name)]);
    }
    Ok(differences(&set, &present, ""))
}

fn differences(set: &Element, present: &Element, path: &str) -> Vec<String> {
    if set.name == "metadata" {
        return children(&only_mark(set), &only_mark(present), path);
    }
    let mut lines = attributes(set, present, path);
    lines.extend(text(set, present, path));
    lines.extend(children(set, present, path));
    lines
}

fn attributes(set: &Element, present: &Element, path: &str) -> Vec<String> {
    let unit = normal::is_memory(set);
    let owned = set.attributes.iter().filter(|(name, _)| !(unit && name == "unit"));
    let difference = |(name, value): &(String, String)| {
        let place = join(path, &format!("@{name}"));
        match present.attribute(name) {
            Some(found) if normal::same_attribute(&set.name, name, value, found) => None,
            Some(found) => Some(format!("{place}: set {value}, found {found}")),
            None => Some(format!("{place}: set {value}, not there")),
        }
    };
    owned.filter_map(difference).collect()
}

fn text(set: &Element, present: &Element, path: &str) -> Option<String> {
    let written = set.text();
    if written.is_empty() || normal::same_text(set, present) {
        return None;
    }
    let unit = |it: &Element| {
        let unit = it.attribute("unit").filter(|_| normal::is_memory(it));
        unit.map(|unit| format!(" {unit}")).unwrap_or_default()
    };
    Some(match present.text() {
        found if found.is_empty() => format!("{path}: set {written}{}, not there", unit(set)),
        found => format!("{path}: set {written}{}, found {found}{}", unit(set), unit(present)),
    })
}

fn children(set: &Element, present: &Element, path: &str) -> Vec<String> {
    let mut left: Vec<&Element> = present.elements().collect();
    let mut lines = Vec::new();
    for wanted in set.elements() {
        let place = join(path, &label(set, wanted));
        match take(wanted, &mut left) {
            Some(found) => lines.extend(differences(wanted, found, &place)),
            None => lines.push(format!("{place}: not there")),
        }
    }
    let foreign = left.into_iter().filter(|it| is_ours_to_list(it));
    lines.extend(foreign.map(|it| {
        let place = join(path, &label(present, it));
        format!("{place}: not in the spec")
    }));
    lines
}

// A guest reads disks and is reached by interfaces: one that no spec names is never harmless.
fn is_ours_to_list(element: &Element) -> bool {
    ["disk", "interface"].contains(&element.name.as_str())
}

// Among things without a name of their own the likest is the same one.
fn take<'a>(wanted: &Element, left: &mut Vec<&'a Element>) -> Option<&'a Element> {
    let same = |it: &&Element| identity::same(wanted, it);
    let alone = left.iter().filter(|it| same(it)).count() < 2;
    let distance = |it: &Element| {
        let differences = (!alone).then(|| differences(wanted, it, ""));
        differences.map_or(0, |it| it.len())
    };
    let candidates = left.iter().enumerate().filter(|(_, it)| same(it));
    let (index, _) = candidates.min_by_key(|(_, it)| distance(it))?;
    Some(left.remove(index))
}

fn label(parent: &Element, element: &Element) -> String {
    if let Some(name) = identity::name(element) {
        return format!("{}[{name}]", element.name);
    }
    let namesakes: Vec<&Element> = parent.elements().filter(|it| it.name == element.name).collect();
    let position = namesakes.iter().position(|it| std::ptr::eq(*it, element));
    match position {
        Some(position) if namesakes.len() > 1 => format!("{}[{}]", element.name, position + 1),
        _ => element.name.clone(),
    }
}

fn join(path: &str, last: &str) -> String {
    if path.is_empty() {
        return last.to_owned();
    }
    format!("{path}/{last}")
}

#[cfg(test)]
mod tests {
    use super::super::samples::{PRESENT, disk, wanted};
    use super::*;

    fn lines(set: &str, present: &str) -> Vec<String> {
        missing(set, present).expect("well-formed")
    }

    fn root() -> String {
        wanted("q35", &disk("root", " dev='vda'"))
    }

    #[test]
    fn what_libvirt_adds_is_no_difference() {
        assert_eq!(lines(&root(), PRESENT), Vec::<String>::new());
        assert_eq!(lines(PRESENT, PRESENT), Vec::<String>::new());
    }

    #[test]
    fn an_alias_stands_for_every_version_a_version_for_itself() {
        let set = wanted("pc-q35-8.0", &disk("root", " dev='vda'"));
        let expected = "os/type/@machine: set pc-q35-8.0, found pc-q35-7.2";
        assert_eq!(lines(&set, PRESENT), [expected]);
    }

    #[test]
    fn changes_are_named() {
        let present = PRESENT
            .replace("cache='none'", "cache='writeback'")
            .replace("4194304", "2097152")
            .replace("network='lan'", "network='wan'")
            .replace("tickpolicy='catchup'", "tickpolicy='delay'")
            .replace("      <log file='/var/log/web1' append='on'/>\n", "");
        let expected = [
            "memory: set 4 GiB, found 2097152 KiB",
            "clock/timer[rtc]/@tickpolicy: set catchup, found delay",
            "devices/disk[vda]/driver/@cache: set none, found writeback",
            "devices/interface[52:54:00:ab:00:01]/source/@network: set lan, found wan",
            "devices/serial[0]/log: not there",
        ];
        assert_eq!(lines(&root(), &present), expected);
    }

    #[test]
    fn disks_and_interfaces_of_others_are_named() {
        let present =
            wanted("pc-q35-7.2", &[disk("root", " dev='vda'"), disk("more", " dev='vdb'")].concat());
        assert_eq!(lines(&root(), &present), ["devices/disk[vdb]: not in the spec"]);
        assert_eq!(lines(&present, &root())[1..], ["devices/disk[vdb]: not there"]);
    }

    #[test]
    fn a_pool_has_one_interface() {
        let set = "<network><forward mode='bridge'><interface dev='eth0'/></forward></network>";
        let present = "<network><forward dev='eth0' mode='bridge'><interface dev='eth0'/>\
            <interface dev='eth1'/></forward></network>";
        assert_eq!(lines(set, present), ["forward/interface[eth1]: not in the spec"]);
    }

    #[test]
    fn only_our_mark_is_compared() {
        let present = PRESENT.replace("spec=\"domain.web1\"", "spec=\"domain.web2\"");
        let expected = "metadata/domain/@spec: set domain.web1, found domain.web2";
        assert_eq!(lines(&root(), &present), [expected]);
        let unmarked = PRESENT.replace("xmlns/libvirt/1", "xmlns/other/1");
        assert_eq!(lines(&root(), &unmarked), ["metadata/domain: not there"]);
    }
}
