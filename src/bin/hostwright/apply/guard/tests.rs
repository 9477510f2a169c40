//! Pictures compared.

use std::slice::from_ref;

use super::{
    BTreeMap, BTreeSet, Baseline, BfdPeer, BgpSession, Carrier, ForeignRoute, Harm, Loss, Nexthop, Routes,
};

#[test]
fn bfd_that_goes_down_is_a_lost_session_and_silence_is_none() {
    let bfd = |up: bool| {
        let peer = "192.0.2.1".parse().expect("an address");
        BfdPeer { local: None, peer, link: Some("eno1".to_owned()), up }
    };
    let picture = |bfd: Option<BTreeSet<BfdPeer>>| Baseline { bfd, ..Baseline::default() };
    let before = picture(Some([bfd(true)].into()));
    let lost = |later: Option<BTreeSet<BfdPeer>>| before.lost_in(&picture(later));
    assert_eq!(lost(Some([bfd(true)].into())), []);
    assert_eq!(lost(None), [], "a daemon that does not answer");
    let said = [Loss::new(Harm::Sessions, "BFD session with 192.0.2.1 over eno1".to_owned())];
    assert_eq!(lost(Some(BTreeSet::new())), said);
    assert_eq!(picture(None).lost_in(&before), [], "it was not known before");
    let moved = BfdPeer { link: Some("br0".to_owned()), ..bfd(true) };
    assert_eq!(before.not_back_in(&picture(Some([moved.clone()].into()))), [], "it came with its address");
    let both = picture(Some([bfd(true), moved.clone()].into()));
    assert_eq!(both.not_back_in(&picture(Some([moved].into()))), said, "that one was there before");
    assert!(before.is_worth_watching() && !picture(Some(BTreeSet::new())).is_worth_watching());
}

#[test]
fn what_is_lost_late_is_worth_watching() {
    let target =
        Baseline { targets: [("iqn.2026-01.example.san:hv1".to_owned(), 2)].into(), ..Baseline::default() };
    let to = "203.0.113.0/24".parse().expect("a network");
    let route = ForeignRoute { table: 254, protocol: 11, to };
    let routes = Routes::new(vec![route], std::time::Duration::ZERO);
    assert!(target.is_worth_watching());
    let one_path = Baseline {
        targets: target.targets.keys().map(|it| (it.clone(), 1)).collect(),
        ..Baseline::default()
    };
    assert_eq!((target.lost_in(&one_path).len(), one_path.lost_in(&target).len()), (1, 0));
    assert!(Baseline { routes, ..Baseline::default() }.is_worth_watching());
    assert!(!Baseline::default().is_worth_watching());
}

/// TCP keeps a session whose own address is gone until its daemon gives up.
#[test]
fn a_session_without_its_address_is_lost_unless_one_with_another_took_its_place() {
    let ip = |text: &str| text.parse().expect("an address");
    let session =
        |local: &str, cookie| BgpSession { local: ip(local), peer: ip("10.0.0.1"), device: 0, cookie };
    let picture = |sessions: &[BgpSession], addresses: &[&str]| Baseline {
        sessions: sessions.iter().cloned().collect(),
        addresses: addresses.iter().map(|it| ip(it)).collect(),
        ..Baseline::default()
    };
    let (old, new) = (session("10.0.0.2", 1), session("10.0.0.3", 2));
    let before = picture(from_ref(&old), &["10.0.0.2"]);
    let what = "BGP session 10.0.0.2 with 10.0.0.1: its own address is gone".to_owned();
    let lost = [Loss::new(Harm::Sessions, what)];
    assert_eq!(before.lost_in(&before), []);
    assert_eq!(before.lost_in(&picture(from_ref(&old), &["10.0.0.3"])), lost);
    assert_eq!(before.not_back_in(&picture(from_ref(&old), &["10.0.0.3"])), lost);
    assert_eq!(before.not_back_in(&picture(&[old.clone(), new.clone()], &["10.0.0.3"])), []);
    assert_eq!(before.not_back_in(&picture(from_ref(&new), &["10.0.0.3"])), []);
    let two = picture(&[old.clone(), new.clone()], &["10.0.0.2", "10.0.0.3"]);
    assert_eq!(two.not_back_in(&picture(&[new], &["10.0.0.3"])).len(), 1, "that one was there before");
    let routed = picture(&[old], &[]);
    assert_eq!(routed.lost_in(&routed), [], "no link ever had it");
}

