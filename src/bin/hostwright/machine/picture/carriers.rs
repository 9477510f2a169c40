//! Carriers of links, and whose doing it is that one goes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use hostwright::artifact::Artifacts;

use crate::apply::guard::Carrier;

/// Reads the carriers of all links below `/sys`. That of a bridge which no spec gives a port goes with the last guest or
/// container of somebody: it counts for nothing.
pub(super) fn carriers(sys: &Path, specs: [&Artifacts; 2]) -> BTreeMap<String, Carrier> {
    let masters = specs.into_iter().flat_map(Artifacts::links).filter(|it| !it.ports.is_empty());
    let masters: BTreeSet<_> = masters.map(|it| it.name.to_string()).collect();
    let entries = fs::read_dir(sys.join("class/net")).into_iter().flatten().flatten();
    let named = entries.filter_map(|it| Some((it.file_name().into_string().ok()?, it.path())));
    let of = |(name, path): (String, PathBuf)| {
        let carrier = carrier(&path, masters.contains(&name));
        (name, carrier)
    };
    named.map(of).collect()
}

fn carrier(link: &Path, is_master: bool) -> Carrier {
    match fs::read_to_string(link.join("carrier")) {
        _ if !is_master && link.join("bridge").is_dir() => Carrier::OfOthers,
        Ok(text) if text.trim() == "1" => Carrier::There,
        _ => Carrier::Gone,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::artifacts;
    use super::*;

    #[test]
    fn a_bridge_without_ports_of_a_spec_does_not_count() {
        let sys = tempfile::tempdir().expect("a folder");
        let make = |name: &str, carrier: &str, is_bridge: bool| {
            let link = sys.path().join("class/net").join(name);
            fs::create_dir_all(if is_bridge { link.join("bridge") } else { link.clone() }).expect("made");
            fs::write(link.join("carrier"), carrier).expect("written");
        };
        for name in ["docker0", "guests", "br0"] {
            make(name, "1\n", true);
        }
        make("eno1", "1\n", false);
        make("eno2", "0\n", false);
        let spec = artifacts("[bridge.guests]\n[bridge.br0]\nports = [\"eno1\"]\n");
        let found = carriers(sys.path(), [&Artifacts::default(), &spec]);
        let expected = [
            ("br0", Carrier::There),
            ("docker0", Carrier::OfOthers),
            ("eno1", Carrier::There),
            ("eno2", Carrier::Gone),
            ("guests", Carrier::OfOthers),
        ];
        assert_eq!(found, expected.map(|(name, it)| (name.to_owned(), it)).into());
    }
}
