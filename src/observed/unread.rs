//! Files of others that networkd may not have read since they changed: a reload of ours would have it read them.

use std::collections::{BTreeMap, BTreeSet};

use super::{ObservedLink, Texts};
use crate::ini;

/// Folders that networkd reads, the first of which that has a file of a name counts. systemd.network(5).
pub const FOLDERS: [&str; 4] = [
    "/etc/systemd/network",
    "/run/systemd/network",
    "/usr/local/lib/systemd/network",
    "/usr/lib/systemd/network",
];

/// Keys of `[Match]` that only a radio has an answer to. systemd ships a file with one, which each of its upgrades changes.
const RADIO: [&str; 3] = ["WLANInterfaceType", "SSID", "BSSID"];

/// Finds links whose file, or a drop-in of it, changed since networkd may have read it, or that another file may take
/// over; each with that file.
///
/// `changed` are the files and folders of drop-ins that networkd has not certainly read since. systemd.network(5).
#[must_use]
pub fn unread(
    links: &BTreeMap<String, ObservedLink>,
    loaded: &BTreeMap<String, String>,
    texts: &Texts,
    changed: &BTreeSet<String>,
) -> BTreeMap<String, String> {
    let found = links.iter().filter_map(|(name, link)| {
        let loaded = loaded.get(name).map(String::as_str);
        let concerns = changed.iter().filter(|path| match texts.get(*path) {
            Some(text) if is_of_device(path) => makes(text, name, loaded.and_then(|it| texts.get(it))),
            Some(text) if is_other_file(path, loaded) => may_match(text, name, link),
            _ => is_loaded(path, loaded),
        });
        // A folder only says that something in it came or went.
        let file = concerns.min_by_key(|path| path.ends_with(".network.d"));
        file.map(|path| (name.clone(), path.clone()))
    });
    found.collect()
}

/// Says whether a path is the file that is loaded, or a drop-in or the folder of drop-ins of it.
fn is_loaded(path: &str, loaded: Option<&str>) -> bool {
    let Some(loaded) = loaded else { return false };
    let folder = path.find(".network.d").map(|end| &path[..end + ".network".len()]);
    path == loaded || folder.is_some_and(|it| name_of(it) == name_of(loaded))
}

/// Says whether a file is read before the one that is loaded: the first that matches counts.
fn is_other_file(path: &str, loaded: Option<&str>) -> bool {
    let first = loaded.is_none_or(|it| it != path && name_of(path) <= name_of(it));
    first && is_network(path)
}

/// Says whether a path is that of a file of a device. systemd.netdev(5).
#[must_use]
pub fn is_of_device(path: &str) -> bool {
    path.strip_suffix(".netdev").is_some()
}

/// Says whether the file of a device makes a link, or one that a link's own file names: networkd then reads that anew, too.
fn makes(text: &str, name: &str, loaded: Option<&String>) -> bool {
    let sections = ini::parse(text);
    let Some(device) = sections.iter().filter(|it| it.name == "NetDev").find_map(|it| it.get("Name")) else {
        return false;
    };
    let own = loaded.map(|it| ini::parse(it)).unwrap_or_default();
    let mut named = own.iter().filter(|it| it.name == "Network").flat_map(|it| &it.lines);
    device == name || named.any(|it| it.1 == device)
}

pub(super) fn is_network(path: &str) -> bool {
    path.strip_suffix(".network").is_some()
}

pub(super) fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Says whether a file may be for a link: what is neither its name nor its MAC address nor for radios is not judged.
pub(super) fn may_match(text: &str, name: &str, link: &ObservedLink) -> bool {
    let sections = ini::parse(text);
    let words = |key: &str| -> Vec<String> {
        let matches = sections.iter().filter(|it| it.name == "Match").flat_map(|it| it.all(key));
        matches.flat_map(str::split_whitespace).map(str::to_owned).collect()
    };
    let own = [link.mac, link.permanent_mac].map(|it| it.map(|it| it.to_string()));
    let is_own = |word: &String| own.iter().flatten().any(|it| it.eq_ignore_ascii_case(word));
    let (names, addresses) = (words("Name"), words("MACAddress"));
    // What is made has none.
    let permanent = words("PermanentMACAddress");
    let types = words("Type");
    if link.kind.as_ref().is_some_and(|kind| !may_be_made(kind, &types, &words("Kind"), &words("Path"))) {
        return false;
    }
    let of_radio = (!types.is_empty() && types.iter().all(|it| it == "wlan"))
        || RADIO.iter().any(|key| !words(key).is_empty());
    (!of_radio || may_be_radio(name, link))
        && (names.is_empty() || names.iter().any(|it| may_be(it, name)))
        && (addresses.is_empty() || addresses.iter().any(is_own))
        && (permanent.is_empty() || (link.kind.is_none() && permanent.iter().any(is_own)))
}

/// Kinds whose links have them as type, too: they are none of `ether`. `SET_NETDEV_DEVTYPE` of the kernel's drivers.
const TYPED: [&str; 6] = ["vlan", "bridge", "bond", "macvlan", "macvtap", "vxlan"];

/// Says whether a link of a kind may be meant by types, kinds and paths of devices; what is made has no path.
fn may_be_made(kind: &str, types: &[String], kinds: &[String], paths: &[String]) -> bool {
    // A macvtap is a macvlan, too.
    let of_type =
        !TYPED.contains(&kind) || lists(types, kind) || (kind == "macvtap" && lists(types, "macvlan"));
    of_type && lists(kinds, kind) && (paths.is_empty() || paths[0].starts_with('!'))
}