#[test]
fn a_session_in_another_namespace_is_lost_unless_it_comes_anew_as_was_agreed() {
    let session = |cookie: u64| {
        let ip = |text: &str| text.parse().expect("an address");
        let session = BgpSession { local: ip("10.0.0.2"), peer: ip("10.0.0.1"), device: 0, cookie };
        ("the network namespace `blue`".to_owned(), session)
    };
    let picture = |cookies: &[u64]| Baseline {
        elsewhere: cookies.iter().copied().map(session).collect(),
        ..Baseline::default()
    };
    let what = "BGP session 10.0.0.2 with 10.0.0.1 in the network namespace `blue`".to_owned();
    assert_eq!(picture(&[1]).lost_in(&picture(&[1, 2])), []);
    let stalled = Baseline { stalled: [1].into(), ..picture(&[1]) };
    let silent = format!("{what}: its peer acknowledges nothing");
    assert_eq!(picture(&[1]).lost_in(&stalled), [Loss::new(Harm::Sessions, silent)]);
    assert_eq!(stalled.lost_in(&stalled), [], "it was so before");
    assert_eq!(picture(&[1]).lost_in(&picture(&[2])), [Loss::new(Harm::Sessions, what.clone())]);
    assert_eq!(picture(&[1]).not_back_in(&picture(&[2])), []);
    assert_eq!(picture(&[1]).not_back_in(&picture(&[])), [Loss::new(Harm::Sessions, what)]);
    assert!(picture(&[1]).is_worth_watching());
}

#[test]
fn a_neighbor_that_goes_takes_the_routes_by_it_along() {
    let of = |link: &str| (link.to_owned(), "169.254.0.1".parse().expect("an address"));
    let mut before = Baseline { neighbors: [of("eno1"), of("host20")].into(), ..Baseline::default() };
    let carriers: BTreeMap<_, _> = [("eno1".to_owned(), Carrier::There)].into();
    let later = Baseline { neighbors: [of("host20")].into(), carriers, ..Baseline::default() };
    let lost = before.lost_in(&later);
    assert_eq!(before.lost_in(&Baseline::default()), [], "the links are gone");
    assert_eq!(lost, [Loss::new(Harm::Routes, "neighbor 169.254.0.1 of eno1".to_owned())]);
    before.leave_out("host20");
    assert_eq!(before.neighbors, [of("eno1")].into());
    assert_eq!(before.not_back_in(&Baseline::default()), [], "as was agreed");
}

#[test]
fn nexthops_over_a_link_that_goes_are_left_out() {
    let nexthop = |id: u32, device: &str| Nexthop {
        id,
        protocol: 11,
        device: Some(device.to_owned()),
        via: None,
        members: BTreeSet::new(),
        rest: format!("family 2 dev {device} protocol 11"),
    };
    let nexthops = [nexthop(18, "host20"), nexthop(19, "host2")];
    let mut baseline = Baseline { nexthops: nexthops.into(), ..Baseline::default() };
    baseline.leave_out("host20");
    let lost: Vec<_> = baseline.lost_in(&Baseline::default()).into_iter().map(|it| it.what).collect();
    assert_eq!(lost, ["nexthop id 19 family 2 dev host2 protocol 11"]);
}

/// Of a bridge of others whose last port went, and whose carrier with it, only that it is set up counts.
#[test]
fn a_link_of_others_is_lost_when_it_is_set_down() {
    let lost = |[before, later]: [Carrier; 2]| -> Vec<_> {
        let picture = |carrier: Carrier| Baseline {
            carriers: [("docker0".to_owned(), carrier)].into(),
            ..Baseline::default()
        };
        picture(before).lost_in(&picture(later)).into_iter().map(|it| it.what).collect()
    };
    assert_eq!(lost([Carrier::OfOthers, Carrier::Down]), ["docker0 is down"]);
    assert_eq!(lost([Carrier::There, Carrier::Gone]), ["carrier of docker0"]);
    for harmless in [
        [Carrier::OfOthers, Carrier::OfOthers],
        [Carrier::OfOthers, Carrier::Gone],
        [Carrier::Down, Carrier::OfOthers],
        [Carrier::Gone, Carrier::There],
        [Carrier::OfGuest, Carrier::OfGuest],
    ] {
        assert_eq!(lost(harmless), [""; 0], "{harmless:?}");
    }
}
