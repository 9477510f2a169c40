//! Routes and rules that sessions go by.

use super::*;

#[test]
fn a_route_that_carries_a_session_and_goes_or_changes() {
    let carrier = [session("10.255.0.0/16 via 192.0.2.1 over eno1", 4)];
    let before = routed(CARRYING);
    for (what, routes, expected) in [
        ("it goes", "", SESSIONS),
        ("another gateway", &*CARRYING.replace("2.1\"", "2.9\""), SESSIONS),
        ("another table", &CARRYING.replace(" }", ", table = 100 }"), SESSIONS),
        ("another metric", &CARRYING.replace(" }", ", metric = 50 }"), HARMLESS),
        ("nothing instead of it", "{ to = \"10.255.0.0/16\", type = \"blackhole\" }", SESSIONS),
        ("two halves", &halves("192.0.2.1"), HARMLESS),
        ("two halves by another gateway", &halves("192.0.2.9"), SESSIONS),
        ("a default one by the same gateway", "{ to = \"default\", via = \"192.0.2.1\" }", HARMLESS),
        ("a default one by another", "{ to = \"default\", via = \"192.0.2.9\" }", SESSIONS),
    ] {
        check(what, [&before, &routed(routes)], &carrier, expected);
    }
    let over_eno2 = format!("{HOST}{CARDS}routes = [{{ to = \"10.255.0.0/16\", via = \"198.51.100.1\" }}]\n");
    check("another link", [&before, &over_eno2], &carrier, SESSIONS);
}

fn halves(via: &str) -> String {
    let half = |to: &str| format!("{{ to = \"{to}\", via = \"{via}\" }}");
    [half("10.255.0.0/17"), half("10.255.128.0/17")].join(", ")
}

#[test]
fn a_new_route_that_a_session_would_rather_go_by() {
    let before = routed("");
    let by_bird = [session("10.255.0.0/16 via 192.0.2.1 over eno1", 12)];
    let to = |to: &str, via: &str| routed(&format!("{{ to = \"{to}\", via = \"{via}\" }}"));
    for (what, after, expected) in [
        ("a host's, by another gateway", to("10.255.0.1/32", "192.0.2.9"), SESSIONS),
        ("a host's, by the same", to("10.255.0.1/32", "192.0.2.1"), HARMLESS),
        ("a wider one", to("10.0.0.0/8", "192.0.2.9"), HARMLESS),
        ("a network that carries nothing", to("10.77.0.0/16", "192.0.2.9"), HARMLESS),
        (
            "a new link in the peer's network",
            format!("{before}[vlan.v]\nid = 7\nparent = \"eno2\"\naddresses = [\"10.255.0.9/24\"]\n"),
            SESSIONS,
        ),
        (
            "a new link elsewhere",
            format!("{before}[vlan.v]\nid = 7\nparent = \"eno2\"\naddresses = [\"10.9.9.9/24\"]\n"),
            HARMLESS,
        ),
        (
            "a new address in the peer's network",
            before.replace("198.51.100.2/24\"", "198.51.100.2/24\", \"10.255.0.9/24\""),
            SESSIONS,
        ),
    ] {
        check(what, [&before, &after], &by_bird, expected);
    }
}

#[test]
fn an_address_takes_the_routes_of_its_network_along() {
    let vlan = |addresses: &str| {
        format!("{HOST}{CARDS}[vlan.v]\nid = 7\nparent = \"eno2\"\naddresses = [{addresses}]\n")
    };
    let before = vlan("\"10.255.0.9/24\"");
    let near = [session("10.255.0.0/24 over v", KERNEL)];
    let behind = [flow(
        FlowKind::Session,
        ["10.9.0.1", "10.88.0.1"],
        route("10.88.0.0/16 via 10.255.0.254 over v", 12),
    )];
    for (what, after, expected) in [
        ("it goes", vlan(""), SESSIONS),
        ("to another network", vlan("\"10.254.0.9/24\""), SESSIONS),
        ("to another of the network", vlan("\"10.255.0.8/24\""), HARMLESS),
        ("one more", vlan("\"10.255.0.9/24\", \"10.254.0.9/24\""), HARMLESS),
    ] {
        check(what, [&before, &after], &near, expected);
        check(what, [&before, &after], &behind, expected);
    }
    check("the link goes", [&before, &format!("{HOST}{CARDS}")], &near, SESSIONS);
    check("the link goes", [&before, &format!("{HOST}{CARDS}")], &behind, SESSIONS);
}

#[test]
fn rules_say_which_table_is_asked() {
    let table = "{ to = \"default\", via = \"198.51.100.1\", table = 100 }";
    let rule = |ends: &str| format!("rules = [{{ {ends}, table = 100, priority = 100 }}]\n");
    let host = |routes: &str, rules: &str| format!("{HOST}{CARDS}routes = [{routes}]\n{rules}");
    let carrier = [session("0.0.0.0/0 via 192.0.2.1 over eno1", 3)];
    let (own, other) = (rule("from = \"10.9.0.1/32\""), rule("from = \"10.9.0.2/32\""));
    for (what, texts, expected) in [
        ("a rule and what it leads to", [host("", ""), host(table, &own)], SESSIONS),
        ("a rule for another source", [host("", ""), host(table, &other)], HARMLESS),
        ("a table that no rule asks", [host("", ""), host(table, "")], HARMLESS),
        ("a rule to nothing", [host("", ""), host("", &own)], HARMLESS),
        ("a route where a rule led to nothing", [host("", &own), host(table, &own)], SESSIONS),
    ] {
        check(what, [&texts[0], &texts[1]], &carrier, expected);
    }
    let by_table = [session("0.0.0.0/0 via 198.51.100.1 over eno2 table 100", 4)];
    check("a rule that goes", [&host(table, &own), &host(table, "")], &by_table, SESSIONS);
}

