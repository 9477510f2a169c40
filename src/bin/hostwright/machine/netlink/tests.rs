//! Tests in a network namespace of their own; `ip` makes what the port only reads.

mod arp;
mod creation;
mod echo;
mod flapping;
mod made;
mod neighbors;
mod progress;
mod routes;
mod rules;
mod torn;
mod undone;

use std::collections::BTreeMap;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, RawFd};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use hostwright::artifact::Address;
use hostwright::observed::{AddressState, ObservedAddress, ObservedLink, Told, ToldSession};
use hostwright::value::{InterfaceAddress, InterfaceName, Mtu, TextValue};
use nix::sched::{CloneFlags, unshare};

use super::{Netlink, OtherPorts, set_sysctl, sysctl_values};

const LIMIT: Duration = Duration::from_secs(10);

/// Runs a test between two linked ends, `one` and `two`, in a new network namespace.
fn in_namespace(test: impl FnOnce(&Netlink) + Send + 'static) {
    if !nix::unistd::geteuid().is_root() {
        println!("skipped: only root may make a network namespace");
        return;
    }
    let inside = move || {
        if let Err(error) = unshare(CloneFlags::CLONE_NEWNET) {
            println!("skipped: no network namespace: {error}");
        } else if ip("link set lo up") && ip("link add one type veth peer name two") {
            assert!(ip("link set one up") && ip("link set two up"));
            test(&Netlink::default());
        }
    };
    thread::spawn(inside).join().expect("the test in the namespace");
}

/// Runs `ip`; false when it cannot.
fn ip(arguments: &str) -> bool {
    let done = Command::new("ip").args(arguments.split(' ')).status();
    let done = done.is_ok_and(|it| it.success());
    if !done {
        println!("`ip {arguments}` does not work here");
    }
    done
}

fn name(text: &str) -> InterfaceName {
    InterfaceName::parse(text).expect("a name")
}

fn address(text: &str) -> Address {
    InterfaceAddress::parse(text).expect("an address").into()
}

fn link(netlink: &Netlink, name: &str) -> ObservedLink {
    let links = netlink.links(&BTreeMap::new()).expect("links");
    links.get(name).expect("the link").clone()
}

fn found(netlink: &Netlink, name: &str, wanted: &Address) -> Option<ObservedAddress> {
    let addresses = link(netlink, name).addresses;
    addresses.into_iter().find(|it| it.address == wanted.address)
}

#[test]
fn addresses() {
    in_namespace(|netlink| {
        let one = name("one");
        for text in ["192.0.2.2/24", "192.0.2.4/31", "2001:db8::2/64"] {
            let address = address(text);
            netlink.add_address(&one, &address).expect("added");
            netlink.add_address(&one, &address).expect("there already");
            netlink.await_usable(&one, &address, LIMIT).expect("usable");
            let found_now = found(netlink, "one", &address).expect("listed");
            assert_eq!(found_now.broadcast, address.broadcast);
            assert_eq!(found_now.state, AddressState::Usable);
            netlink.remove_address(&one, &address).expect("removed");
            netlink.remove_address(&one, &address).expect("absent");
            assert_eq!(found(netlink, "one", &address), None);
        }
    });
}

#[test]
fn addresses_that_cannot_be() {
    in_namespace(|netlink| {
        let (one, two) = (name("one"), name("two"));
        let (wide, narrow) = (address("2001:db8::2/64"), address("2001:db8::2/80"));
        netlink.add_address(&one, &wide).expect("added");
        let error = netlink.add_address(&one, &narrow).expect_err("other prefix");
        assert!(error.to_string().contains("another prefix"), "{error}");
        netlink.await_usable(&one, &wide, LIMIT).expect("usable");

        netlink.add_address(&two, &wide).expect("added");
        let error = netlink.await_usable(&two, &wide, LIMIT);
        let error = error.expect_err("taken by the other end");
        assert!(error.to_string().contains("another host on the link"), "{error}");

        let short = Duration::from_millis(10);
        let error = netlink.await_usable(&one, &narrow, short);
        assert!(error.expect_err("absent").to_string().contains("not there"));
        let gone = name("gone");
        let error = netlink.add_address(&gone, &wide).expect_err("no link");
        assert!(error.to_string().contains("no such link"), "{error}");
        netlink.remove_address(&gone, &wide).expect("absent");
    });
}

