//! What daemons say of routes that the kernel lacks.

use super::super::witnesses::Witnesses;
use super::*;
use crate::apply::churn::{Claim, Routes};

fn claims(run: &Path, gone: &[ForeignRoute], now: &Routes) -> BTreeMap<ForeignRoute, Claim> {
    Witnesses::at(run, || 1).claims(gone, now, &|| [7].into())
}

/// Makes a route of a table, of which the protocol is a daemon's.
fn route(table: u32, protocol: u8, to: &str) -> ForeignRoute {
    ForeignRoute { table, protocol, to: to.parse().expect("a network") }
}

fn now(routes: &[ForeignRoute]) -> Routes {
    Routes::new(routes.to_vec(), Duration::ZERO)
}

/// The answer of BIRD where two protocols write into the kernel, and where one writes a route.
const PROTOCOLS: (&str, &str) = (
    "show protocols",
    "2002-Name       Proto      Table      State  Since         Info\n1002-device1    Device     ---        up     18:01:01.497  \n     kernel1    Kernel     master4    up     18:01:01.497  \n     kernel2    Kernel     blue4      up     18:01:01.497  \n     peer       Static     peer4      up     18:01:01.497  \n0000 \n",
);
const WRITTEN: &str = "1007-Table blue4:\n 0.0.0.0/0            unicast [b 02:42:33.239] * (100)\n0000 \n";

#[test]
fn routes_that_daemons_do_not_have_are_withdrawn() {
    let (run, _) = host(&[]);
    let bird = &[
        ("restrict", "0016 Access restricted\n"),
        PROTOCOLS,
        ("show route 203.0.113.0/24 exported kernel1", "8001 Network not found\n"),
        ("show route 203.0.113.0/24 exported kernel2", "9001 No valid tables\n"),
        ("show route 198.51.100.0/24 exported kernel1", WRITTEN),
        ("show route 198.51.100.0/24 exported kernel2", "9001 No valid tables\n"),
        ("show route 198.18.7.0/24 exported kernel2", "9001 No valid tables\n"),
        ("show route 198.19.0.0/16 exported kernel1", "0000 \n"),
        ("show route 198.19.0.0/16 exported kernel2", "9001 No valid tables\n"),
        ("show route 192.0.2.0/24 exported kernel1", "9001 syntax error\n"),
    ];
    serve(&run.path().join("bird/bird.ctl"), "0001 BIRD 2.17 ready.\n", bird);
    let zebra = &[
        ("enable", "\0\0\0\0"),
        ("show ip route vrf all 203.0.113.0/24 json", "{}\n\0\0\0\u{1}"),
        (
            "show ipv6 route vrf all 2001:db8::/32 json",
            "{\"2001:db8::/32\":[{\"protocol\":\"bgp\",\"installed\":true}]}\n\0\0\0\0",
        ),
        ("show ip route vrf all 198.51.100.0/24 json", "% Unknown command\n\0\0\0\u{2}"),
    ];
    serve(&run.path().join("frr/zebra.vty"), "", zebra);
    let all = [
        route(254, 12, "203.0.113.0/24"),
        route(254, 12, "198.51.100.0/24"),
        route(254, 12, "198.19.0.0/16"),
        route(254, 12, "192.0.2.0/24"),
        route(254, 186, "203.0.113.0/24"),
        route(254, 186, "2001:db8::/32"),
        route(254, 11, "198.51.100.0/24"),
        route(254, 17, "198.51.100.0/24"),
    ];
    let withdrawn = [all[0], all[2], all[4]].map(|it| (it, Claim::Withdrawn));
    let held = [all[1], all[5]].map(|it| (it, Claim::Held));
    let beside = route(254, 12, "198.18.7.0/24");
    assert_eq!(claims(run.path(), &all, &now(&[beside])), withdrawn.into_iter().chain(held).collect());
    assert_eq!(claims(Path::new("/nowhere"), &all, &now(&[])), BTreeMap::new(), "nobody answers");
}

