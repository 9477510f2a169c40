//! What an undo asks of the kernel, and what comes of links that others have narrowed, or that have no carrier.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hostwright::artifact::{Link, Port, Setting};
use hostwright::value::Mtu;

use super::creation::{device, macvtap, made, wanted};
use super::{LIMIT, Netlink, address, in_namespace, ip, name};

fn mtu(bytes: i64) -> Mtu {
    Mtu::new(bytes).expect("an MTU")
}

fn mtu_of(netlink: &Netlink, link: &str) -> u32 {
    netlink.links(&BTreeMap::new()).expect("links")[link].mtu
}

#[test]
fn a_link_on_one_that_shrank_is_made_and_grows_with_it() {
    in_namespace(|netlink| {
        let one = name("one");
        netlink.set_mtu(&one, mtu(1300)).expect("shrunk");
        if !made(netlink, &macvtap(4)) {
            return;
        }
        assert_eq!(mtu_of(netlink, "storage"), 1300);
        netlink.set_mtu(&one, mtu(1500)).expect("as before");
        netlink.restore_mtu("storage", mtu(1400)).expect("as before");
        assert_eq!(mtu_of(netlink, "storage"), 1400);
        netlink.restore_mtu("gone", mtu(1400)).expect("nothing to be given back to");
    });
}

/// The kernel refuses a delay that spanning trees do not allow while they are on, and looks at the delay first.
#[test]
fn what_is_switched_off_goes_before_what_that_would_refuse() {
    in_namespace(|netlink| {
        let with = |delay: u32, stp: u32| {
            vec![
                Setting::alterable("STP", stp, 5, stp),
                Setting::alterable("ForwardDelaySec", delay, 1, delay),
            ]
        };
        let bridge = wanted(Some(device("bridge", None, with(0, 0))));
        if !made(netlink, &bridge) {
            return;
        }
        for (delay, stp) in [(1500, 1), (0, 0), (1500, 1)] {
            netlink.set_device(&bridge.name, "bridge", &with(delay, stp)).expect("changed");
            let links = netlink.links(&BTreeMap::new()).expect("links");
            let data = &links["storage"].data;
            assert_eq!([data.get(&1), data.get(&5)], [Some(&delay.into()), Some(&stp.into())]);
        }
    });
}

/// A bond takes a random MAC address when its last port goes, to another master, too.
#[test]
fn a_bond_whose_last_port_goes_to_another_keeps_its_mac() {
    in_namespace(|netlink| {
        let mode = || vec![Setting::fixed("Mode", "active-backup", 1, 1_u8)];
        let bond = Link { mac: None, ..wanted(Some(device("bond", None, mode()))) };
        let other = Link { name: name("other"), sysctls: BTreeMap::new(), ..bond.clone() };
        if !made(netlink, &bond) || !made(netlink, &other) {
            return;
        }
        let port = Port { link: name("one"), vlans: None, elected: None };
        netlink.add_port(&bond.name, &port).expect("taken up");
        let mac = || netlink.links(&BTreeMap::new()).expect("links")["storage"].mac;
        let before = mac();
        netlink.add_port(&other.name, &port).expect("taken up");
        assert_eq!(mac(), before);
    });
}

/// The kernel has a bridge follow the MTUs of its ports unless its own was changed: a small tap would narrow all guests.
#[test]
fn a_bridge_keeps_its_mtu_whatever_becomes_its_port() {
    in_namespace(|netlink| {
        let one = name("one");
        for (own, of_port) in [(9000, 1500), (1500, 1300)] {
            let bridge = wanted(Some(device("bridge", None, Vec::new())));
            let bridge = Link { mtu: mtu(own), ..bridge };
            if !made(netlink, &bridge) {
                return;
            }
            netlink.set_mtu(&one, mtu(of_port)).expect("set");
            let port = Port { link: one.clone(), vlans: None, elected: None };
            netlink.add_port(&bridge.name, &port).expect("taken up");
            assert_eq!(i64::from(mtu_of(netlink, "storage")), own);
            netlink.remove_port(&one).expect("freed");
            assert_eq!(i64::from(mtu_of(netlink, "storage")), own);
            netlink.delete(&bridge.name).expect("deleted");
        }
    });
}

/// The kernel asks nobody about an address of IPv6 while there is no carrier.
#[test]
fn an_address_without_a_carrier_is_waited_for_in_vain_and_not_long() {
    in_namespace(|netlink| {
        assert!(ip("link set two down"));
        let (one, wanted) = (name("one"), address("2001:db8::2/64"));
        netlink.add_address(&one, &wanted).expect("added");
        let begin = Instant::now();
        netlink.await_usable(&one, &wanted, LIMIT).expect("it will be");
        assert!(begin.elapsed() > Duration::from_secs(1) && begin.elapsed() < LIMIT);
        let short = netlink.await_usable(&one, &address("2001:db8::3/64"), Duration::ZERO);
        assert!(short.expect_err("absent").to_string().contains("not there"));
    });
}

#[test]
fn a_sysctl_of_ipv6_needs_ipv6() {
    let set = |path: &str| super::set_sysctl(path, "0");
    assert_eq!(set("ipv6/conf/no-such-link/accept_ra"), Ok(()));
    assert!(set("ipv4/conf/no-such-link/arp_announce").is_err());
}
