//! Below a folder that stands for a host's root.

use std::fs;

use super::super::stamp::between;
use super::*;
use crate::configuration;
use crate::layout::Layout;

const UPLINK: &str = "/etc/systemd/network/20-up.network";

fn below(root: &Path, path: &str) -> std::path::PathBuf {
    root.join(path.trim_start_matches('/'))
}

fn write(root: &Path, path: &str, text: &str) {
    let file = below(root, path);
    fs::create_dir_all(file.parent().expect("a folder")).expect("made");
    fs::write(file, text).expect("written");
}

/// Finds what networkd has not read since a time for `eno1`, for which it has loaded a file.
fn found(root: &Path, read: u64) -> Option<String> {
    found_by(252, root, read)
}

fn found_by(version: u32, root: &Path, read: u64) -> Option<String> {
    let links = BTreeMap::from([("eno1".to_owned(), ObservedLink { index: 2, ..ObservedLink::default() })]);
    let loaded = BTreeMap::from([("eno1".to_owned(), UPLINK.to_owned())]);
    let texts = configuration::texts_of_others(&Layout::new(root)).expect("readable");
    let networkd = Networkd { version, read, ..Networkd::default() };
    unread(root, &links, &loaded, &texts, &networkd).remove("eno1")
}

#[test]
fn what_a_link_leads_to_is_unread_when_it_changed() {
    let root = tempfile::tempdir().expect("a folder");
    let root = root.path();
    let target = "/srv/up.network";
    write(root, target, "[Match]\nName=eno1\n");
    fs::create_dir_all(root.join("etc/systemd/network")).expect("made");
    std::os::unix::fs::symlink(target, below(root, UPLINK)).expect("a link");
    let read = between();
    assert_eq!(found(root, read), None);
    write(root, target, "[Match]\nName=eno1\n[Link]\nMTUBytes=1400\n");
    assert_eq!(found(root, read).as_deref(), Some(UPLINK));
    fs::remove_file(below(root, target)).expect("removed");
    assert_eq!(found(root, read), None, "that it is gone is told elsewhere");
}

#[test]
fn what_a_package_brings_is_unread_too() {
    for folder in ["/usr/lib/systemd/network", "/usr/local/lib/systemd/network"] {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path();
        let (file, drop_in) =
            (format!("{folder}/05-all.network"), format!("{folder}/20-up.network.d/mtu.conf"));
        let read = between();
        write(root, &file, "[Match]\nName=en*\n");
        assert_eq!(found(root, read).as_deref(), Some(&*file));
        write(root, &drop_in, "[Link]\nMTUBytes=1400\n");
        let read = between();
        assert_eq!(found(root, read), None);
        write(root, &drop_in, "[Link]\nMTUBytes=1300\n");
        assert_eq!(found(root, read).as_deref(), Some(&*drop_in));
    }
}

#[test]
fn the_file_of_a_device_is_unread_from_257_on() {
    let root = tempfile::tempdir().expect("a folder");
    let root = root.path();
    write(root, UPLINK, "[Match]\nName=eno1\n[Network]\nBond=bond0\n");
    let device = "/etc/systemd/network/10-bond0.netdev";
    let read = between();
    write(root, device, "[NetDev]\nName=bond0\nKind=bond\nMTUBytes=9000\n");
    assert_eq!(found_by(256, root, read), None);
    assert_eq!(found_by(257, root, read).as_deref(), Some(device));
}