/// Two VRFs have the same destination: what BIRD writes may be the other's, where the kernel has that one, and which of its
/// protocols is whose, the routes tell that one of them alone has.
#[test]
fn bird_has_a_route_of_another_table() {
    let (run, _) = host(&[]);
    let (yes, no) = (WRITTEN, "8001 Network not found\n");
    let of_main = route(254, 12, "0.0.0.0/0");
    let of_blue = ForeignRoute { table: 7, ..of_main };
    let known = route(254, 12, "198.18.7.0/24");
    let first = "show route 0.0.0.0/0 exported kernel1";
    let second = "show route 0.0.0.0/0 exported kernel2";
    let third = "show route 198.18.7.0/24 exported kernel2";
    for (answers, there, claim) in [
        (vec![(first, no), (second, yes)], vec![of_blue, known], Some(Claim::Withdrawn)),
        (vec![(first, yes), (second, yes)], vec![of_blue, known], Some(Claim::Held)),
        (vec![(first, yes), (second, no), (third, no)], vec![known], Some(Claim::Held)),
        (vec![(first, yes), (second, no), (third, yes)], vec![known], None),
        (vec![(first, yes), (second, no)], vec![], None),
    ] {
        let path = run.path().join("bird/bird.ctl");
        let begin = [("restrict", "0016 Access restricted\n"), PROTOCOLS];
        let answers: Vec<_> = begin.into_iter().chain(answers).collect();
        serve(&path, "0001 BIRD 2.17 ready.\n", answers.leak());
        let expected = claim.map(|it| (of_main, it)).into_iter().collect();
        assert_eq!(claims(run.path(), &[of_main], &now(&there)), expected);
        fs::remove_file(path).expect("removed");
    }
}

/// What came by BGP goes as a peer says; a neighbor of OSPF is only heard of no more.
#[test]
fn what_came_without_a_session_is_forgotten() {
    let (run, _) = host(&[]);
    let with_ospf = (
        PROTOCOLS.0,
        "2002-Name       Proto      Table      State  Since         Info\n1002-kernel1    Kernel     master4    up     18:01:01.497  \n     core       OSPF       master4    up     18:01:01.497  Alone\n0000 \n",
    );
    let absent = "show route 203.0.113.0/24 exported kernel1";
    let bird = [("restrict", "0016 Access restricted\n"), with_ospf, (absent, "8001 Network not found\n")];
    serve(&run.path().join("bird/bird.ctl"), "0001 BIRD 2.17 ready.\n", Box::leak(Box::new(bird)));
    let nothing = ("show ip route vrf all 203.0.113.0/24 json", "{}\n\0\0\0\0");
    let zebra = Box::new([("enable", "\0\0\0\0"), nothing, nothing]);
    serve(&run.path().join("frr/zebra.vty"), "", Box::leak(zebra));
    let of = |protocol: u8| route(254, protocol, "203.0.113.0/24");
    let expected =
        [(of(12), Claim::Forgotten), (of(186), Claim::Withdrawn), (of(188), Claim::Forgotten)].into();
    assert_eq!(claims(run.path(), &[of(12), of(186), of(188)], &now(&[])), expected);
}

/// The one that is asked does not have what the other one lost.
#[test]
fn of_two_birds_neither_tells() {
    let (run, _) = host(&[]);
    let gone = route(254, 12, "203.0.113.0/24");
    let path = run.path().join("bird/bird.ctl");
    let several: [(fn() -> usize, usize); 3] = [(|| 2, 0), (|| 0, 0), (|| 1, 1)];
    for (birds, told) in several {
        let answers = &[
            ("restrict", "0016 Access restricted\n"),
            PROTOCOLS,
            ("show route 203.0.113.0/24 exported kernel1", "8001 Network not found\n"),
            ("show route 203.0.113.0/24 exported kernel2", "8001 Network not found\n"),
        ];
        serve(&path, "0001 BIRD 2.17 ready.\n", answers);
        let claims = Witnesses::at(run.path(), birds).claims(&[gone], &now(&[]), &BTreeSet::new);
        assert_eq!(claims.len(), told);
        fs::remove_file(&path).expect("removed");
    }
}

/// zebra deletes its own route where another of the kernel covers it, and counts on none whose nexthop is inactive.
#[test]
fn zebra_says_nothing_where_it_gave_way_to_others_or_cannot_use_what_it_has() {
    let (run, _) = host(&[]);
    let of =
        |entries: &str| -> &'static str { format!("{{\"203.0.113.0/24\":[{entries}]}}\n\0\0\0\0").leak() };
    let bgp = "{\"protocol\":\"bgp\"}";
    let selected = |protocol: &str| format!("{bgp},{{\"protocol\":\"{protocol}\",\"selected\":true}}");
    for (answer, claim) in [
        (of(bgp), None),
        (of(&selected("kernel")), None),
        (of(&selected("connected")), None),
        (of(&selected("static")), Some(Claim::Withdrawn)),
        (of(&selected("ospf")), Some(Claim::Withdrawn)),
        (of("{\"protocol\":\"bgp\",\"selected\":true,\"installed\":true}"), Some(Claim::Held)),
        (of("{\"protocol\":\"kernel\",\"selected\":true}"), Some(Claim::Withdrawn)),
    ] {
        let path = run.path().join("frr/zebra.vty");
        let question = "show ip route vrf all 203.0.113.0/24 json";
        serve(&path, "", Box::leak(Box::new([("enable", "\0\0\0\0"), (question, answer)])));
        let gone = route(254, 186, "203.0.113.0/24");
        let expected = claim.map(|it| (gone, it)).into_iter().collect();
        assert_eq!(claims(run.path(), &[gone], &now(&[])), expected, "{answer}");
        fs::remove_file(path).expect("removed");
    }
}