#[test]
fn links() {
    in_namespace(|netlink| {
        let paths = vec!["ipv6/conf/one/accept_ra".to_owned(), "absent".to_owned()];
        let asked = BTreeMap::from([("one".to_owned(), paths)]);
        let links = netlink.links(&asked).expect("links");
        assert!(links["one"].up && links["two"].up && links["lo"].up);
        assert_eq!(links["lo"].mac, None);
        assert!(links["one"].mac.is_some());
        assert_eq!((links["one"].kind.as_deref(), &links["one"].parent), (Some("veth"), &None));
        let value = links["one"].sysctls.get("ipv6/conf/one/accept_ra");
        assert_eq!(links["one"].sysctls.len(), 1);
        assert_eq!(value.map(String::as_str), Some("1"));
        assert!(links["two"].sysctls.is_empty());

        let told: Vec<_> = ["arp_announce", "arp_ignore"].map(|it| format!("ipv4/conf/one/{it}")).into();
        set_sysctl(&told[0], "2").expect("set");
        set_sysctl(&told[1], "8").expect("set");
        let links = netlink.links(&BTreeMap::from([("one".to_owned(), told.clone())])).expect("links");
        assert_eq!(links["one"].sysctls, sysctl_values(&told).collect());
        assert_eq!(links["one"].sysctls.values().collect::<Vec<_>>(), ["2", "8"]);

        let mtu = Mtu::new(1400).expect("an MTU");
        netlink.set_mtu(&name("one"), mtu).expect("set");
        assert!(ip("link set one down alias words"));
        let one = link(netlink, "one");
        assert_eq!((one.mtu, one.up), (1400, false));
        assert_eq!(one.alias.as_deref(), Some("words"));
        netlink.set_up(&name("one")).expect("up");
        assert!(link(netlink, "one").up);

        assert!(ip("link property add dev one altname other"));
        netlink.delete(&name("other")).expect("absent");
        netlink.delete(&name("one")).expect("deleted");
        netlink.delete(&name("one")).expect("absent");
        assert_eq!(netlink.links(&asked).expect("links").len(), 1);
        let error = netlink.set_mtu(&name("one"), mtu).expect_err("absent");
        assert!(error.to_string().contains("ENODEV"), "{error}");
    });
}

#[test]
fn sessions() {
    in_namespace(|netlink| {
        let mut open = Vec::new();
        let mut expected = Vec::new();
        let other = TcpListener::bind("127.0.0.1:0").expect("bound");
        open.push(TcpStream::connect(other.local_addr().expect("a port")).expect("connected"));
        for (bound, peer) in [("127.0.0.1:179", "127.0.0.1"), ("[::1]:179", "::1"), ("[::]:179", "127.0.0.2")]
        {
            let listener = TcpListener::bind(bound).expect("bound");
            let to = (peer, 179);
            open.push(TcpStream::connect(to).expect("connected"));
            open.push(listener.accept().expect("accepted").0);
            expected.push(peer.parse::<std::net::IpAddr>().expect("an address"));
        }
        let sessions = netlink.sessions(&OtherPorts::default()).expect("sessions");
        assert_eq!(sessions.len(), 6, "{sessions:?}");
        assert!(sessions.iter().all(|it| it.cookie != 0));
        for address in expected {
            assert!(sessions.iter().any(|it| it.local == address));
            assert!(sessions.iter().any(|it| it.peer == address));
        }
        assert_eq!(netlink.sessions(&OtherPorts::default()).expect("sessions"), sessions);
        drop(open);
        // Both ends have said that they close: the kernel takes a moment to hear of it.
        let begin = Instant::now();
        while !netlink.sessions(&OtherPorts::default()).expect("sessions").is_empty() {
            assert!(begin.elapsed() < LIMIT, "sessions that were closed are there");
        }
    });
}

/// Sessions on other ports are those of a daemon's sockets whose peers it told of: by the port that it listens on, or the peer.
#[test]
fn sessions_on_other_ports() {
    in_namespace(|netlink| {
        let accepted = |address: &str| {
            let listener = TcpListener::bind(address).expect("bound");
            let active = TcpStream::connect(listener.local_addr().expect("a port")).expect("connected");
            let passive = listener.accept().expect("accepted").0;
            (listener, active, passive)
        };
        let inode = |socket: RawFd| {
            let target = std::fs::read_link(format!("/proc/thread-self/fd/{socket}")).expect("a descriptor");
            let target = target.to_string_lossy().into_owned();
            target.trim_start_matches("socket:[").trim_end_matches(']').parse().expect("an inode")
        };
        let (listener, _active, passive) = accepted("127.0.0.1:1790");
        let (_their_listener, active, _passive) = accepted("127.0.0.5:1791");
        let (_unknown_listener, unknown, _end) = accepted("127.0.0.9:1792");
        let (_sshd, _ssh, _session) = accepted("127.0.0.5:22");
        let peer = |ip: &str| ToldSession {
            local: None,
            peer: ip.parse().expect("an address"),
            age: None,
            hold_time: None,
        };
        let told = Told {
            sessions: vec![peer("127.0.0.5")],
            ranges: ["127.0.0.0/30".parse().expect("a network")].into(),
            ..Told::default()
        };
        let held = [listener.as_raw_fd(), passive.as_raw_fd(), active.as_raw_fd(), unknown.as_raw_fd()];
        let held = held.map(inode).into();
        let others = netlink.other_ports(&held, told.clone()).expect("ports");
        let ends = |others: &OtherPorts| -> Vec<String> {
            let sessions = netlink.sessions(others).expect("sessions");
            sessions.iter().map(|it| format!("{} with {}", it.local, it.peer)).collect()
        };
        assert_eq!(ends(&others), ["127.0.0.1 with 127.0.0.1", "127.0.0.1 with 127.0.0.5"]);
        // A process that another test just starts may still have the descriptors of this one.
        [&passive, &active].into_iter().for_each(|it| it.shutdown(Shutdown::Both).expect("shut down"));
        assert_eq!(ends(&others), Vec::<String>::new());
        let again = TcpStream::connect(("127.0.0.5", 1791)).expect("connected");
        assert_eq!(ends(&others), ["127.0.0.1 with 127.0.0.5"], "one that came anew has another port");
        drop(again);
        let nobody = netlink.other_ports(&held, Told::default()).expect("ports");
        assert_eq!(ends(&nobody), Vec::<String>::new());
    });
}
