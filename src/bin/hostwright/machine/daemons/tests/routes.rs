//! What daemons say of routes that the kernel lacks.

use super::super::routes::claims;
use super::*;

/// Makes a route of a table, of which the protocol is a daemon's.
fn route(table: u32, protocol: u8, to: &str) -> ForeignRoute {
    ForeignRoute { table, protocol, to: to.parse().expect("a network") }
}

fn now(routes: &[ForeignRoute]) -> Routes {
    Routes::new(routes.to_vec(), Duration::ZERO)
}

#[test]
fn routes_that_daemons_do_not_have_are_withdrawn() {
    let (run, _) = host(&[]);
    let bird = &[
        ("restrict", "0016 Access restricted\n"),
        ("show route 203.0.113.0/24 table all", "8001 Network not found\n"),
        (
            "show route 198.51.100.0/24 table all",
            "1007-Table blue4:\n 198.51.100.0/24      unicast [b 02:42:33.239] * (100)\n0000 \n",
        ),
        ("show route 192.0.2.0/24 table all", "9001 syntax error\n"),
    ];
    serve(&run.path().join("bird/bird.ctl"), "0001 BIRD 2.17 ready.\n", bird);
    let zebra = &[
        ("enable", "\0\0\0\0"),
        ("show ip route vrf all 203.0.113.0/24 json", "{}\n\0\0\0\u{1}"),
        (
            "show ipv6 route vrf all 2001:db8::/32 json",
            "{\"2001:db8::/32\":[{\"protocol\":\"bgp\"}]}\n\0\0\0\0",
        ),
        ("show ip route vrf all 198.51.100.0/24 json", "% Unknown command\n\0\0\0\u{2}"),
    ];
    serve(&run.path().join("frr/zebra.vty"), "", zebra);
    let all = [
        route(254, 12, "203.0.113.0/24"),
        route(254, 12, "198.51.100.0/24"),
        route(254, 12, "192.0.2.0/24"),
        route(254, 186, "203.0.113.0/24"),
        route(254, 186, "2001:db8::/32"),
        route(254, 11, "198.51.100.0/24"),
        route(254, 17, "198.51.100.0/24"),
    ];
    let withdrawn = [all[0], all[3]].map(|it| (it, Claim::Withdrawn));
    let held = [all[1], all[4]].map(|it| (it, Claim::Held));
    assert_eq!(claims(run.path(), &all, &now(&[])), withdrawn.into_iter().chain(held).collect());
    assert_eq!(claims(Path::new("/nowhere"), &all, &now(&[])), BTreeMap::new(), "nobody answers");
}

/// Two VRFs have the same destination: what BIRD has may be the other's, where the kernel has that one.
#[test]
fn bird_has_a_route_of_another_table() {
    let (run, _) = host(&[]);
    let (one, two) = (
        "1007-Table blue4:\n 0.0.0.0/0            unicast [b 02:42:33.239] * (100)\n0000 \n",
        "1007-Table master4:\n 0.0.0.0/0            unicast [m 02:42:33.239] * (100)\n \n Table blue4:\n 0.0.0.0/0            unicast [b 02:42:33.239] * (100)\n0000 \n",
    );
    let question = "show route 0.0.0.0/0 table all";
    let of_blue = route(7, 12, "0.0.0.0/0");
    let of_main = route(254, 12, "0.0.0.0/0");
    for (answer, claim) in [(one, Claim::Withdrawn), (two, Claim::Held)] {
        let path = run.path().join("bird/bird.ctl");
        let answers = [("restrict", "0016 Access restricted\n"), (question, answer)];
        serve(&path, "0001 BIRD 2.17 ready.\n", Box::leak(Box::new(answers)));
        assert_eq!(claims(run.path(), &[of_main], &now(&[of_blue])), [(of_main, claim)].into());
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
    let all: Vec<_> = [held].into_iter().chain(gone).chain([of_bgp("198.18.0.0/15")]).collect();
    let expected = gone.map(|it| (it, Claim::Withdrawn)).into_iter().chain([(held, Claim::Held)]);
    assert_eq!(claims(run.path(), &all, &now(&[])), expected.collect());
}
