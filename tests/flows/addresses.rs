//! Addresses that sessions go from: those of others, link-local ones and leases.

use super::*;

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

/// networkd deletes what the kernel gave to a link when its file says that it shall have none.
#[test]
fn link_local_addresses_go() {
    let vlan = |more: &str| format!("{HOST}{CARDS}[vlan.v]\nid = 7\nparent = \"eno1\"\n{more}");
    let before = vlan("addresses = [\"10.255.0.9/24\"]\n");
    let (last, written) = (vlan(""), before.clone() + "link-local-addressing = \"no\"\n");
    let more = vlan("addresses = [\"10.255.0.9/24\", \"10.255.1.9/24\"]\n");
    let port = vlan("[bridge.br0]\nports = [\"v\"]\n");
    let routed = |it: &mut Observed| {
        link_local(it);
        it.foreign_routes.insert("v".to_owned(), 1);
    };
    for (what, after) in [("the last address goes", &last), ("it is written", &written)] {
        assert_eq!(foretold(what, [&before, after], &[], |_| ()), [], "{what}, with none");
        assert_eq!(foretold(what, [&before, after], &[], link_local), [], "{what}, where nobody uses it");
        assert!(foretold(what, [&before, after], &[], routed).contains(&Harm::Links), "{what}, with routes");
        assert_eq!(
            foretold(what, [&before, after], &[], unnumbered),
            [Harm::Sessions],
            "{what}, with a session"
        );
    }
    assert_eq!(foretold("another comes", [&before, &more], &[], unnumbered), []);
    assert_eq!(foretold("it becomes a port", [&last, &port], &[], link_local), []);
    let by_netlink = |it: &mut Observed| {
        unnumbered(it);
        it.networkd.as_mut().expect("it runs").loaded.remove("v");
    };
    assert_eq!(foretold("networkd does not know it", [&before, &last], &[], by_netlink), []);
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
