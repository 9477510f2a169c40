//! What networkd has not read, may read or may have forgotten.

use super::*;

/// A link that networkd gave up is no obstacle, for a changed file has it try again; it is named, with what builds on it.
#[test]
fn a_link_that_networkd_has_failed_is_named() {
    let more = STORAGE.replace("\"10.0.42.2/24\"", "\"10.0.42.2/24\", \"10.0.42.3/24\"");
    let failed = |version: u32, names: &'static [&str]| {
        move |it: &mut Observed| {
            let networkd = it.networkd.as_mut().expect("it runs");
            networkd.version = version;
            networkd.failed = names.iter().map(|&it| it.to_owned()).collect();
        }
    };
    let text = [
        planned(&[BASE], &[BASE], failed(252, &["eno1"])),
        planned(&[BASE], &[BASE, STORAGE], failed(257, &["eno1"])),
        planned(&[BASE, STORAGE], &[BASE, &more], failed(252, &["storage"])),
    ];
    snapshot("failed-links", &text.join("\n"));
    let elsewhere = planned(&[BASE, STORAGE], &[BASE], failed(252, &["storage", "foreign0"]));
    assert!(!elsewhere.contains("failed"), "it goes, or is nobody's business: {elsewhere}");
}

/// A reload would cost a link its addresses whose file somebody removed: netplan, when it was told to let it go.
#[test]
fn networkd_is_not_told_of_anything_while_a_file_is_gone() {
    let plan = planned(&[BASE], &[BASE, STORAGE], |it| {
        it.networkd.as_mut().expect("it runs").forsaken.insert("eno1".to_owned());
    });
    assert!(plan.contains("create link storage") && !plan.contains("reload networkd"), "{plan}");
}

/// networkd sets none of these, whatever file it has loaded.
#[test]
fn a_sysctl_that_networkd_leaves_alone_is_set_by_us() {
    let host = "[macvlan.host]\nparent = \"eno1\"\naddresses = [\"192.0.2.3/24\"]\n";
    let plan = planned(&[BASE, host], &[BASE, host], |it| {
        let link = it.links.get_mut("host").expect("it is there");
        link.sysctls.insert("ipv4/conf/host/arp_ignore".to_owned(), "0".to_owned());
    });
    assert!(plan.contains("arp_ignore") && plan.contains("by netlink"), "{plan}");
    assert!(!plan.contains("networkd"), "{plan}");
}

/// A reload would bring what nobody has seen of a file that somebody wrote meanwhile.
#[test]
fn networkd_is_not_told_of_anything_while_it_has_not_read_a_changed_file() {
    let unread = |it: &mut Observed| {
        let path = "/etc/systemd/network/10-hostwright-eno1.network.d/mtu.conf".to_owned();
        it.networkd.as_mut().expect("it runs").unread.insert("eno1".to_owned(), path);
    };
    let plan = planned(&[BASE], &[BASE, STORAGE], unread);
    assert!(plan.contains("create link storage") && !plan.contains("reload networkd"), "{plan}");
    assert!(plan.contains("mtu.conf changed since networkd may have read it for `eno1`"), "{plan}");
    let agreed = planned_for(allowing(&[Harm::Links]), &[BASE], &[BASE, STORAGE], unread);
    assert!(agreed.contains("reload networkd") && agreed.contains("disturbs link eno1\n"), "{agreed}");
}

/// A link that networkd has a file for is configured as soon as it comes, and with it goes what goes at a reload.
#[test]
fn a_link_that_networkd_waits_for_is_not_made_where_a_reload_harms() {
    let waits = |nexthops: bool| {
        move |it: &mut Observed| {
            it.nexthops.extend(nexthops.then(|| "id 12 group".to_owned()));
            let path = "/run/systemd/network/10-hostwright-storage.network".to_owned();
            it.networkd.as_mut().expect("it runs").held.insert("storage".to_owned(), path);
        }
    };
    let text = [
        planned(&[BASE], &[BASE, STORAGE], waits(true)),
        planned_for(allowing(&[Harm::Routes]), &[BASE], &[BASE, STORAGE], waits(true)),
        planned(&[BASE], &[BASE, STORAGE], waits(false)),
    ];
    snapshot("held-links", &text.join("\n"));
}

const CATCH_ALL: &str = "/etc/systemd/network/50-all.network";

fn held_for_storage(path: &str, text: &str, is_there: bool) -> Option<String> {
    let storage = is_there.then(|| ("storage".to_owned(), ObservedLink::default()));
    let links = storage.into_iter().chain([("eno1".to_owned(), card())]).collect();
    let texts = BTreeMap::from([(path.to_owned(), text.to_owned())]);
    held(&links, artifacts(&[BASE, STORAGE]).links(), &texts).remove("storage")
}

#[test]
fn a_file_that_matches_a_link_which_is_not_there_is_held() {
    for (path, text, expected) in [
        ("/run/systemd/network/10-hostwright-storage.network", "", true),
        ("/run/systemd/network/10-hostwright-other.network", "", false),
        (CATCH_ALL, "[Match]\nName=*\n", true),
        (CATCH_ALL, "[Match]\nType=vlan\n", true),
        (CATCH_ALL, "[Match]\nMACAddress=3c:ec:ef:00:00:01\n", true),
        (CATCH_ALL, "[Match]\nPermanentMACAddress=3c:ec:ef:00:00:01\n", false),
        (CATCH_ALL, "[Match]\nName=en*\n", false),
        ("/etc/systemd/network/50-all.link", "[Match]\nName=*\n", false),
    ] {
        let file = held_for_storage(path, text, false);
        assert_eq!(file.as_deref(), expected.then_some(path), "{path}: {text}");
        assert_eq!(held_for_storage(path, text, true), None, "{path}: {text}");
    }
}

/// A networkd that did not start with its routes and rules, and leaves those of others alone, leaves these too.
#[test]
fn what_networkd_may_have_forgotten_is_taken_behind_its_reload() {
    let changed =
        ROUTED.replace("10.97.0.0/16\", via = \"192.0.2.1\"", "10.97.0.0/16\", via = \"192.0.2.9\"");
    let (whole, other) = (artifacts(&[BASE, ROUTED]), artifacts(&[BASE, &changed]));
    let bare = artifacts(&[BASE]);
    let steps = |before: &Artifacts, after: &Artifacts| {
        reversible(&plan(before, after, &routed(before), Reach::Machine, Deferral::Stop))
    };
    let text = [steps(&whole, &bare), steps(&bare, &whole), steps(&whole, &other)];
    snapshot("forgotten", &text.join("\n\n"));
}

/// What networkd alone gives differs in no part of the kernel's, and goes with what does.
#[test]
fn a_line_names_what_only_networkd_gives() {
    let card = |more: &str| format!("[nic.eno2]\naddresses = [\"198.51.100.2/24\"{more}\n");
    let (plain, leased) = (card("]"), card(", \"198.51.100.3/24\"]\ndhcp = \"ipv4\""));
    let line = |before: &str, after: &str| {
        let text = planned_for(allowing(&[Harm::Links]), &[BASE, before], &[BASE, after], nothing);
        text.lines().find(|it| it.contains("nic eno2")).unwrap_or_default().to_owned()
    };
    let (comes, goes) = (line(&plain, &leased), line(&leased, &plain));
    assert!(comes.contains("+ 198.51.100.3/24, + DHCP "), "{comes}");
    assert!(goes.contains("- 198.51.100.3/24, - DHCP "), "{goes}");
}
