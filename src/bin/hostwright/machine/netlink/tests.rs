//! The port against a kernel: a fresh network namespace for each test, which needs root.

use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;

use hostwright::artifact::{Address, Link, LinkForm, Route};
use hostwright::value::{InterfaceAddress, Mtu, TextValue};
use nix::sched::{CloneFlags, unshare};

use super::Netlink;

/// Runs a test in a network namespace of its own; says why where there is none.
fn in_namespace(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::spawn(move || match unshare(CloneFlags::CLONE_NEWNET) {
        Ok(()) => test(),
        Err(error) => eprintln!("skipped: no network namespace: {error}"),
    });
    thread.join().expect("the test holds");
}

fn ip(arguments: &str) -> bool {
    Command::new("ip").args(arguments.split(' ')).status().is_ok_and(|it| it.success())
}

fn address(text: &str) -> Address {
    InterfaceAddress::parse(text).map(Address::from).expect("an address")
}

#[test]
fn addresses_come_and_go() {
    in_namespace(|| {
        if !ip("link add d0 type dummy") {
            return eprintln!("skipped: no dummy links");
        }
        let (netlink, name) = (Netlink, "d0".parse().expect("a name"));
        netlink.set_up(&name).expect("up");
        netlink.set_mtu(&name, Mtu::new(1400).expect("an MTU")).expect("an MTU");
        for text in ["192.0.2.2/24", "192.0.2.9/31", "2001:db8::2/64"] {
            let address = address(text);
            for _ in 0..2 {
                netlink.add_address(&name, &address).expect("added");
            }
            netlink.await_usable(&name, &address, Duration::from_secs(5)).expect("usable");
        }
        let links =
            netlink.links(&BTreeMap::from([("d0".to_owned(), vec!["ipv6/conf/d0/accept_ra".to_owned()])]));
        let link = links.expect("links").remove("d0").expect("d0");
        assert_eq!((link.mtu, link.up, link.form.clone()), (1400, true, None));
        assert_eq!(link.sysctls.values().collect::<Vec<_>>(), ["1"]);
        let wanted = address("192.0.2.2/24");
        assert!(
            link.addresses.iter().any(|it| it.address == wanted.address && it.broadcast == wanted.broadcast)
        );
        for _ in 0..2 {
            netlink.remove_address(&name, &wanted).expect("removed");
            netlink.delete(&"absent".parse().expect("a name")).expect("absent is done");
        }
        assert!(
            netlink.links(&BTreeMap::new()).expect("links")["d0"]
                .addresses
                .iter()
                .all(|it| it.address != wanted.address)
        );
        netlink.delete(&name).expect("deleted");
    });
}

#[test]
fn routes_rules_and_nexthops_are_seen() {
    in_namespace(|| {
        if !(ip("link add d0 type dummy") && ip("link set d0 up") && ip("address add 192.0.2.2/24 dev d0")) {
            return eprintln!("skipped: no dummy links");
        }
        let (netlink, name) = (Netlink, "d0".parse().expect("a name"));
        let route = Route {
            to: "198.51.100.0/24".parse().expect("a network"),
            via: Some("192.0.2.1".parse().expect("an address")),
            metric: Some(7),
        };
        let before = netlink.routes().expect("routes");
        for _ in 0..2 {
            netlink.add_route(&name, &route).expect("added");
        }
        let after = netlink.routes().expect("routes");
        let added: Vec<_> = after.difference(&before).collect();
        assert_eq!(added.len(), 1);
        assert_eq!((added[0].metric, added[0].protocol, added[0].device.as_deref()), (7, 4, Some("d0")));
        for _ in 0..2 {
            netlink.remove_route(&name, &route).expect("removed");
        }
        assert_eq!(netlink.routes().expect("routes"), before);
        let rules = netlink.rules().expect("rules");
        if ip("rule add from 192.0.2.2 table 77 priority 99") {
            assert_eq!(netlink.rules().expect("rules").difference(&rules).count(), 1);
        }
        if ip("nexthop add id 12 via 192.0.2.1 dev d0 protocol zebra") {
            let nexthops = netlink.nexthops().expect("nexthops");
            assert!(
                nexthops.iter().any(|it| it.contains("id 12") && it.contains("protocol 11")),
                "{nexthops:?}"
            );
        }
    });
}

#[test]
fn a_session_is_known_by_its_socket() {
    in_namespace(|| {
        assert!(ip("link set lo up"));
        let listener = TcpListener::bind("127.0.0.1:179").expect("a listener");
        let stream = TcpStream::connect("127.0.0.1:179").expect("a session");
        let (accepted, _) = listener.accept().expect("accepted");
        let first = Netlink.sessions().expect("sessions");
        assert_eq!(first.len(), 2);
        assert_eq!(Netlink.sessions().expect("sessions"), first);
        drop((stream, accepted));
        while !Netlink.sessions().expect("sessions").is_empty() {
            std::thread::yield_now();
        }
        let _again = TcpStream::connect("127.0.0.1:179").expect("a session");
        let second = Netlink.sessions().expect("sessions");
        assert!(first.is_disjoint(&second), "{first:?} {second:?}");
    });
}

#[test]
fn links_are_made_once_and_deleted() {
    in_namespace(|| {
        if !(ip("link add d0 type dummy") && ip("link set d0 up")) {
            return eprintln!("skipped: no dummy links");
        }
        let parent = || "d0".parse().expect("a name");
        let link = |name: &str, form| Link {
            name: name.parse().expect("a name"),
            form,
            mtu: Mtu::new(1400).expect("an MTU"),
            mac: None,
            alias: Some(format!("hostwright [vlan.{name}]")),
            addresses: Vec::new(),
            routes: Vec::new(),
            sysctls: BTreeMap::from([(format!("ipv6/conf/{name}/accept_ra"), "0".to_owned())]),
            expect_mac: None,
            expect_path: None,
        };
        let id = hostwright::value::VlanId::new(42).expect("an identifier");
        let mode = hostwright::artifact::MacvtapMode::Bridge;
        for link in [
            link("v42", LinkForm::Vlan { id, parent: parent() }),
            link("tap0", LinkForm::Macvtap { mode, parent: parent() }),
        ] {
            if let Err(failure) = Netlink.create(&link) {
                eprintln!("skipped: {failure}");
                continue;
            }
            Netlink.create(&link).expect("done already");
            let observed =
                Netlink.links(&BTreeMap::new()).expect("links").remove(link.name.as_str()).expect("there");
            assert_eq!((observed.form, observed.mtu, observed.up), (Some(link.form.clone()), 1400, true));
            assert_eq!(observed.alias, link.alias);
            Netlink.delete(&link.name).expect("deleted");
            assert!(!Netlink.links(&BTreeMap::new()).expect("links").contains_key(link.name.as_str()));
        }
    });
}