/// A rule by a mark did not hold for the session as long as its table had an answer.
#[test]
fn a_rule_that_asks_for_more_is_judged_by_what_the_kernel_did() {
    let marked = |routes: &'static [&str]| {
        move |it: &mut Observed| {
            it.rules =
                [(0, 255, ""), (100, 100, " fwmark 1"), (32766, 254, "")].into_iter().map(rule).collect();
            it.routes.extend(routes.iter().map(|it| route(it, 3)));
        }
    };
    let carrier = [session("10.255.0.0/16 via 192.0.2.1 over eno1", 12)];
    let texts = [routed(""), routed("{ to = \"10.255.0.0/17\", via = \"192.0.2.9\", table = 100 }")];
    let texts = [&*texts[0], &texts[1]];
    let silent = foretold("its table was empty", texts, &carrier, marked(&[]));
    assert_eq!(silent, [Harm::Sessions]);
    let answering = marked(&["0.0.0.0/0 via 198.51.100.1 over eno2 table 100"]);
    assert_eq!(foretold("its table answered", texts, &carrier, answering), []);
}

#[test]
fn a_session_in_a_vrf_goes_by_the_vrf_s_table() {
    let vrf = |table: u32| {
        format!(
            "{HOST}{CARDS}routes = [{{ to = \"10.255.0.0/16\", via = \"198.51.100.1\", table = {table} }}]\n[vrf.red]\ntable = 100\nports = [\"eno2\"]\n"
        )
    };
    let of = |table: u32| session(&format!("10.255.0.0/16 via 198.51.100.1 over eno2 table {table}"), 4);
    let texts = [vrf(100), vrf(100).replace("100.1\", table", "100.7\", table")];
    check("another gateway in its table", [&texts[0], &texts[1]], &[of(100)], SESSIONS);
    let other = [session("0.0.0.0/0 via 192.0.2.1 over eno1", 12)];
    check("a session beside it", [&texts[0], &texts[1]], &other, HARMLESS);
}

/// The kernel cycles a port that a VRF lets go, and what is bound to a VRF that goes is bound to nothing.
#[test]
fn a_vrf_lets_its_ports_go_down() {
    let host = |vrf: &str| format!("{HOST}{CARDS}{vrf}");
    let (full, empty) =
        (host("[vrf.red]\ntable = 100\nports = [\"eno2\"]\n"), host("[vrf.red]\ntable = 100\n"));
    let near = [session("198.51.100.0/24 over eno2 table 100", KERNEL)];
    let routes = |it: &mut Observed| {
        it.foreign_routes.insert("eno2".to_owned(), 3);
    };
    let texts = [&*full, &host("")];
    check("it goes", texts, &near, [LINKS, &[Harm::Links, Harm::Sessions]]);
    assert_eq!(foretold("it goes, with routes", texts, &[], routes), [Harm::Links, Harm::Routes]);
    let vrf = |ports: &str| host(&format!("[dummy.d]\n[vrf.red]\ntable = 100\nports = [{ports}]\n"));
    let (with, without) = (vrf("\"d\""), vrf(""));
    let texts = [&*with, &*without];
    let routes = |it: &mut Observed| {
        it.foreign_routes.insert("d".to_owned(), 3);
    };
    assert_eq!(foretold("a port leaves", texts, &[], |_| ()), []);
    assert_eq!(foretold("a port with routes leaves", texts, &[], routes), [Harm::Routes]);
    let built = |it: &mut Observed| {
        let vlan = ObservedLink { kind: Some("vlan".to_owned()), parent: Some("d".to_owned()), ..card() };
        it.links.insert("foreign".to_owned(), vlan);
    };
    assert_eq!(foretold("a port with a VLAN leaves", texts, &[], built), LINKS);
    let carrier = [session("10.255.0.0/24 over foreign", KERNEL)];
    let both = [Harm::Links, Harm::Sessions];
    assert_eq!(foretold("a port with a session leaves", texts, &carrier, built), both);
    let moved = host("[dummy.d]\n[vrf.red]\ntable = 100\n[bridge.br0]\nports = [\"d\"]\n");
    assert_eq!(foretold("another takes its port", [&with, &moved], &[], |_| ()), []);
    assert_eq!(foretold("another takes its port with routes", [&with, &moved], &[], routes), [Harm::Routes]);
    let bound = |it: &mut Observed| {
        let device = it.links["red"].index;
        it.sessions.insert(BgpSession { local: ip("10.9.9.9"), peer: ip("10.9.9.1"), device, cookie: 1 });
    };
    assert_eq!(foretold("a socket is bound to it", [&empty, &host("")], &[], bound), [Harm::Sessions]);
    let own = "[vlan.v]\nid = 7\nparent = \"eno1\"\naddresses = [\"10.255.0.9/24\"]\n[vrf.red]\ntable = 100\nports = [\"v\"]\n";
    check("its port goes with it", [&host(own), &host("")], &[], HARMLESS);
}