/// FRR 7.5 writes `\/`, and an object for each VRF. A static route with a worse distance takes the place of BGP's.
#[test]
fn zebra_has_a_route_of_the_protocol_and_the_table_that_are_asked_for() {
    let (run, _) = host(&[]);
    let answers = &[
        ("enable", "\0\0\0\0"),
        (
            "show ip route vrf all 203.0.113.0/24 json",
            "{\n  \"203.0.113.0\\/24\":[\n    {\n      \"prefix\":\"203.0.113.0\\/24\",\n      \"protocol\":\"bgp\",\n      \"selected\":true,\n      \"table\":254\n    }\n  ]\n}\n{\n  \"203.0.113.0\\/24\":[\n    {\n      \"protocol\":\"static\",\n      \"selected\":true,\n      \"table\":7\n    }\n  ]\n}\n\0\0\0\0",
        ),
        (
            "show ip route vrf all 0.0.0.0/0 json",
            "{\"0.0.0.0/0\":[{\"protocol\":\"static\",\"selected\":true,\"table\":254}]}\n\0\0\0\0",
        ),
        (
            "show ip route vrf all 198.51.100.0/24 json",
            "{\"198.51.100.0/24\":[{\"protocol\":\"bgp\",\"table\":254},{\"protocol\":\"static\",\"selected\":true,\"table\":254}]}\n\0\0\0\0",
        ),
        (
            "show ip route vrf all 192.0.2.0/24 json",
            "{\"192.0.2.0/24\":[{\"protocol\":\"bgp\",\"selected\":true,\"table\":7}]}\n\0\0\0\0",
        ),
        (
            "show ip route vrf all 198.18.0.0/15 json",
            "{\"198.18.0.0/15\":[{\"protocol\":\"bgp\",\"selected\":true,\"queued\":true,\"table\":254}]}\n\0\0\0\0",
        ),
    ];
    serve(&run.path().join("frr/zebra.vty"), "", answers);
    let of_bgp = |to: &str| route(254, 186, to);
    let held = of_bgp("203.0.113.0/24");
    let gone = ["0.0.0.0/0", "198.51.100.0/24", "192.0.2.0/24"].map(of_bgp);
    // Of a table that is no VRF's zebra does not tell.
    let of_nobody = route(100, 186, "0.0.0.0/0");
    let all: Vec<_> = [held, of_nobody].into_iter().chain(gone).chain([of_bgp("198.18.0.0/15")]).collect();
    let expected = gone.map(|it| (it, Claim::Withdrawn)).into_iter().chain([(held, Claim::Held)]);
    assert_eq!(claims(run.path(), &all, &now(&[])), expected.collect());
}

/// It has a socket, and says nothing: the second question is none.
#[test]
fn one_that_was_silent_is_asked_no_more() {
    let (run, _) = host(&[]);
    let _accepts_nobody = UnixListener::bind(run.path().join("frr/zebra.vty")).expect("bound");
    let mut witnesses = Witnesses::at(run.path(), || 1);
    let gone = [route(254, 186, "203.0.113.0/24")];
    for least in [LIMIT, Duration::ZERO] {
        let begin = Instant::now();
        assert_eq!(witnesses.claims(&gone, &now(&[]), &BTreeSet::new), BTreeMap::new());
        assert!(begin.elapsed() >= least && begin.elapsed() < least + LIMIT / 2, "{:?}", begin.elapsed());
    }
    let object = Nexthop {
        id: 11,
        protocol: 11,
        device: None,
        via: None,
        members: BTreeSet::new(),
        rest: String::new(),
    };
    let begin = Instant::now();
    assert_eq!(witnesses.fates(&[object], &BTreeSet::new()), BTreeMap::new());
    assert!(begin.elapsed() < LIMIT / 2, "{:?}", begin.elapsed());
}
