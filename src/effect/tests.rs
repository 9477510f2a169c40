//! The table asked for hosts as they are found.

use super::*;
use crate::observed::{LeftAlone, Networkd, NextStart, Observed, RoutingDaemon};

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
    let protected = NextStart { version: 252, point: None, left_alone: LeftAlone::ALL };
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
fn what_somebody_may_notice_too_late_is_lost_by_chance() {
    let holds = [Holds::BondPort, Holds::SessionOverBond, Holds::ForeignNeighbor, Holds::ForeignRoutes];
    let by_chance = |operation| {
        let found = forecast(operation, &host(252, &holds));
        let lost = found.iter().filter(|it| it.certainty == Certainty::ByChance).map(|it| it.harm);
        (lost.collect::<Vec<_>>(), found.len())
    };
    assert_eq!(by_chance(Operation::Restart), (vec![Harm::Sessions, Harm::Routes], 4));
    assert_eq!(by_chance(Operation::ReloadChanged), (vec![], 3));
}

#[test]
fn a_session_may_be_lost_with_several_ports_of_its_bond() {
    let together =
        |version| host(version, &[Holds::BondPort, Holds::SessionOverBond, Holds::SessionOverPorts]);
    let alone = host(252, &[Holds::BondPort, Holds::SessionOverBond]);
    check(Operation::ReloadChanged, &alone, &[Harm::Links]);
    check(Operation::ReloadChanged, &together(252), &[Harm::Links, Harm::Sessions]);
    check(Operation::ReloadChanged, &together(254).with_point(26), &[]);
    check(Operation::ReloadChanged, &together(257), &[]);
}

#[test]
fn addresses_of_others_and_plain_ones_are_named() {
    check(Operation::ReloadChanged, &host(257, &[Holds::ForeignAddress]), &[Harm::Links]);
    check(Operation::ReloadNew, &host(257, &[Holds::ForeignAddress]), &[]);
    check(Operation::ReloadChanged, &host(252, &[Holds::PlainAddress]), &[Harm::Links]);
    let bird = host(252, &[Holds::PlainAddress, Holds::SessionOnPlainAddress]);
    check(Operation::ReloadChanged, &bird, &[Harm::Links, Harm::Sessions]);
}

#[test]
fn what_depends_on_an_address_of_others_goes_with_it() {
    for (what, harm) in [
        (Holds::SessionOnForeignAddress, Harm::Sessions),
        (Holds::StorageOnForeignAddress, Harm::Storage),
        (Holds::SourceOnForeignAddress, Harm::Routes),
    ] {
        for version in [247, 252, 257, 262] {
            let host = host(version, &[what]);
            for operation in [Operation::ReloadChanged, Operation::Reconfigure, Operation::Restart] {
                check(operation, &host, &[harm]);
            }
            check(Operation::ReloadNew, &host, &[]);
        }
    }
}

#[test]
fn neighbors_of_others_go_where_networkd_configures_their_link_anew() {
    for version in [247, 252, 257, 262] {
        let host = host(version, &[Holds::ForeignNeighbor]);
        for operation in [Operation::ReloadChanged, Operation::Reconfigure, Operation::Restart] {
            check(operation, &host, &[Harm::Routes]);
        }
        check(Operation::ReloadNew, &host, &[]);
        check(Operation::ReloadUnchanged, &host, &[]);
    }
}

#[test]
fn bfd_is_disturbed_where_its_session_may_not_be() {
    let frr = |holds: &[Holds]| host(252, &[&[Holds::PlainAddress], holds].concat());
    check(Operation::ReloadChanged, &frr(&[]), &[Harm::Links]);
    check(Operation::ReloadChanged, &frr(&[Holds::BfdOnPlainAddress]), &[Harm::Links, Harm::Sessions]);
    check(Operation::Restart, &frr(&[Holds::BfdOnPlainAddress]), &[Harm::Links, Harm::Sessions]);
    check(Operation::Restart, &host(257, &[Holds::BfdOnPlainAddress, Holds::BfdOverBond]), &[]);
    let bond = |version| host(version, &[Holds::BondPort, Holds::BfdOverBond]);
    check(Operation::ReloadChanged, &bond(252), &[Harm::Links, Harm::Sessions]);
    check(Operation::ReloadChanged, &bond(254).with_point(26), &[]);
}

/// The point release that mends it may not be known.
#[test]
fn ports_of_bonds_go_down_until_a_point_release() {
    let bond = |version| host(version, &[Holds::BondPort]);
    for (version, last, mended) in [(253, 16, 17), (254, 9, 10), (255, 3, 4)] {
        check(Operation::ReloadChanged, &bond(version), &[Harm::Links]);
        check(Operation::Restart, &bond(version).with_point(last), &[Harm::Links]);
        check(Operation::ReloadChanged, &bond(version).with_point(mended), &[]);
    }
    check(Operation::ReloadChanged, &bond(252).with_point(39), &[Harm::Links]);
    for version in [247, 256, 257] {
        check(Operation::ReloadChanged, &bond(version), &[]);
    }
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
fn leases_go_where_networkd_asks_for_them_anew() {
    for (version, reload, restart) in
        [(247, true, false), (252, true, true), (254, true, true), (257, false, false)]
    {
        let lent = host(version, &[Holds::Lease]);
        let links = |it| if it { vec![Harm::Links] } else { Vec::new() };
        check(Operation::ReloadChanged, &lent, &links(reload));
        check(Operation::Restart, &lent, &links(restart));
        check(Operation::Reconfigure, &lent, &[Harm::Links]);
        check(Operation::ReloadNew, &lent, &[]);
    }
    let session = host(262, &[Holds::Lease, Holds::SessionOnLease]);
    check(Operation::Reconfigure, &session, &[Harm::Links, Harm::Sessions]);
    check(Operation::Restart, &session, &[]);
}

#[test]
fn what_has_networkd_read_a_changed_file_does_what_the_file_says() {
    let reads =
        [Operation::ReloadUnchanged, Operation::ReloadNew, Operation::ReloadChanged, Operation::Restart];
    for operation in reads {
        check(operation, &host(257, &[Holds::UnreadFile]), &[Harm::Links]);
        let both = host(252, &[Holds::UnreadFile, Holds::UnreadFileOfSession]);
        check(operation, &both, &[Harm::Links, Harm::Sessions]);
    }
    check(Operation::ReloadWithoutReconfigure, &host(262, &[Holds::UnreadFile]), &[Harm::Links]);
    assert!(!Operation::ReloadWithoutReconfigure.is_known_to(257));
    check(Operation::NetlinkUnloaded, &host(257, &[Holds::UnreadFile]), &[]);
}

#[test]
fn what_is_done_beside_networkd_comes_undone_or_takes_what_others_have() {
    for version in [247, 252, 254, 257, 262] {
        check(Operation::NetlinkUnloaded, &host(version, &[Holds::Functions, Holds::ForeignLinks]), &[]);
        check(Operation::NetlinkLoaded, &host(version, &[]), &[]);
        check(Operation::NetlinkLoaded, &host(version, &[Holds::Loaded]), &[Harm::Links]);
        check(Operation::Delete, &host(version, &[Holds::Loaded]), &[]);
        check(Operation::Delete, &host(version, &[Holds::ForeignLinks]), &[Harm::Links]);
        check(Operation::ChangeFunctions, &host(version, &[Holds::Functions]), &[Harm::Guests]);
        check(Operation::Restart, &host(version, &[Holds::ForeignMaster]), &[Harm::Links]);
        check(Operation::ReloadNew, &host(version, &[Holds::ForeignMaster]), &[]);
    }
}
