//! What is found of a link, by the harms that it leads to.

use crate::effect::*;
use crate::observed::{
    AddressState, BgpSession, LeftAlone, Networkd, NextStart, Observed, ObservedAddress, ObservedLink,
    RoutingDaemon,
};

fn written_address() -> ObservedAddress {
    ObservedAddress {
        address: "192.0.2.2/24".parse().expect("an address"),
        broadcast: None,
        state: AddressState::Usable,
        permanent: true,
    }
}

fn session_from_it() -> BgpSession {
    let ip = |text: &str| text.parse().expect("an address");
    BgpSession { local: ip("192.0.2.2"), peer: ip("192.0.2.1"), device: 0, cookie: 1 }
}

#[test]
fn sessions_of_frr_alone_may_outlive_their_address() {
    use RoutingDaemon::{Bird, Frr};
    for (version, daemons, expected) in [
        (247, &[Frr][..], [Harm::Links, Harm::Routes]),
        (252, &[Frr], [Harm::Links, Harm::Routes]),
        (247, &[Bird], [Harm::Links, Harm::Sessions]),
        (252, &[Bird, Frr], [Harm::Links, Harm::Sessions]),
        (252, &[], [Harm::Links, Harm::Sessions]),
    ] {
        let loaded = [("eno1".to_owned(), "/etc/systemd/network/20-eno1.network".to_owned())].into();
        let link = ObservedLink { index: 2, addresses: vec![written_address()], ..ObservedLink::default() };
        let observed = Observed {
            networkd: Some(Networkd { version, loaded, left_alone: LeftAlone::ALL, ..Networkd::default() }),
            links: [("eno1".to_owned(), link)].into(),
            shared_by_foreign: ["eno1".to_owned()].into(),
            sessions: [session_from_it()].into(),
            daemons: daemons.iter().copied().collect(),
            ..Observed::default()
        };
        let situation = Situation::of(&observed, Operation::ReloadChanged).expect("networkd runs");
        let all = forecast(Operation::ReloadChanged, &situation.about(&observed, "eno1", &[]));
        assert!(harms(&all).contains(&Harm::Sessions), "{version} {daemons:?}");
        let sure: Vec<_> = all.into_iter().filter(|it| it.certainty == Certainty::EachTime).collect();
        assert_eq!(harms(&sure), expected.into(), "{version} {daemons:?}");
    }
}

#[test]
fn routes_of_others_go_where_addresses_are_taken_away_and_given_again() {
    let harms_of = |version: u32, path: &str, operation: Operation, change: &dyn Fn(&mut Observed)| {
        let loaded = [("eno1".to_owned(), path.to_owned())].into();
        let networkd = Networkd {
            version,
            loaded,
            left_alone: LeftAlone::ALL,
            next: NextStart { version, point: None, left_alone: LeftAlone::ALL },
            ..Networkd::default()
        };
        let link = ObservedLink { index: 2, addresses: vec![written_address()], ..ObservedLink::default() };
        let links = [("eno1".to_owned(), link)].into();
        let mut observed = Observed { networkd: Some(networkd), links, ..Observed::default() };
        change(&mut observed);
        let situation = Situation::of(&observed, operation).expect("networkd runs");
        harms(&forecast(operation, &situation.about(&observed, "eno1", &[]))).contains(&Harm::Routes)
    };
    let ours = "/run/systemd/network/10-hostwright-eno1.network";
    let plain = "/etc/systemd/network/20-eno1.network";
    let over = |it: &mut Observed| {
        it.shared_by_foreign.insert("eno1".to_owned());
    };
    let from = |it: &mut Observed| {
        it.foreign_sources.insert((254, "192.0.2.2".parse().expect("an address")));
    };
    for (version, path, operation, expected) in [
        (247, ours, Operation::ReloadChanged, true),
        (247, ours, Operation::Restart, false),
        (252, ours, Operation::ReloadChanged, false),
        (252, ours, Operation::Reconfigure, true),
        (252, plain, Operation::ReloadChanged, true),
        (252, plain, Operation::Restart, true),
        (257, plain, Operation::ReloadChanged, false),
    ] {
        for change in [&over as &dyn Fn(&mut Observed), &from] {
            assert_eq!(
                harms_of(version, path, operation, change),
                expected,
                "{version} {path} {operation:?}"
            );
        }
        assert!(!harms_of(version, path, operation, &|_| ()), "{version} {path} {operation:?}");
    }
}

#[test]
fn what_goes_over_a_link_goes_with_the_master_that_networkd_takes() {
    let path = "/etc/systemd/network/20-eno2.network";
    let harms_of = |change: &dyn Fn(&mut Observed)| {
        let loaded = [("eno2".to_owned(), path.to_owned())].into();
        let mut observed = Observed {
            networkd: Some(Networkd {
                version: 257,
                loaded,
                left_alone: LeftAlone::ALL,
                ..Networkd::default()
            }),
            written: [(path.to_owned(), "[Match]\nName=eno2\n".to_owned())].into(),
            ..Observed::default()
        };
        let port = ObservedLink { index: 2, master: Some("br0".to_owned()), ..ObservedLink::default() };
        observed.links = [("eno2".to_owned(), port), ("br0".to_owned(), ObservedLink::default())].into();
        change(&mut observed);
        let situation = Situation::of(&observed, Operation::Reconfigure).expect("networkd runs");
        harms(&forecast(Operation::Reconfigure, &situation.about(&observed, "eno2", &[])))
    };
    assert_eq!(harms_of(&|_| ()), [Harm::Links].into());
    let routes = |it: &mut Observed| {
        it.foreign_routes.insert("br0".to_owned(), 1);
    };
    assert_eq!(harms_of(&routes), [Harm::Links, Harm::Routes].into());
    let session = |it: &mut Observed| {
        it.links.get_mut("br0").expect("it is there").addresses.push(written_address());
        it.sessions.insert(session_from_it());
    };
    assert_eq!(harms_of(&session), [Harm::Links, Harm::Sessions].into());
}
