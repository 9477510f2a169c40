//! The table asked for hosts as they are found.

use std::collections::BTreeMap;

use super::*;
use crate::observed::{
    BgpSession, LeftAlone, Networkd, NextStart, Observed, ObservedAddress, ObservedLink, RoutingDaemon,
};

fn host(version: u32, holds: &[Holds]) -> Situation {
    Situation::new(version, holds)
}

#[track_caller]
fn check(operation: Operation, situation: &Situation, expected: &[Harm]) {
    let found: Vec<_> = harms(&forecast(operation, situation)).into_iter().collect();
    assert_eq!(found, expected, "{operation:?} {situation:?}");
}

#[test]
fn a_protected_host_with_bird_is_reloaded_without_harm() {
    for version in [252, 254, 257, 262] {
        check(Operation::ReloadNew, &host(version, &[]), &[]);
        check(Operation::ReloadChanged, &host(version, &[]), &[]);
    }
    check(Operation::ReloadNew, &host(247, &[]), &[]);
    check(Operation::ReloadChanged, &host(247, &[Holds::Address]), &[Harm::Links]);
    check(Operation::ReloadChanged, &host(247, &[Holds::Session]), &[Harm::Sessions]);
}

#[test]
fn what_is_not_protected_loses_routes() {
    let bare = |version| host(version, &[Holds::ForeignRoutes]);
    for version in [247, 252, 257, 262] {
        check(Operation::ReloadNew, &bare(version), &[Harm::Routes]);
        check(Operation::Restart, &bare(version), &[Harm::Routes]);
        check(Operation::ReloadUnchanged, &bare(version), &[]);
    }
}

#[test]
fn a_restart_is_judged_by_what_would_start() {
    let protected = NextStart { version: 252, left_alone: LeftAlone::ALL };
    let harm = |operation, networkd: Networkd| {
        let daemons = [RoutingDaemon::Bird].into();
        let observed = Observed { daemons, networkd: Some(networkd), ..Observed::default() };
        let situation = Situation::of(&observed, operation).expect("networkd runs");
        harms(&forecast(operation, &situation)).contains(&Harm::Routes)
    };
    let bare = Networkd { version: 252, ..Networkd::default() };
    let dropped_in = Networkd { next: protected, ..bare.clone() };
    let taken_out = Networkd { left_alone: LeftAlone::ALL, ..bare.clone() };
    assert!(harm(Operation::Restart, bare));
    assert!(!harm(Operation::Restart, dropped_in.clone()));
    assert!(harm(Operation::ReloadNew, dropped_in));
    assert!(harm(Operation::Restart, taken_out.clone()));
    assert!(!harm(Operation::ReloadNew, taken_out));
}

#[test]
fn nexthop_objects_go_with_a_reload_up_to_257() {
    let frr = |version| host(version, &[Holds::Nexthops]);
    for (version, expected) in
        [(247, vec![]), (250, vec![Harm::Routes]), (252, vec![Harm::Routes]), (257, vec![Harm::Routes])]
    {
        check(Operation::ReloadNew, &frr(version), &expected);
    }
    check(Operation::Restart, &frr(252), &[Harm::Routes]);
    check(Operation::Restart, &frr(257), &[]);
    check(Operation::Restart, &host(257, &[Holds::NexthopsUnprotected]), &[Harm::Routes]);
    check(Operation::ReloadNew, &frr(262), &[]);
    check(Operation::NetlinkUnloaded, &frr(252), &[]);
}

#[test]
fn a_version_between_two_counts_as_both() {
    let bond = |version| host(version, &[Holds::BondPort]);
    check(Operation::ReloadChanged, &bond(250), &[Harm::Links]);
    check(Operation::ReloadChanged, &bond(253), &[Harm::Links]);
    check(Operation::ReloadChanged, &bond(255), &[]);
    check(Operation::ReloadChanged, &bond(300), &[]);
    check(
        Operation::Restart,
        &host(252, &[Holds::BondPort, Holds::SessionOverBond]),
        &[Harm::Links, Harm::Sessions],
    );
    assert_eq!(neighbors(258), [257, 262]);
    assert_eq!(neighbors(245), [247]);
}

#[test]
fn addresses_of_others_and_plain_ones_are_named() {
    check(Operation::ReloadChanged, &host(257, &[Holds::ForeignAddress]), &[Harm::Links]);
    check(Operation::ReloadNew, &host(257, &[Holds::ForeignAddress]), &[]);
    check(Operation::ReloadChanged, &host(252, &[Holds::PlainAddress]), &[Harm::Links]);
    let bird = host(252, &[Holds::PlainAddress, Holds::BirdOnPlainAddress]);
    check(Operation::ReloadChanged, &bird, &[Harm::Links, Harm::Sessions]);
}

#[test]
fn a_link_whose_file_is_gone_is_let_go_at_any_reload() {
    for operation in [Operation::ReloadUnchanged, Operation::ReloadNew, Operation::ReloadChanged] {
        check(operation, &host(252, &[Holds::Forsaken]), &[Harm::Sessions]);
    }
    check(Operation::ReloadNew, &host(247, &[Holds::Forsaken]), &[]);
    check(Operation::Restart, &host(252, &[Holds::Forsaken]), &[]);
}

#[test]
fn a_link_local_session_is_that_of_the_link_it_is_bound_to() {
    let local = "fe80::1";
    let link = |index: u32, parent: Option<&str>| ObservedLink {
        index,
        kind: parent.map(|_| "vlan".to_owned()),
        parent: parent.map(str::to_owned),
        addresses: vec![ObservedAddress {
            address: format!("{local}/64").parse().expect("an address"),
            broadcast: None,
            usable: true,
            permanent: true,
        }],
        ..ObservedLink::default()
    };
    let links =
        BTreeMap::from([("eno1".to_owned(), link(2, None)), ("storage".to_owned(), link(3, Some("eno1")))]);
    let session = |device: u32| BgpSession {
        local: local.parse().expect("an address"),
        peer: "fe80::2".parse().expect("an address"),
        device,
        cookie: 1,
    };
    let speaks = |device: u32| ["eno1", "storage"].map(|it| session(device).speaks_from(&links[it], &links));
    assert_eq!(speaks(2), [true, false]);
    assert_eq!(speaks(3), [false, true]);
    assert_eq!(speaks(0), [true, true], "bound to none: either may be it");
    assert_eq!(speaks(9), [true, true], "bound to what has no such address, as a VRF: either may be it");
}
