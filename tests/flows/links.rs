//! Links that go down or change their MTU.

use super::*;

/// With a smaller MTU a link has no IPv6 at all.
#[test]
fn an_mtu_that_is_too_small_for_ipv6() {
    let vlan = |mtu: u32| {
        format!(
            "{HOST}{CARDS}[vlan.v]\nid = 7\nparent = \"eno1\"\nmtu = {mtu}\naddresses = [\"10.255.0.9/24\"]\n"
        )
    };
    let (before, small, least) = (vlan(1500), vlan(1279), vlan(1280));
    let routes = |it: &mut Observed| {
        link_local(it);
        it.foreign_routes.insert("v".to_owned(), 3);
    };
    let texts = [&*before, &*small];
    assert_eq!(foretold("it has none", texts, &[], |_| ()), []);
    assert_eq!(foretold("it has a link-local address", texts, &[], link_local), LINKS);
    assert_eq!(foretold("a session", texts, &[], unnumbered), [Harm::Links, Harm::Sessions]);
    assert_eq!(foretold("routes", texts, &[], routes), [Harm::Links, Harm::Routes]);
    assert_eq!(foretold("it is large enough", [&before, &least], &[], unnumbered), []);
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

/// A bond sets down what it lets go, and takes up what is down: with it what others built on that alone.
#[test]
fn a_bond_sets_a_port_down_with_what_is_built_on_it() {
    let host = |bond: &str| format!("{HOST}{CARDS}[dummy.d]\n{bond}");
    let built = |it: &mut Observed| {
        let vlan = ObservedLink { kind: Some("vlan".to_owned()), parent: Some("d".to_owned()), ..card() };
        it.links.insert("foreign".to_owned(), vlan);
    };
    let carrier = [session("10.255.0.0/24 over foreign", KERNEL)];
    let bond = |ports: &str| host(&format!("[bond.b]\nmode = \"active-backup\"\nports = [{ports}]\n"));
    let (with, without) = (bond("\"d\""), bond(""));
    let gone = host("");
    for (what, before, after) in
        [("it goes", &with, &gone), ("a port leaves", &with, &without), ("a port comes", &without, &with)]
    {
        let texts = [&**before, &**after];
        assert_eq!(foretold(what, texts, &[], |_| ()), [], "{what}, with nothing");
        assert_eq!(foretold(what, texts, &[], built), [Harm::Links], "{what}, with a link of others");
        assert_eq!(foretold(what, texts, &carrier, built), [Harm::Links, Harm::Sessions], "{what}");
    }
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

/// Has another network namespace build something on a link.
fn built_on(link: &str) -> impl Fn(&mut Observed) {
    move |it| {
        let built = [("mv0".to_owned(), link.to_owned())].into();
        it.elsewhere =
            vec![Elsewhere { space: Space::Named("blue".to_owned()), built, sessions: Vec::new() }];
    }
}

/// A bond sets down what it takes up or lets go, a bridge does not.
#[test]
fn what_other_namespaces_have_on_a_port_goes_down_with_it() {
    let host = |more: &str| format!("{HOST}{CARDS}[dummy.d]\n{more}");
    for (kind, harms) in [("bond.m]\nmode = \"active-backup\"", LINKS), ("bridge.m]", &[])] {
        let [empty, full] = ["", "\"d\""].map(|it| host(&format!("[{kind}\nports = [{it}]\n")));
        assert_eq!(foretold(kind, [&empty, &full], &[], built_on("d")), harms, "it is taken up");
        assert_eq!(foretold(kind, [&full, &empty], &[], built_on("d")), harms, "it is let go");
        assert_eq!(foretold(kind, [&empty, &full], &[], |_| ()), [], "with nothing on it");
    }
}

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
    assert_eq!(foretold("what is built on it elsewhere", shrunk, &[], built_on("v")), LINKS);
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
