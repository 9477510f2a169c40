//! Answers as they were recorded: BIRD 2.17, FRR 8.4 and 10.3, two of each with a veth between them.

use proptest::prelude::*;

use super::*;

const PROTOCOLS: &str = include_str!("samples/bird-2.17-protocols.txt");
const STATUS: &str = "BIRD 2.17.6\nRouter ID is 192.0.2.2\nCurrent server time is 2026-11-26 02:51:50.374\n";
const BIRD_BFD: &str = include_str!("samples/bird-2.17-bfd.txt");
const NEIGHBORS: &str = include_str!("samples/frr-8.4-neighbors.json");
const NEWER_NEIGHBORS: &str = include_str!("samples/frr-10.3-neighbors.json");
const GROUPS: &str = include_str!("samples/frr-8.4-groups.json");
const FRR_BFD: &str = include_str!("samples/frr-8.4-bfd.json");

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn session(local: &str, peer: &str, age: u64) -> ToldSession {
    ToldSession { local: Some(ip(local)), peer: ip(peer), age: Some(age), hold_time: None }
}

fn nets(list: &[&str]) -> BTreeSet<IpNet> {
    list.iter().map(|it| it.parse().expect("a network")).collect()
}

fn bfd(local: Option<&str>, peer: &str, link: Option<&str>, up: bool) -> BfdPeer {
    BfdPeer { local: local.map(ip), peer: ip(peer), link: link.map(str::to_owned), up }
}

#[test]
fn bird_tells_of_every_established_session_and_of_ranges() {
    let mut told = Told::default();
    told.add_bird_protocols(PROTOCOLS, STATUS).expect("an answer");
    let expected = [
        session("192.0.2.2", "192.0.2.1", 17),
        session("2001:db8::2", "2001:db8::1", 18),
        session("192.0.2.2", "192.0.2.5", 18),
        session("192.0.2.4", "192.0.2.6", 17),
    ];
    assert_eq!(told.sessions, expected, "attempts, and what is shut, are none");
    assert_eq!(told.ranges, nets(&["192.0.2.0/24"]));
    assert!(told.knows(ip("192.0.2.99")) && !told.knows(ip("192.0.3.1")));
}

#[test]
fn bird_tells_of_bfd() {
    let mut told = Told::default();
    told.add_bird_bfd(BIRD_BFD).expect("an answer");
    let both = [bfd(None, "192.0.2.1", Some("up0"), true), bfd(None, "192.0.2.77", Some("up0"), false)];
    assert_eq!(told.bfd, both.into());
    let several = "bfd1:\nIP address                Interface  State      Since         Interval  Timeout\n\
                   2001:db8::9               ---        Up         2026-11-25      0.300    0.900\n\n\
                   bfd2:\nIP address                Interface  State      Since         Interval  Timeout\n\
                   fe80::1                   eno1       Init       02:51:28.324    1.000    0.000\n";
    let mut told = Told::default();
    told.add_bird_bfd(several).expect("an answer");
    let both = [bfd(None, "2001:db8::9", None, true), bfd(None, "fe80::1", Some("eno1"), false)];
    assert_eq!(told.bfd, both.into());
}

#[test]
fn frr_tells_of_every_established_session_and_of_ranges() {
    let mut told = Told::default();
    told.add_frr_neighbors(NEIGHBORS).expect("an answer");
    let expected = [
        session("192.0.2.2", "192.0.2.1", 23),
        session("192.0.2.2", "192.0.2.5", 190),
        session("fe80::bc07:c4ff:fe99:2e2d", "fe80::a819:74ff:feb2:bb3d", 190),
    ];
    assert_eq!(told.sessions, expected);
    told.add_frr_groups(GROUPS).expect("an answer");
    assert_eq!(told.ranges, nets(&["192.0.2.6/32", "192.0.2.0/30", "2001:db8:5::/64"]));
    let mut newer = Told::default();
    newer.add_frr_neighbors(NEWER_NEIGHBORS).expect("an answer");
    let peers: Vec<_> = newer.sessions.iter().map(|it| it.peer.to_string()).collect();
    assert_eq!(peers, ["2001:db8::1", "fe80::f0a4:fbff:fe61:8e7c"]);
}

