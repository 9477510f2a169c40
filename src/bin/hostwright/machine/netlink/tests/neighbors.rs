//! Neighbors, and what leads through them.

use hostwright::artifact::Neighbor;

use super::super::Netlink;
use super::routes::{prepare, routes};
use super::{in_namespace, ip, name};

#[test]
fn neighbors() {
    in_namespace(|netlink| {
        prepare(netlink);
        let mac = hostwright::value::TextValue::parse("02:00:00:00:00:77").expect("a MAC address");
        for address in ["192.0.2.77", "2001:db8::77"] {
            let neighbor =
                Neighbor { address: address.parse().expect("an address"), link_layer_address: mac };
            let listed = |netlink: &Netlink| {
                let links = netlink.links(&std::collections::BTreeMap::new()).expect("links");
                links["one"].neighbors.contains(&neighbor)
            };
            netlink.add_neighbor(&name("one"), &neighbor).expect("added");
            netlink.add_neighbor(&name("one"), &neighbor).expect("there already");
            assert!(listed(netlink));
            assert!(netlink.neighbors().expect("neighbors").contains(&(name("one"), neighbor)));
            netlink.remove_neighbor(&name("one"), &neighbor).expect("removed");
            netlink.remove_neighbor(&name("one"), &neighbor).expect("absent");
            assert!(!listed(netlink));
        }
    });
}

#[test]
fn what_is_reached_directly() {
    in_namespace(|netlink| {
        prepare(netlink);
        for text in [
            "address add 10.0.0.1 peer 10.0.0.2 dev one",
            "route add 198.18.0.0/24 via 192.0.2.1",
            "route add 198.18.1.0/24 via 169.254.0.1 dev one onlink",
            "route add 198.18.2.0/24 nexthop via 192.0.2.3 dev one nexthop via inet6 fe80::1 dev two",
            "route add 198.18.3.0/24 dev two",
            "route add blackhole 198.18.4.0/24",
        ] {
            assert!(ip(text), "{text}");
        }
        let found = netlink.direct().expect("what is reached");
        let of_four = found.iter().filter(|it| it.1.addr().is_ipv4() || it.0 == "two");
        let written: Vec<_> = of_four.map(|(link, it)| format!("{link} {it}")).collect();
        let expected = [
            "one 10.0.0.2/32",
            "one 169.254.0.1/32",
            "one 192.0.2.0/24",
            "one 192.0.2.1/32",
            "one 192.0.2.3/32",
            "two 198.18.3.0/24",
            "two fe80::/64",
            "two fe80::1/128",
        ];
        assert_eq!(written, expected);
    });
}

#[test]
fn nexthops() {
    in_namespace(|netlink| {
        prepare(netlink);
        if !ip("nexthop add id 5 via 192.0.2.1 dev one protocol zebra") {
            assert!(netlink.nexthops().expect("nexthops").is_empty());
            return;
        }
        assert!(ip("nexthop add id 6 via 192.0.2.3 dev one"));
        assert!(ip("nexthop add id 7 group 5,3/6"));
        assert!(ip("route add 10.9.0.0/16 nhid 7"));
        let nexthops = netlink.nexthops().expect("nexthops");
        let members: Vec<_> = nexthops.iter().map(|it| it.members.len()).collect();
        assert_eq!(members, [0, 0, 2]);
        assert!(nexthops.first().is_some_and(|it| it.device.as_deref() == Some("one") && it.via.is_some()));
        let nexthops: Vec<String> = nexthops.iter().map(ToString::to_string).collect();
        assert_eq!(
            nexthops,
            [
                "id 5 family 2 scope link protocol 11 dev one via 192.0.2.1",
                "id 6 family 2 scope link protocol 0 dev one via 192.0.2.3",
                "id 7 family 0 scope global protocol 0 group 5,3/6,1 type 0",
            ]
        );
        let routes = routes(netlink);
        let found = routes.iter().find(|it| it.rest.contains("nhid 7"));
        assert!(found.is_some_and(|it| it.to.to_string() == "10.9.0.0/16"));
    });
}
