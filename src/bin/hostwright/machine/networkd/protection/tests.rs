//! Below folders that stand for a host's root.

use super::super::stamp::between;
use super::*;

const PROTECTED: &str = "[Network]\nManageForeignRoutes=no\n";

#[test]
fn what_lay_there_before_the_start_counts() {
    let root = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let file = root.path().join(name);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        std::fs::write(file, text).expect("written");
    };
    let found = |started| left_alone(root.path(), started).expect("readable");
    let next = || left_alone_at_start(root.path()).expect("readable");
    let routes = LeftAlone { routes: true, ..LeftAlone::default() };
    assert_eq!(found(Some(u64::MAX)), LeftAlone::default());
    write("run/systemd/networkd.conf.d/10-hostwright.conf", PROTECTED);
    assert_eq!(found(Some(u64::MAX)), routes);
    assert_eq!(found(Some(1)), LeftAlone::default(), "it came behind the start");
    assert_eq!(next(), routes, "the next one reads it");
    assert_eq!(found(None), LeftAlone::default(), "nobody knows the start");
    write("etc/systemd/networkd.conf", "[Network]\nManageForeignRoutes=yes\n");
    assert_eq!(found(Some(u64::MAX)), routes, "a drop-in counts more than the main file");
    write("usr/lib/systemd/networkd.conf.d/90-late.conf", "[Network]\nManageForeignRoutes=yes\n");
    assert_eq!(found(Some(u64::MAX)), LeftAlone::default(), "the later name wins");
    write("etc/systemd/networkd.conf.d/90-late.conf", "");
    assert_eq!(found(Some(u64::MAX)), routes, "one of a name counts");
}

/// A folder in which a drop-in of ours lies.
fn protected() -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("run/systemd/networkd.conf.d");
    std::fs::create_dir_all(&folder).expect("made");
    std::fs::create_dir_all(root.path().join("etc/systemd/networkd.conf.d")).expect("made");
    std::fs::write(folder.join("10-hostwright.conf"), PROTECTED).expect("written");
    root
}

#[test]
fn what_a_link_leads_to_counts() {
    let root = protected();
    let found = |started| left_alone(root.path(), started).expect("readable").routes;
    let link = |name: &str, target: &str| {
        let path = root.path().join("etc/systemd/networkd.conf.d").join(name);
        std::os::unix::fs::symlink(target, path).expect("a link");
    };
    let target = root.path().join("etc/yes");
    std::fs::write(&target, "[Network]\nManageForeignRoutes=yes\n").expect("written");
    link("20-masked.conf", "/dev/null");
    assert!(found(Some(between())), "one out of use says nothing");
    link("20-yes.conf", "/etc/yes");
    let started = Some(between());
    assert!(!found(started), "it says yes");
    std::fs::write(&target, PROTECTED).expect("written");
    assert!(!found(started), "what it leads to changed");
    assert!(found(Some(between())));
    std::fs::remove_file(&target).expect("removed");
    assert!(!found(Some(between())), "nobody knows what it led to");
    assert!(left_alone_at_start(root.path()).expect("readable").routes, "it leads to nothing");
}

#[test]
fn a_drop_in_that_went_may_have_said_anything() {
    for folder in ["etc/systemd/networkd.conf.d", "run/systemd/networkd.conf.d"] {
        let root = protected();
        let file = root.path().join(folder).join("90-late.conf");
        std::fs::write(&file, "[Network]\nManageForeignRoutes=yes\n").expect("written");
        let started = Some(between());
        std::fs::remove_file(&file).expect("removed");
        let found = |started| left_alone(root.path(), started).expect("readable").routes;
        assert!(!found(started), "{folder}");
        assert!(found(Some(between())), "{folder}: before the start");
    }
    let root = protected();
    let started = Some(between());
    std::fs::create_dir_all(root.path().join("usr/lib/systemd/networkd.conf.d")).expect("made");
    assert!(left_alone(root.path(), started).expect("readable").routes, "packages come and go");
}
