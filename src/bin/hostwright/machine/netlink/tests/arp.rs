//! Questions for addresses, which must teach other stations nothing.

use std::process::Command;

use super::{Netlink, in_namespace, ip};
use crate::machine::arp::probe;

fn neighbors() -> String {
    let said = Command::new("ip").args(["neighbor", "show", "dev", "two"]).output().expect("ip");
    String::from_utf8_lossy(&said.stdout).into_owned()
}

#[test]
fn an_address_of_another_station_is_found_and_nobody_learns_a_wrong_one() {
    in_namespace(|_: &Netlink| {
        assert!(ip("address add 192.0.2.2/24 dev one") && ip("address add 192.0.2.9/24 dev two"));
        // Both ends are of one host here: a neighbor that the wrong question would change stands for the station's.
        assert!(ip("neighbor add 192.0.2.2 lladdr 02:00:00:00:00:99 dev two nud reachable"));
        let asked = |text: &str| vec![(super::name("one"), super::address(text).address)];
        probe(&asked("192.0.2.77/24")).expect("a free address");
        assert!(neighbors().contains("02:00:00:00:00:99"), "{}", neighbors());
        let refusal = probe(&asked("192.0.2.9/24")).expect_err("a taken address").to_string();
        assert!(refusal.contains("a station on one has 192.0.2.9 already"), "{refusal}");
        probe(&[(super::name("absent"), super::address("192.0.2.9/24").address)]).expect("no link");
    });
}

#[test]
fn what_nobody_could_be_asked_for_is_not_taken_for_free() {
    in_namespace(|_: &Netlink| {
        let asked = [(super::name("one"), super::address("192.0.2.77/24").address)];
        let full = Command::new("tc").args("qdisc add dev one root bfifo limit 1".split(' ')).status();
        assert!(full.is_ok_and(|it| it.success()), "tc");
        let refusal = probe(&asked).expect_err("a queue without room").to_string();
        assert!(refusal.contains("192.0.2.77 on one: ENOBUFS"), "{refusal}");
        assert!(ip("link set one arp off"));
        probe(&asked).expect("a link without ARP asks nobody");
        assert!(ip("link set one arp on down"));
        probe(&asked).expect("one that is down does not either");
    });
}