#[test]
fn frr_tells_of_sessions_in_every_vrf() {
    let peer = r#"{"bgpState":"Established","hostLocal":"192.0.2.2","hostForeign":"192.0.2.1"}"#;
    let answer = format!(
        r#"{{"default":{{"vrfId":0,"vrfName":"default"}},"red":{{"vrfId":9,"vrfName":"red","192.0.2.1":{peer}}}}}"#
    );
    let mut told = Told::default();
    told.add_frr_neighbors(&answer).expect("an answer");
    assert_eq!(told.sessions, [ToldSession { age: None, ..session("192.0.2.2", "192.0.2.1", 0) }]);
    told.add_frr_neighbors("{\n}\n").expect("no instance at all");
    assert_eq!(told.sessions.len(), 1);
}

#[test]
fn the_longest_negotiated_hold_time_is_found() {
    let mut told = Told::default();
    assert_eq!(told.hold_time(), None);
    let timed = |time: &str| {
        format!(
            "{PROTOCOLS}\nlong       BGP        ---        up     02:51:32.307  Established   \n  BGP state:          Established\n    Neighbor address: 192.0.2.8\n    Hold timer:       198.322/{time}\n    Keepalive timer:  12.1/80\n"
        )
    };
    told.add_bird_protocols(&timed("240"), STATUS).expect("an answer");
    assert_eq!(told.hold_time(), Some(240));
    let peer = |time: u32| {
        format!(
            r#"{{"default":{{"192.0.2.1":{{"bgpState":"Established","hostForeign":"192.0.2.1","bgpTimerHoldTimeMsecs":{time}}}}}}}"#
        )
    };
    told.add_frr_neighbors(&peer(9000)).expect("an answer");
    assert_eq!(told.hold_time(), Some(240));
    told.add_frr_neighbors(&peer(300_000)).expect("an answer");
    assert_eq!(told.hold_time(), Some(300));
}

#[test]
fn frr_tells_of_bfd() {
    let mut told = Told::default();
    told.add_frr_bfd(FRR_BFD).expect("an answer");
    let both = [bfd(Some("192.0.2.2"), "192.0.2.1", Some("up0"), true), bfd(None, "192.0.2.77", None, false)];
    assert_eq!(told.bfd, both.into());
}

#[test]
fn nonsense_is_refused_and_leaves_nothing_behind() {
    let nonsense =
        ["", "\n", "% Unknown command", "[1, 2]", "{\"a\":1}", "<html>", "Name Proto", "{\"bgpState\"", "\0"];
    for text in nonsense {
        let mut told = Told::default();
        assert!(told.add_bird_protocols(text, STATUS).is_err(), "{text}");
        assert!(told.add_bird_bfd(text).is_err(), "{text}");
        assert!(told.add_frr_neighbors(text).is_err(), "{text}");
        assert!(told.add_frr_bfd(text).is_err(), "{text}");
        assert_eq!(told, Told::default(), "{text}");
    }
}

#[test]
fn an_age_is_that_of_one_session() {
    let of = |local: &str, peer: &str| BgpSession { local: ip(local), peer: ip(peer), device: 0, cookie: 1 };
    let mut told = Told { sessions: vec![session("192.0.2.2", "192.0.2.1", 23)], ..Told::default() };
    assert_eq!(told.age(&of("192.0.2.2", "192.0.2.1")), Some(23));
    assert_eq!(told.age(&of("192.0.2.3", "192.0.2.1")), None);
    told.sessions.push(session("192.0.2.2", "192.0.2.1", 99));
    assert_eq!(told.age(&of("192.0.2.2", "192.0.2.1")), None, "in two VRFs: which one, nobody knows");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_answer_makes_a_reader_panic(noise in "(?s).{0,80}", clock in "[-0-9:. ]{0,24}", at in 0..4000_usize) {
        let place = (0..=at.min(PROTOCOLS.len())).rev().find(|it| PROTOCOLS.is_char_boundary(*it)).unwrap_or(0);
        let broken = format!("{}{noise}{}", &PROTOCOLS[..place], &PROTOCOLS[place..]);
        let since = PROTOCOLS.replace("02:51:32.307", &clock);
        for text in [&noise, &broken, &since] {
            let mut told = Told::default();
            let _ = told.add_bird_protocols(text, &format!("Current server time is {clock}\n"));
            let _ = told.add_bird_protocols(text, STATUS);
            let _ = told.add_bird_bfd(text);
            let _ = told.add_frr_neighbors(text);
            let _ = told.add_frr_groups(text);
            let _ = told.add_frr_bfd(text);
        }
    }
}
