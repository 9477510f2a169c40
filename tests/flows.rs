//! What a change of links, addresses and routes does to what goes over them: foretold, each beside the same change where
//! nothing goes.

#[path = "flows/accepted.rs"]
mod accepted;
#[path = "flows/addresses.rs"]
mod addresses;
mod common;
#[path = "flows/links.rs"]
mod links;
#[path = "flows/routes.rs"]
mod routes;

use std::net::IpAddr;

use common::machine::{artifacts, card, enslave, machine};
use common::snapshot;
use hostwright::observed::{
    AddressState, BgpSession, Elsewhere, Flow, FlowKind, KERNEL, Observed, ObservedAddress, ObservedLink,
    ObservedRoute, ObservedRule, Space, is_foreign,
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

fn rule((priority, table, more): (u32, u32, &str)) -> ObservedRule {
    let rest = format!("inet lookup{more}");
    ObservedRule { priority, from: None, to: None, table, protocol: KERNEL, rest }
}

/// Gives a link an address that nobody wrote.
fn given(observed: &mut Observed, link: &str, text: &str, permanent: bool) {
    let state =
        ObservedAddress { address: address(text), broadcast: None, state: AddressState::Usable, permanent };
    observed.links.get_mut(link).expect("it is there").addresses.push(state);
}

/// Gives `v` a link-local address.
fn link_local(observed: &mut Observed) {
    given(observed, "v", "fe80::7/64", true);
}

/// Gives `v` a link-local address with a session.
fn unnumbered(observed: &mut Observed) {
    link_local(observed);
    let device = observed.links["v"].index;
    observed.sessions.insert(BgpSession { local: ip("fe80::7"), peer: ip("fe80::1"), device, cookie: 1 });
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
const LINKS: &[Harm] = &[Harm::Links];
const HARMLESS: [&[Harm]; 2] = [&[], &[]];

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
