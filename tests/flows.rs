//! What a change of links, addresses and routes does to what goes over them: foretold, each beside the same change where
//! nothing goes.

mod common;

use std::net::IpAddr;

use common::machine::{artifacts, card, enslave, machine};
use common::snapshot;
use hostwright::observed::{
    AddressState, BgpSession, Flow, FlowKind, KERNEL, Observed, ObservedAddress, ObservedLink, ObservedRoute,
    ObservedRule, is_foreign,
};
use hostwright::plan::{Action, Deferral, Plan, Reach, Terms, plan};
use hostwright::value::{Harm, InterfaceAddress};

const HOST: &str = "[host]\nname = \"hv1\"\n";
const CARDS: &str =
    "[nic.eno1]\naddresses = [\"192.0.2.2/24\"]\n[nic.eno2]\naddresses = [\"198.51.100.2/24\"]\n";
const TARGET: &str = "iqn.2026-01.example.san:hv1";

/// Writes a host with two cards, of which the first has routes.
fn routed(routes: &str) -> String {
    format!("{HOST}{}", CARDS.replace("[nic.eno2]", &format!("routes = [{routes}]\n[nic.eno2]")))
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn address(text: &str) -> InterfaceAddress {
    text.parse().expect("an address")
}

/// Returns a route as the kernel shows it: `10.0.0.0/8 via 192.0.2.1 over eno1`.
fn route(text: &str, protocol: u8) -> ObservedRoute {
    let mut words = text.split(' ');
    let to = words.next().expect("a destination").parse().expect("a network");
    let mut rest: Vec<_> = words.collect();
    let mut taken = |word: &str| {
        let at = rest.iter().position(|it| *it == word)?;
        rest.drain(at..=at + 1).next_back().map(str::to_owned)
    };
    let (via, device, table) = (taken("via"), taken("over"), taken("table"));
    ObservedRoute {
        table: table.map_or(254, |it| it.parse().expect("a number")),
        protocol,
        device,
        to,
        via: via.map(|it| ip(&it)),
        metric: 0,
        rest: "unicast".to_owned(),
    }
}

fn flow(kind: FlowKind, ends: [&str; 2], route: ObservedRoute) -> Flow {
    Flow { route: Some(route), ..Flow::new(kind, ip(ends[0]), ip(ends[1]), 0) }
}

/// Returns a session between loopback addresses that goes by a static route, or by one of BIRD's or the kernel's.
fn session(text: &str, protocol: u8) -> Flow {
    flow(FlowKind::Session, ["10.9.0.1", "10.255.0.1"], route(text, protocol))
}

fn storage(ends: [&str; 2], text: &str, protocol: u8) -> Flow {
    flow(FlowKind::Storage(TARGET.to_owned()), ends, route(text, protocol))
}

fn planned(texts: [&str; 2], flows: &[Flow], change: impl Fn(&mut Observed), terms: &Terms) -> Plan {
    let [before, after] = texts.map(|it| artifacts(&[it]));
    let mut observed = machine(&before);
    enslave(&mut observed, &before);
    let connected = observed.links.iter().flat_map(|(name, link)| {
        let networks = link.addresses.iter().map(|it| it.address.network());
        networks.map(move |it| route(&format!("{it} over {name}"), KERNEL))
    });
    let connected: Vec<_> = connected.collect();
    observed.routes.extend(connected);
    let own = before.links().flat_map(|it| &it.rules).map(ObservedRule::made_of);
    observed
        .rules
        .extend([(0, 255, ""), (32766, 254, ""), (32767, 253, "")].map(rule).into_iter().chain(own));
    change(&mut observed);
    observed.flows = flows.iter().cloned().collect();
    let carriers = flows.iter().filter_map(|it| it.route.clone());
    observed.routes.extend(carriers.filter(|it| !is_foreign(it.protocol)));
    plan(&before, &after, &observed, Reach::Machine, terms.clone())
}

fn all() -> Terms {
    Terms { allow: Harm::ALL.into(), ..Terms::default() }
}

/// Foretells a change, and checks that what it disturbs stops the plan unless it is agreed to.
fn foretold(what: &str, texts: [&str; 2], flows: &[Flow], change: impl Fn(&mut Observed)) -> Vec<Harm> {
    let agreed = planned(texts, flows, &change, &all());
    assert!(agreed.may_be_applied() && !agreed.changes.is_empty(), "{what}: {agreed}");
    let harms: Vec<_> = agreed.agreed().into_iter().collect();
    let stopped = planned(texts, flows, &change, &Terms::default());
    assert_eq!(stopped.may_be_applied(), harms.is_empty(), "{what}: {stopped}");
    harms
}

/// Checks what a change disturbs where nothing goes over the links, and with the flows.
#[track_caller]
fn check(what: &str, texts: [&str; 2], flows: &[Flow], [without, with]: [&[Harm]; 2]) {
    assert_eq!(foretold(what, texts, &[], |_| ()), without, "{what}, with nothing");
    assert_eq!(foretold(what, texts, flows, |_| ()), with, "{what}");
}

const CARRYING: &str = "{ to = \"10.255.0.0/16\", via = \"192.0.2.1\" }";
const SESSIONS: [&[Harm]; 2] = [&[], &[Harm::Sessions]];
const STORAGE: [&[Harm]; 2] = [&[], &[Harm::Storage]];
const HARMLESS: [&[Harm]; 2] = [&[], &[]];

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

fn rule((priority, table, more): (u32, u32, &str)) -> ObservedRule {
    let rest = format!("inet lookup{more}");
    ObservedRule { priority, from: None, to: None, table, protocol: KERNEL, rest }
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

/// networkd deletes the address, and what depends on it goes along.
#[test]
fn what_goes_from_an_address_of_others() {
    let more = "\"192.0.2.2/24\", \"192.0.2.3/24\"";
    let texts = [&*format!("{HOST}{CARDS}"), &*format!("{HOST}{}", CARDS.replace("\"192.0.2.2/24\"", more))];
    let vip = |it: &mut Observed| {
        let link = it.links.get_mut("eno1").expect("it is there");
        link.addresses.push(ObservedAddress { address: address("192.0.2.100/32"), ..link.addresses[0] });
    };
    let near = "192.0.2.0/24 over eno1";
    assert_eq!(foretold("nothing", texts, &[], vip), LINKS);
    let speaks = |it: &mut Observed| {
        vip(it);
        it.sessions.insert(BgpSession {
            local: ip("192.0.2.100"),
            peer: ip("192.0.2.1"),
            device: 0,
            cookie: 1,
        });
    };
    assert_eq!(foretold("a session", texts, &[], speaks), [Harm::Links, Harm::Sessions]);
    let disk = [storage(["192.0.2.100", "192.0.2.50"], near, KERNEL)];
    assert_eq!(foretold("an iSCSI session", texts, &disk, vip), [Harm::Links, Harm::Storage]);
    let other = [storage(["192.0.2.2", "192.0.2.50"], near, KERNEL)];
    assert_eq!(foretold("an iSCSI session beside it", texts, &other, vip), LINKS);
    let source = |it: &mut Observed| {
        vip(it);
        it.foreign_sources.insert((254, "192.0.2.100".parse().expect("an address")));
    };
    assert_eq!(foretold("routes", texts, &[], source), [Harm::Links, Harm::Routes]);
}

/// The kernel deletes them with the address, over whatever link they leave.
#[test]
fn routes_of_others_go_with_their_source() {
    let vlan = |addresses: &str| {
        format!("{HOST}{CARDS}[vlan.v]\nid = 7\nparent = \"eno1\"\naddresses = [{addresses}]\n")
    };
    let (before, bare) = (vlan("\"10.255.0.9/24\""), format!("{HOST}{CARDS}"));
    let (without, longer) = (vlan(""), vlan("\"10.255.0.9/25\""));
    let from = |table: u32, loaded: bool| {
        move |it: &mut Observed| {
            it.foreign_sources.insert((table, "10.255.0.9".parse().expect("an address")));
            it.networkd.iter_mut().filter(|_| !loaded).for_each(|it| drop(it.loaded.remove("v")));
        }
    };
    for (what, after, table, loaded, expected) in [
        ("it goes", &without, 254, true, &[Harm::Routes][..]),
        ("it goes over netlink", &without, 254, false, &[Harm::Routes]),
        ("they are in another table", &without, 100, true, &[]),
        ("the link goes", &bare, 254, true, &[Harm::Routes]),
        ("the link goes, they are in another table", &bare, 100, true, &[]),
        ("networkd gives it again with another prefix", &longer, 254, true, &[Harm::Routes]),
        ("it is there twice for a moment", &longer, 254, false, &[]),
    ] {
        assert_eq!(foretold(what, [&before, after], &[], from(table, loaded)), expected, "{what}");
    }
    let two = vlan("\"10.255.0.9/24\", \"10.255.1.9/24\"");
    assert_eq!(foretold("another goes", [&two, &before], &[], from(254, true)), []);
    let written = |it: &mut Observed| {
        let rest = "unicast src 10.255.0.9".to_owned();
        it.routes.insert(ObservedRoute { rest, ..route("10.0.0.0/8 over eno2", 3) });
    };
    assert_eq!(foretold("an administrator's", [&before, &without], &[], written), [Harm::Routes]);
}

/// Gives a link an address that nobody wrote.
fn given(observed: &mut Observed, link: &str, text: &str, permanent: bool) {
    let state =
        ObservedAddress { address: address(text), broadcast: None, state: AddressState::Usable, permanent };
    observed.links.get_mut(link).expect("it is there").addresses.push(state);
}

/// networkd deletes what the kernel gave to a link when its file says that it shall have none.
#[test]
fn link_local_addresses_go() {
    let vlan = |more: &str| format!("{HOST}{CARDS}[vlan.v]\nid = 7\nparent = \"eno1\"\n{more}");
    let before = vlan("addresses = [\"10.255.0.9/24\"]\n");
    let (last, written) = (vlan(""), before.clone() + "link-local-addressing = \"no\"\n");
    let more = vlan("addresses = [\"10.255.0.9/24\", \"10.255.1.9/24\"]\n");
    let port = vlan("[bridge.br0]\nports = [\"v\"]\n");
    let own = |it: &mut Observed| given(it, "v", "fe80::7/64", true);
    let unnumbered = |it: &mut Observed| {
        own(it);
        let device = it.links["v"].index;
        it.sessions.insert(BgpSession { local: ip("fe80::7"), peer: ip("fe80::1"), device, cookie: 1 });
    };
    let routed = |it: &mut Observed| {
        own(it);
        it.foreign_routes.insert("v".to_owned(), 1);
    };
    for (what, after) in [("the last address goes", &last), ("it is written", &written)] {
        assert_eq!(foretold(what, [&before, after], &[], |_| ()), [], "{what}, with none");
        assert_eq!(foretold(what, [&before, after], &[], own), [], "{what}, where nobody uses it");
        assert!(foretold(what, [&before, after], &[], routed).contains(&Harm::Links), "{what}, with routes");
        assert_eq!(
            foretold(what, [&before, after], &[], unnumbered),
            [Harm::Sessions],
            "{what}, with a session"
        );
    }
    assert_eq!(foretold("another comes", [&before, &more], &[], unnumbered), []);
    assert_eq!(foretold("it becomes a port", [&last, &port], &[], own), []);
    let by_netlink = |it: &mut Observed| {
        unnumbered(it);
        it.networkd.as_mut().expect("it runs").loaded.remove("v");
    };
    assert_eq!(foretold("networkd does not know it", [&before, &last], &[], by_netlink), []);
}

/// With a smaller MTU a link has no IPv6 at all.
#[test]
fn an_mtu_that_is_too_small_for_ipv6() {
    let vlan = |mtu: u32| {
        format!(
            "{HOST}{CARDS}[vlan.v]\nid = 7\nparent = \"eno1\"\nmtu = {mtu}\naddresses = [\"10.255.0.9/24\"]\n"
        )
    };
    let (before, small, least) = (vlan(1500), vlan(1279), vlan(1280));
    let own = |it: &mut Observed| given(it, "v", "fe80::7/64", true);
    let speaks = |it: &mut Observed| {
        own(it);
        let device = it.links["v"].index;
        it.sessions.insert(BgpSession { local: ip("fe80::7"), peer: ip("fe80::1"), device, cookie: 1 });
    };
    let routes = |it: &mut Observed| {
        own(it);
        it.foreign_routes.insert("v".to_owned(), 3);
    };
    let texts = [&*before, &*small];
    assert_eq!(foretold("it has none", texts, &[], |_| ()), []);
    assert_eq!(foretold("it has a link-local address", texts, &[], own), LINKS);
    assert_eq!(foretold("a session", texts, &[], speaks), [Harm::Links, Harm::Sessions]);
    assert_eq!(foretold("routes", texts, &[], routes), [Harm::Links, Harm::Routes]);
    assert_eq!(foretold("it is large enough", [&before, &least], &[], speaks), []);
    let above = |it: &mut Observed| {
        let vlan = ObservedLink { kind: Some("vlan".to_owned()), parent: Some("v".to_owned()), ..card() };
        it.links.insert("foreign".to_owned(), vlan);
        given(it, "foreign", "2001:db8::7/64", true);
        it.sessions.insert(BgpSession {
            local: ip("2001:db8::7"),
            peer: ip("2001:db8::1"),
            device: 0,
            cookie: 1,
        });
    };
    assert_eq!(foretold("one on it", texts, &[], above), [Harm::Links, Harm::Sessions]);
}

/// What a client brought goes with it, on versions too that keep it at a reload.
#[test]
fn leases_go_with_their_client() {
    let card = |more: &str| format!("{HOST}[nic.eno1]\naddresses = [\"192.0.2.2/24\"]\n{more}");
    let (dhcp, both) = (card("dhcp = \"ipv4\"\n"), card("dhcp = \"yes\"\nipv6-accept-ra = true\n"));
    let (bare, dns) = (card(""), dhcp.clone() + "dns = [\"192.0.2.53\"]\n");
    let lent = |it: &mut Observed| {
        it.networkd.as_mut().expect("it runs").version = 262;
        given(it, "eno1", "203.0.113.7/24", false);
        given(it, "eno1", "2001:db8::7/64", false);
    };
    let speaks = |local: &'static str| {
        move |it: &mut Observed| {
            lent(it);
            it.sessions.insert(BgpSession {
                local: ip(local),
                peer: ip("203.0.113.1"),
                device: 0,
                cookie: 1,
            });
        }
    };
    let sessions = &[Harm::Links, Harm::Sessions][..];
    assert_eq!(foretold("it goes", [&both, &bare], &[], lent), LINKS);
    assert_eq!(foretold("nothing was lent", [&both, &bare], &[], |_| ()), []);
    for (after, local, expected) in [
        (&bare, "203.0.113.7", sessions),
        (&bare, "2001:db8::7", sessions),
        (&dhcp, "2001:db8::7", sessions),
        (&dhcp, "203.0.113.7", LINKS),
    ] {
        assert_eq!(foretold(local, [&both, after], &[], speaks(local)), expected, "{local}");
    }
    let v4 = |it: &mut Observed| {
        it.networkd.as_mut().expect("it runs").version = 262;
        given(it, "eno1", "203.0.113.7/24", false);
    };
    assert_eq!(foretold("it stays", [&dhcp, &dns], &[], v4), []);
    let alone = |more: &str| format!("{HOST}[nic.eno1]\n{more}");
    let (leased, none) = (alone("dhcp = \"ipv4\"\n"), alone("addresses = [\"192.0.2.2/24\"]\n"));
    let routes = |it: &mut Observed| {
        v4(it);
        it.foreign_routes.insert("eno1".to_owned(), 3);
    };
    let source = |it: &mut Observed| {
        v4(it);
        it.foreign_sources.insert((254, "203.0.113.7".parse().expect("an address")));
    };
    for (what, change) in [("routes over it", &routes as &dyn Fn(&mut Observed)), ("routes from it", &source)]
    {
        assert_eq!(foretold(what, [&leased, &none], &[], change), [Harm::Links, Harm::Routes], "{what}");
    }
    let far = [session("0.0.0.0/0 via 203.0.113.1 over eno1", 16)];
    assert_eq!(foretold("its route goes", [&dhcp, &bare], &far, v4), sessions);
}

/// hostwright does not know what such lines do.
#[test]
fn raw_lines_change() {
    let card = |more: &str| format!("{HOST}{CARDS}{more}");
    let raw = |value: &str| card(&format!("[nic.eno2.raw.network.Network]\nLLDP = \"{value}\"\n"));
    let (bare, no, yes) = (card(""), raw("no"), raw("yes"));
    let near = [flow(
        FlowKind::Session,
        ["198.51.100.2", "198.51.100.1"],
        route("198.51.100.0/24 over eno2", KERNEL),
    )];
    let expected = [LINKS, &[Harm::Links, Harm::Sessions]];
    check("they come", [&bare, &no], &near, expected);
    check("they change", [&no, &yes], &near, expected);
    check("they go", [&no, &bare], &near, expected);
    let dns = no.replace("[nic.eno2.raw", "dns = [\"192.0.2.53\"]\n[nic.eno2.raw");
    check("other lines change", [&no, &dns], &near, HARMLESS);
    let other = card("[nic.eno2.raw.network.Network]\nVRFFoo = \"no\"\n");
    for (had, now) in [(&bare, &other), (&other, &bare)] {
        let files = machine(&artifacts(&[had])).files;
        let accepted = |it: &mut Observed| it.files.clone_from(&files);
        let agreed = planned([now, now], &[], accepted, &all()).agreed();
        assert_eq!(agreed, [Harm::Links].into(), "they were accepted before: {now}");
    }
}

/// Of those who have something on a link and are no flows.
#[test]
fn addresses_and_routes_of_others_are_named() {
    let vlan = |addresses: &str| {
        format!("{HOST}{CARDS}[vlan.v]\nid = 7\nparent = \"eno1\"\naddresses = [{addresses}]\n")
    };
    let (before, bare) = (vlan("\"10.255.0.9/24\""), format!("{HOST}{CARDS}"));
    let floating = |it: &mut Observed| {
        let link = it.links.get_mut("v").expect("it is there");
        link.addresses.push(ObservedAddress { address: address("10.255.0.100/32"), ..link.addresses[0] });
    };
    assert_eq!(foretold("an address of others", [&before, &bare], &[], floating), LINKS);
    let shared = |it: &mut Observed| {
        it.shared_by_foreign.insert("v".to_owned());
    };
    assert_eq!(foretold("routes over several links", [&before, &bare], &[], shared), [Harm::Routes]);
    let routes = |it: &mut Observed| {
        it.foreign_routes.insert("v".to_owned(), 3);
    };
    let both = |it: &mut Observed| {
        routes(it);
        floating(it);
    };
    let (v6, two) = (vlan("\"2001:db8::9/64\""), vlan("\"10.255.0.9/24\", \"10.255.1.9/24\""));
    assert_eq!(foretold("the last address goes", [&before, &v6], &[], routes), [Harm::Routes]);
    assert_eq!(foretold("another stays", [&two, &before], &[], routes), []);
    assert_eq!(foretold("one more", [&before, &two], &[], routes), []);
    assert_eq!(foretold("one of IPv6 goes", [&v6, &vlan("")], &[], routes), []);
    let unloaded = |it: &mut Observed| {
        both(it);
        it.networkd = None;
    };
    assert_eq!(foretold("one of others stays", [&before, &v6], &[], unloaded), []);
    let both_go = &[Harm::Links, Harm::Routes][..];
    assert_eq!(foretold("networkd takes that of others, too", [&before, &v6], &[], both), both_go);
    let other = vlan("\"10.255.1.9/24\"");
    assert_eq!(foretold("networkd takes one and gives one", [&before, &other], &[], routes), [Harm::Routes]);
    let by_netlink = |it: &mut Observed| {
        routes(it);
        it.networkd = None;
    };
    assert_eq!(foretold("the new one comes first", [&before, &other], &[], by_netlink), []);
}

/// A bond sets down what it lets go, and with it what others built on that alone.
/// networkd 252 takes each port down whose file it reads anew: with all of them at once the bond may notice.
#[test]
fn several_ports_of_a_bond_change_at_one_reload() {
    let host = |first: &str, second: &str| {
        let card = |name: &str, more: &str| format!("[nic.{name}]\nrequired-for-online = {more}\n");
        let cards = [card("eno1", first), card("eno2", second)].concat();
        format!(
            "{HOST}{cards}[bond.b]\nmode = \"active-backup\"\nports = [\"eno1\", \"eno2\"]\naddresses = [\"10.20.0.2/24\"]\n"
        )
    };
    let session = [flow(FlowKind::Session, ["10.20.0.2", "10.20.0.1"], route("10.20.0.0/24 over b", KERNEL))];
    let (before, one, both) = (host("true", "true"), host("false", "true"), host("false", "false"));
    check("one port", [&before, &one], &session, [LINKS, LINKS]);
    check("both ports", [&before, &both], &session, [LINKS, &[Harm::Links, Harm::Sessions]]);
}

#[test]
fn a_bond_sets_a_port_down_with_what_is_built_on_it() {
    let host = |bond: &str| format!("{HOST}{CARDS}[dummy.d]\n{bond}");
    let built = |it: &mut Observed| {
        let vlan = ObservedLink { kind: Some("vlan".to_owned()), parent: Some("d".to_owned()), ..card() };
        it.links.insert("foreign".to_owned(), vlan);
    };
    let carrier = [session("10.255.0.0/24 over foreign", KERNEL)];
    let bond = |ports: &str| host(&format!("[bond.b]\nmode = \"active-backup\"\nports = [{ports}]\n"));
    for (what, after) in [("it goes", host("")), ("a port leaves", bond(""))] {
        let texts = [&*bond("\"d\""), &*after];
        assert_eq!(foretold(what, texts, &[], built), [], "{what}, with nothing");
        assert_eq!(foretold(what, texts, &carrier, built), [Harm::Sessions], "{what}");
    }
}

#[test]
fn storage_and_whoever_calls_are_named_too() {
    let vlan = |address: &str| {
        format!("{HOST}{CARDS}[vlan.san]\nid = 42\nparent = \"eno2\"\naddresses = [\"{address}\"]\n")
    };
    let portal = [storage(["10.0.42.2", "10.0.42.10"], "10.0.42.0/24 over san", KERNEL)];
    let (before, bare) = (vlan("10.0.42.2/24"), format!("{HOST}{CARDS}"));
    check("renumbered in its network", [&before, &vlan("10.0.42.3/24")], &portal, STORAGE);
    check("its link goes", [&before, &bare], &portal, STORAGE);
    let default = routed("{ to = \"default\", via = \"192.0.2.1\" }");
    let far = [storage(["192.0.2.2", "203.0.113.10"], "0.0.0.0/0 via 192.0.2.1 over eno1", 4)];
    check("the way to a portal goes", [&default, &routed("")], &far, STORAGE);
    let ends = ["192.0.2.2", "203.0.113.9"];
    let caller = [flow(FlowKind::Caller, ends, route("0.0.0.0/0 via 192.0.2.1 over eno1", 4))];
    check("the way to whoever calls goes", [&default, &routed("")], &caller, [&[], &[Harm::Links]]);
    let renumbered = default.replace("192.0.2.2/24", "192.0.2.3/24");
    check("the address that was called goes", [&default, &renumbered], &caller, [&[], &[Harm::Links]]);
}

#[test]
fn a_bridge_that_begins_to_speak_stp() {
    let bridge = |more: &str| {
        format!("{HOST}{CARDS}[dummy.d]\n[dummy.e]\n[bridge.br0]\naddresses = [\"10.20.0.2/24\"]\n{more}\n")
    };
    let session = flow(FlowKind::Session, ["10.20.0.2", "10.20.0.1"], route("10.20.0.0/24 over br0", KERNEL));
    let portal = storage(["10.20.0.2", "10.20.0.10"], "10.20.0.0/24 over br0", KERNEL);
    let flows = [session, portal];
    let one = "ports = [\"d\"]";
    let stp = format!("{one}\nstp = true");
    let two = "ports = [\"d\", \"e\"]\nstp = true";
    let both: [&[Harm]; 2] = [&[], &[Harm::Sessions, Harm::Storage]];
    check("it begins", [&bridge(one), &bridge(&stp)], &flows, both);
    check("it ends", [&bridge(&stp), &bridge(one)], &flows, HARMLESS);
    check("a port more with it", [&bridge(&stp), &bridge(two)], &flows, both);
    check("a port more without it", [&bridge(one), &bridge(&two.replace("true", "false"))], &flows, HARMLESS);
    let ageing = format!("{one}\nageing-time-sec = \"10min\"");
    check("another setting", [&bridge(one), &bridge(&ageing)], &flows, HARMLESS);
    let (first, mute) = (format!("{stp}\npriority = 4096"), format!("{one}\npriority = 4096"));
    let all = [&[Harm::Links][..], &[Harm::Links, Harm::Sessions, Harm::Storage]];
    check("another priority", [&bridge(&stp), &bridge(&first)], &flows, all);
    check("another priority without it", [&bridge(one), &bridge(&mute)], &flows, HARMLESS);
    check("another priority, and it ends", [&bridge(&first), &bridge(one)], &flows, HARMLESS);
    let alone = |more: &str| bridge(&format!("stp = true\n{more}"));
    check("another priority without ports", [&alone(""), &alone("priority = 4096")], &flows, HARMLESS);
}

/// To become a port a link goes down and up, with what others built on it.
#[test]
fn a_port_goes_down_with_what_is_built_on_it() {
    let host = |more: &str| format!("{HOST}{CARDS}[dummy.d]\n{more}");
    let carrier = [session("10.255.0.0/24 over foreign", KERNEL)];
    let built = |it: &mut Observed| {
        let vlan = ObservedLink { kind: Some("vlan".to_owned()), parent: Some("d".to_owned()), ..card() };
        it.links.insert("foreign".to_owned(), vlan);
    };
    let (empty, full) = (host("[bridge.br0]\n"), host("[bridge.br0]\nports = [\"d\"]\n"));
    for (what, before) in [("of a new bridge", host("")), ("of a bridge", empty)] {
        assert_eq!(foretold(what, [&before, &full], &[], built), [], "{what}, with nothing");
        assert_eq!(foretold(what, [&before, &full], &carrier, built), [Harm::Sessions], "{what}");
    }
}

const LINKS: &[Harm] = &[Harm::Links];

#[test]
fn another_mtu_takes_cards_down() {
    let host = |card: u32, vlan: u32| {
        format!(
            "{HOST}[nic.eno1]\nmtu = {card}\n[vlan.v]\nid = 7\nparent = \"eno1\"\nmtu = {vlan}\naddresses = [\"10.255.0.9/24\"]\n"
        )
    };
    let near = [session("10.255.0.0/24 over v", KERNEL)];
    let portal = [storage(["10.255.0.9", "10.255.0.10"], "10.255.0.0/24 over v", KERNEL)];
    let (jumbo, usual) = (host(9000, 9000), host(1500, 1500));
    let wide = host(9000, 1500);
    for texts in [[&jumbo, &usual], [&usual, &jumbo], [&usual, &wide]] {
        let texts = texts.map(String::as_str);
        check("of a card", texts, &near, [LINKS, &[Harm::Links, Harm::Sessions]]);
        check("of a card", texts, &portal, [LINKS, &[Harm::Links, Harm::Storage]]);
    }
    for texts in [[&jumbo, &wide], [&wide, &jumbo]] {
        check("of a VLAN", texts.map(String::as_str), &[near.clone(), portal.clone()].concat(), HARMLESS);
    }
}

/// What others have on a link, or beside it on a bridge, cannot send what it sent.
#[test]
fn a_smaller_mtu_is_one_for_others_too() {
    let host = |port: u32, bridge: u32| {
        format!(
            "{HOST}[nic.eno1]\nmtu = 9000\n[vlan.v]\nid = 7\nparent = \"eno1\"\nmtu = {port}\n[bridge.br0]\nports = [\"v\"]\nmtu = {bridge}\n"
        )
    };
    let (wide, narrow, within) = (host(9000, 9000), host(1500, 1500), host(9000, 1500));
    let tap = |mtu: u32| {
        move |it: &mut Observed| {
            let tap = ObservedLink {
                kind: Some("macvtap".to_owned()),
                parent: Some("v".to_owned()),
                mtu,
                ..card()
            };
            it.links.insert("macvtap0".to_owned(), tap);
        }
    };
    let vnet = |it: &mut Observed| {
        let vnet = ObservedLink {
            kind: Some("tun".to_owned()),
            master: Some("br0".to_owned()),
            mtu: 9000,
            ..card()
        };
        it.links.insert("vnet0".to_owned(), vnet);
    };
    let shrunk = [&*wide, &*narrow];
    assert_eq!(foretold("a guest's macvtap", shrunk, &[], tap(9000)), LINKS);
    assert_eq!(foretold("a guest's port of the bridge", shrunk, &[], vnet), LINKS);
    assert_eq!(foretold("the bridge alone", [&wide, &within], &[], vnet), []);
    assert_eq!(foretold("one that is small already", shrunk, &[], tap(1500)), []);
    assert_eq!(foretold("nothing of others", shrunk, &[], |_| ()), []);
    assert_eq!(foretold("a larger one", [&narrow, &wide], &[], tap(1500)), []);
    let plan = planned(shrunk, &[], tap(9000), &Terms::default());
    let why = "`v` cuts off what is larger than its MTU of 1500 on `macvtap0` of others";
    assert!(plan.blocked.iter().any(|it| it.message.contains(why)), "{plan}");
}

/// The kernel gives nothing a larger MTU than what it is built on, which gets its own with the boot.
#[test]
fn what_is_built_on_a_link_grows_no_sooner_than_that_does() {
    let host = |mtu: u32, more: &str| {
        format!(
            "{HOST}[nic.eno1]\nmtu = {mtu}\n[vlan.v]\nid = 7\nparent = \"eno1\"\n[macvlan.m]\nparent = \"v\"\n{more}"
        )
    };
    let new = "[vlan.new]\nid = 8\nparent = \"eno1\"\n[vlan.small]\nid = 9\nparent = \"eno1\"\nmtu = 1500\n";
    let texts = [&*host(1500, ""), &host(9000, new)];
    let at_boot = planned(texts, &[], |_| (), &Deferral::AtBoot.into());
    assert!(at_boot.may_be_applied(), "{at_boot}");
    let waiting = at_boot.changes.iter().filter(|it| it.when.is_some()).map(|it| it.origin.name.as_str());
    assert_eq!(waiting.collect::<Vec<_>>(), ["new", "m", "eno1", "v"], "{at_boot}");
    let touched = |it: &Action| {
        matches!(it, Action::SetMtu(..))
            || matches!(it, Action::CreateLink(it) if it.name.as_str() != "small")
    };
    assert!(!at_boot.steps.iter().any(|it| touched(&it.action)), "{at_boot}");
    let stopped = planned(texts, &[], |_| (), &Terms::default());
    let why = "its parent `eno1` has MTU 1500 until the next boot";
    assert!(stopped.blocked.iter().any(|it| it.message.contains(why)), "{stopped}");
    assert_eq!(foretold("all at once", texts, &[], |_| ()), LINKS);
}

#[test]
fn a_bond_hands_its_mtu_to_its_ports() {
    let host = |mtu: u32| {
        format!(
            "{HOST}[nic.eno1]\nmtu = {mtu}\n[nic.eno2]\nmtu = {mtu}\n[bond.bond0]\nports = [\"eno1\", \"eno2\"]\nmode = \"active-backup\"\nmtu = {mtu}\naddresses = [\"10.255.0.9/24\"]\n"
        )
    };
    let near = [session("10.255.0.0/24 over bond0", KERNEL)];
    let plan = planned([&host(1500), &host(9000)], &near, |_| (), &all());
    let bond = plan.changes.iter().find(|it| it.origin.kind == "bond").expect("it changes");
    let harms: Vec<_> = bond.effects.iter().map(hostwright::plan::Effect::harm).collect();
    assert_eq!(harms, [Harm::Links, Harm::Sessions], "{plan}");
}

/// What the plan says, and what it hints at.
#[test]
fn what_is_lost_is_said_with_a_remedy() {
    let many: Vec<_> = (1..=6)
        .map(|n| {
            let peer = format!("10.255.0.{n}");
            flow(FlowKind::Session, ["10.9.0.1", &peer], route("10.255.0.0/16 via 192.0.2.1 over eno1", 4))
        })
        .collect();
    let default = routed("{ to = \"default\", via = \"192.0.2.1\" }");
    let far = "0.0.0.0/0 via 192.0.2.1 over eno1";
    let portal = storage(["192.0.2.2", "203.0.113.10"], far, 4);
    let caller = flow(FlowKind::Caller, ["192.0.2.2", "203.0.113.9"], route(far, 4));
    let vlan = |addresses: &str| {
        format!("{HOST}{CARDS}[vlan.v]\nid = 7\nparent = \"eno2\"\naddresses = [{addresses}]\n")
    };
    let behind = [session("10.255.0.0/16 via 10.88.0.254 over v", 12)];
    let bridge = |more: &str| {
        format!(
            "{HOST}{CARDS}[dummy.d]\n[bridge.br0]\naddresses = [\"10.20.0.2/24\"]\nports = [\"d\"]\n{more}\n"
        )
    };
    let on_bridge = [storage(["10.20.0.2", "10.20.0.10"], "10.20.0.0/24 over br0", KERNEL)];
    let card = |mtu: u32| format!("{HOST}[nic.eno1]\nmtu = {mtu}\naddresses = [\"192.0.2.2/24\"]\n");
    let on_card = [storage(["192.0.2.2", "192.0.2.10"], "192.0.2.0/24 over eno1", KERNEL)];
    let said = |texts: [&str; 2], flows: &[Flow]| {
        let stopped = planned(texts, flows, |_| (), &Terms::default());
        format!("{stopped}\n{}", planned(texts, flows, |_| (), &all()))
    };
    let text = [
        said([&routed(CARRYING), &routed("")], &many),
        said([&routed(CARRYING), &routed(&CARRYING.replace("2.1\"", "2.9\""))], &many[..1]),
        said([&default, &routed("")], &[portal.clone(), caller.clone()]),
        said([&default, &default.replace("192.0.2.2/24", "192.0.2.3/24")], &[portal, caller]),
        said([&vlan("\"10.88.0.1/24\""), &vlan("\"10.89.0.1/24\"")], &behind),
        said([&vlan("\"10.88.0.1/24\""), &format!("{HOST}{CARDS}")], &behind),
        said([&bridge(""), &bridge("stp = true")], &on_bridge),
        said([&card(9000), &card(1500)], &on_card),
    ];
    snapshot!("flows", &text.join("\n"));
}

/// Nothing changes: nothing is foretold, whatever goes over the host.
#[test]
fn an_unchanged_spec_disturbs_nothing() {
    let text = routed(CARRYING);
    let carrier = [session("10.255.0.0/16 via 192.0.2.1 over eno1", 4)];
    let plan = planned([&text, &text], &carrier, |_| (), &Terms::default());
    assert!(plan.is_empty(), "{plan}");
    let spare = |it: &mut Observed| drop(it.links.insert("eno9".to_owned(), ObservedLink::default()));
    assert!(planned([&text, &text], &carrier, spare, &Terms::default()).is_empty());
}
