//! What is tried.

use std::time::Duration;

use crate::spec::compile_text;
use hostwright::artifact::Artifacts;
use hostwright::host::Target;
use hostwright::observed::{BgpSession, ObservedLink};
use hostwright::value::Harm;

use super::attempts::{go_by_vrfs, stays, vrf_of};
use super::{HEARD, Progress, STALLED, is_there, machines, stalled};
use crate::machine::probe::Reach;

/// Compiles a spec of a host with a network card `eno1`.
pub(super) fn artifacts(vlans: &str) -> Artifacts {
    let text = format!("[host]\nname = \"hv1\"\nsite = \"s1\"\n[nic.eno1]\n{vlans}");
    compile_text("host.toml", &text, &Target { systemd: 252, binaries: "/usr/bin".to_owned() })
        .artifacts
        .expect("artifacts")
}

#[test]
fn a_peer_that_went_silent_before_the_first_step_is_not_there() {
    let looks = std::cell::Cell::new(0);
    let progress = |outstanding, silence| Some(Progress { unanswered: 0, outstanding, silence });
    let answers_late = || {
        looks.set(looks.get() + 1);
        progress(u32::from(looks.get() < 3), Duration::ZERO)
    };
    assert!(is_there(answers_late), "what was sent is on its way");
    assert_eq!(looks.get(), 3);
    assert!(!is_there(|| progress(1, Duration::ZERO)), "what was sent is not acknowledged");
    assert!(!is_there(|| progress(0, HEARD)), "nothing was sent for long");
    assert!(!is_there(|| None), "the connection was closed");
}

#[test]
fn a_session_that_gets_no_answer_for_seconds_is_stalled() {
    let session = |cookie: u64| {
        let ip = |text: &str| text.parse().expect("an address");
        BgpSession { local: ip("10.0.0.2"), peer: ip("10.0.0.1"), device: 0, cookie }
    };
    let all = [(&session(1), STALLED - 1), (&session(2), STALLED)];
    assert_eq!(stalled(all.into_iter()), [2].into());
}

#[test]
fn what_the_new_spec_gives_up_is_not_tried() {
    let vlan = |name: &str, id: u16, address: &str| {
        format!("[vlan.{name}]\nid = {id}\nparent = \"eno1\"\naddresses = [\"{address}/24\"]\n")
    };
    let before = artifacts(&(vlan("one", 1, "10.0.1.2") + &vlan("two", 2, "10.0.2.2")));
    let stays = |after: &Artifacts, ip: &str, link: &str| {
        stays([&before, after], ip.parse().expect("an address"), link)
    };
    let renumbered = artifacts(&vlan("one", 1, "10.0.1.3"));
    assert!(!stays(&renumbered, "10.0.1.2", "one"), "an address that goes");
    assert!(!stays(&renumbered, "10.0.2.2", "two"), "a link that goes");
    assert!(stays(&renumbered, "10.0.9.2", "foreign"), "a link of somebody else");
    let another_id = artifacts(&(vlan("one", 7, "10.0.1.2") + &vlan("two", 2, "10.0.2.2")));
    assert!(stays(&another_id, "10.0.1.2", "one"), "a link that is made anew");
}

#[test]
fn guests_count_in_every_partition_and_scopes_of_podman_in_none() {
    let root = tempfile::tempdir().expect("a folder");
    for group in [
        r"machine.slice/machine-qemu\x2d3\x2ddb1.scope/libvirt",
        r"machine.slice/machine-batch.slice/machine-qemu\x2d4\x2dweb1.scope",
        r"machine.slice/systemd-nspawn@ci\x2d1.service/payload",
        "machine.slice/libpod-0123abcd.scope/container",
        "machine/qemu-5-mail1.libvirt-qemu/emulator",
    ] {
        std::fs::create_dir_all(root.path().join("sys/fs/cgroup").join(group)).expect("made");
    }
    let found = machines(root.path());
    let whats: Vec<_> = found.iter().map(|it| (it.harm, it.what.as_str())).collect();
    let guests = ["domain db1", "domain mail1", "domain web1"].map(|it| (Harm::Guests, it));
    assert_eq!(whats, [&[(Harm::Containers, "container ci-1")], guests.as_slice()].concat());

    let groups = root.path().join("sys/fs/cgroup/machine");
    std::fs::rename(groups.join("qemu-5-mail1.libvirt-qemu"), groups.join("qemu-6-mail1.libvirt-qemu"))
        .expect("renamed");
    let lost: Vec<_> = found.difference(&machines(root.path())).map(|it| it.what.clone()).collect();
    assert_eq!(lost, ["domain mail1"], "it was started anew");
}

#[test]
fn a_link_of_a_vrf_is_spoken_from_within_it() {
    let link = |kind: &str, master: Option<&str>| ObservedLink {
        kind: Some(kind.to_owned()),
        master: master.map(str::to_owned),
        ..ObservedLink::default()
    };
    let all = [
        ("red", link("vrf", None)),
        ("br0", link("bridge", None)),
        ("eno1", link("vlan", Some("red"))),
        ("eno2", link("vlan", Some("br0"))),
    ];
    let mut all = all.map(|(name, it)| (name.to_owned(), it)).into();
    let of = |name: &str| vrf_of(name, &all);
    assert_eq!((of("eno1").as_deref(), of("red").as_deref()), (Some("red"), Some("red")));
    assert_eq!((of("eno2"), of("br0"), of("gone")), (None, None, None));

    let ends = ["192.0.2.2", "192.0.2.9"].map(|it| it.parse().expect("an address"));
    let mut reach = Reach::new(ends, None, "eno1".to_owned());
    go_by_vrfs([&mut reach], &all);
    assert_eq!(reach.vrf(), Some("red"));
    all.get_mut("eno1").expect("a link").master = None;
    go_by_vrfs([&mut reach], &all);
    assert_eq!(reach.vrf(), None, "a step took the link out of it");
}