/// Says whether a list, which may be turned round by a `!`, may have a word; an empty one has all.
fn lists(patterns: &[String], word: &str) -> bool {
    let Some(first) = patterns.first() else { return true };
    match first.strip_prefix('!') {
        Some(first) => !patterns[1..].iter().map(String::as_str).chain([first]).any(|it| is(it, word)),
        None => patterns.iter().any(|it| may_be(it, word)),
    }
}

/// Says whether a word is certainly meant by a pattern.
fn is(pattern: &str, word: &str) -> bool {
    pattern == "*" || pattern == word
}

/// Says whether a link may be a radio: by the first letters of the names that the kernel and udev give those.
fn may_be_radio(name: &str, link: &ObservedLink) -> bool {
    link.kind.is_none() && name.starts_with("wl")
}

/// Says whether a name may be meant by a pattern, by what stands before its first special character.
fn may_be(pattern: &str, name: &str) -> bool {
    match pattern.find(['*', '?', '[', '!']) {
        Some(end) => name.starts_with(&pattern[..end]),
        None => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UPLINK: &str = "/etc/systemd/network/20-up.network";

    /// Finds the file for `eno1`, which has loaded one or none, where one file changed.
    fn found(loaded: Option<&str>, path: &str, text: &str) -> Option<String> {
        let mac = "02:00:00:00:00:01".parse().ok();
        let links = BTreeMap::from([("eno1".to_owned(), ObservedLink { mac, ..ObservedLink::default() })]);
        let loaded = loaded.map(|it| ("eno1".to_owned(), it.to_owned())).into_iter().collect();
        let texts = BTreeMap::from([(path.to_owned(), text.to_owned())]);
        let changed = BTreeSet::from([path.to_owned()]);
        unread(&links, &loaded, &texts, &changed).remove("eno1")
    }

    #[test]
    fn a_changed_file_or_drop_in_is_unread() {
        assert_eq!(found(Some(UPLINK), UPLINK, "").as_deref(), Some(UPLINK));
        for drop_in in ["/run/systemd/network/20-up.network.d/a.conf", "/etc/systemd/network/20-up.network.d"]
        {
            assert_eq!(found(Some(UPLINK), drop_in, "").as_deref(), Some(drop_in));
        }
        assert_eq!(found(Some(UPLINK), "/etc/systemd/network/20-up2.network.d/a.conf", ""), None);
    }

    #[test]
    fn the_file_of_a_device_counts_for_what_it_makes_and_for_whoever_names_it() {
        let device = "/etc/systemd/network/10-bond0.netdev";
        let links = ["bond0", "eno1", "eno2"].map(|it| (it.to_owned(), ObservedLink::default())).into();
        let loaded = [("eno1".to_owned(), UPLINK.to_owned())].into();
        let texts = [
            (device.to_owned(), "[NetDev]\nName=bond0\nKind=bond\n".to_owned()),
            (UPLINK.to_owned(), "[Match]\nName=eno1\n[Network]\nBond=bond0\n".to_owned()),
        ];
        let found = unread(&links, &loaded, &texts.into(), &[device.to_owned()].into());
        assert_eq!(found.keys().collect::<Vec<_>>(), ["bond0", "eno1"]);
    }

    #[test]
    fn what_is_made_is_no_card() {
        let link = |kind: &str| ObservedLink { kind: Some(kind.to_owned()), ..ObservedLink::default() };
        let matches = |text: &str, kind: &str| may_match(&format!("[Match]\n{text}\n"), "x", &link(kind));
        for text in
            ["Type=ether", "Type=ether wlan", "Kind=!*", "Kind=tun", "Path=pci-0000:02:00.0", "Type=!vlan"]
        {
            assert!(!matches(text, "vlan"), "{text}");
        }
        for text in ["", "Type=vlan", "Type=!ether", "Kind=vlan", "Kind=v*", "Kind=!tun", "Path=!pci-*"] {
            assert!(matches(text, "vlan"), "{text}");
        }
        assert!(matches("Type=ether", "dummy"), "its type is that of a card");
    }

    #[test]
    fn another_file_counts_where_it_is_read_first_and_may_match() {
        let first = "/etc/systemd/network/10-all.network";
        let check = |loaded, path, text, expected| {
            assert_eq!(found(loaded, path, text).is_some(), expected, "{path}: {text}");
        };
        check(Some(UPLINK), first, "[Match]\nName=en*\n", true);
        check(Some(UPLINK), first, "[Match]\nName=eno2 eth?\n", false);
        check(Some(UPLINK), first, "[Match]\nMACAddress=02:00:00:00:00:01\n", true);
        check(Some(UPLINK), first, "[Match]\nMACAddress=02:00:00:00:00:02\n", false);
        check(Some(UPLINK), first, "[Match]\nPermanentMACAddress=02:00:00:00:00:01\n", true);
        check(Some(UPLINK), first, "[Match]\nPermanentMACAddress=02:00:00:00:00:02\n", false);
        check(Some(UPLINK), first, "[Match]\nType=ether\n", true);
        check(None, first, "[Match]\nType=wlan\nWLANInterfaceType=ad-hoc\n", false);
        check(None, first, "[Match]\nType=wlan ether\n", true);
        check(Some(UPLINK), "/etc/systemd/network/30-all.network", "[Match]\nName=en*\n", false);
        check(Some(UPLINK), "/etc/systemd/network/10-all.netdev", "[Match]\nName=en*\n", false);
        check(Some("/usr/lib/systemd/network/20-up.network"), UPLINK, "[Match]\nName=eno1\n", true);
        check(None, UPLINK, "[Match]\nName=eno1\n", true);
    }
}
