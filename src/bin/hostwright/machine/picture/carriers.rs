//! Carriers of links, and whose doing it is that one goes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use hostwright::artifact::Artifacts;

use crate::apply::guard::Carrier;

/// What makes a carrier that of the link itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// A spec has the link.
    Described,
    /// A spec gives it ports.
    Master,
}

/// Reads the carriers of all links below `/sys`. That of a bridge which no spec gives a port goes with the last guest or
/// container of somebody, and so does that of a guest's or container's link which no spec has: they count for nothing.
pub(super) fn carriers(sys: &Path, specs: [&Artifacts; 2]) -> BTreeMap<String, Carrier> {
    let mut places: BTreeMap<&str, Place> = BTreeMap::new();
    for link in specs.into_iter().flat_map(Artifacts::links) {
        let place = if link.ports.is_empty() { Place::Described } else { Place::Master };
        let known = places.entry(link.name.as_str()).or_insert(place);
        *known = place.max(*known);
    }
    let entries = fs::read_dir(sys.join("class/net")).into_iter().flatten().flatten();
    let named = entries.filter_map(|it| Some((it.file_name().into_string().ok()?, it.path())));
    let of = |(name, path): (String, PathBuf)| {
        let carrier = carrier(&path, places.get(name.as_str()).copied());
        (name, carrier)
    };
    named.map(of).collect()
}

fn carrier(link: &Path, place: Option<Place>) -> Carrier {
    match fs::read_to_string(link.join("carrier")) {
        _ if place != Some(Place::Master) && link.join("bridge").is_dir() => Carrier::OfOthers,
        _ if place.is_none() && has_far_end(link) => Carrier::OfOthers,
        Ok(text) if text.trim() == "1" => Carrier::There,
        _ => Carrier::Gone,
    }
}

/// Says whether a link is a tap or one of a pair, whose carrier is that of who holds the other end.
fn has_far_end(link: &Path) -> bool {
    let read = |file: &str| fs::read_to_string(link.join(file)).unwrap_or_default();
    // Those that are built on another link name their type.
    let is_of_pair = read("iflink") != read("ifindex") && !read("uevent").contains("DEVTYPE=");
    is_of_pair || link.join("tun_flags").exists()
}

#[cfg(test)]
mod tests {
    use super::super::tests::artifacts;
    use super::*;

    /// Makes a link with files in `/sys`.
    fn make(sys: &Path, name: &str, files: &[(&str, &str)]) {
        let link = sys.join("class/net").join(name);
        fs::create_dir_all(&link).expect("made");
        files.iter().for_each(|(file, text)| fs::write(link.join(file), text).expect("written"));
    }

    fn found(sys: &Path, spec: &str) -> Vec<(String, Carrier)> {
        carriers(sys, [&Artifacts::default(), &artifacts(spec)]).into_iter().collect()
    }

    #[test]
    fn a_bridge_without_ports_of_a_spec_does_not_count() {
        let sys = tempfile::tempdir().expect("a folder");
        for name in ["docker0", "guests", "br0"] {
            fs::create_dir_all(sys.path().join("class/net").join(name).join("bridge")).expect("made");
            make(sys.path(), name, &[("carrier", "1\n")]);
        }
        make(sys.path(), "eno1", &[("carrier", "1\n")]);
        make(sys.path(), "eno2", &[("carrier", "0\n")]);
        let expected = [
            ("br0", Carrier::There),
            ("docker0", Carrier::OfOthers),
            ("eno1", Carrier::There),
            ("eno2", Carrier::Gone),
            ("guests", Carrier::OfOthers),
        ];
        let found = found(sys.path(), "[bridge.guests]\n[bridge.br0]\nports = [\"eno1\"]\n");
        assert_eq!(found, expected.map(|(name, it)| (name.to_owned(), it)));
    }

    #[test]
    fn a_link_of_a_guest_or_container_does_not_count_unless_a_spec_has_it() {
        let sys = tempfile::tempdir().expect("a folder");
        let pair = [("carrier", "1\n"), ("ifindex", "3\n"), ("iflink", "2\n"), ("uevent", "IFINDEX=3\n")];
        make(sys.path(), "ve-ci1", &pair);
        make(sys.path(), "eno1", &pair);
        let tap = [("carrier", "1\n"), ("ifindex", "4\n"), ("iflink", "4\n"), ("tun_flags", "0x1002\n")];
        make(sys.path(), "vnet0", &tap);
        let vlan = [("carrier", "1\n"), ("ifindex", "5\n"), ("iflink", "2\n"), ("uevent", "DEVTYPE=vlan\n")];
        make(sys.path(), "vlan9", &vlan);
        let expected = [
            ("eno1", Carrier::There),
            ("ve-ci1", Carrier::OfOthers),
            ("vlan9", Carrier::There),
            ("vnet0", Carrier::OfOthers),
        ];
        assert_eq!(found(sys.path(), ""), expected.map(|(name, it)| (name.to_owned(), it)));
    }
}
