//! Routes and nexthops.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use hostwright::artifact::{MAIN_TABLE, Route, RouteType};
use hostwright::observed::{Flow, FlowKind, ForeignRoute, ObservedRoute};
use hostwright::value::{Destination, TextValue};

use super::super::Netlink;
use super::{address, in_namespace, ip, name};

fn route(to: &str, via: Option<&str>, metric: Option<u32>) -> Route {
    Route {
        to: Destination::parse(to).expect("a destination"),
        via: via.map(|it| it.parse::<IpAddr>().expect("a gateway")),
        metric,
        on_link: false,
        table: MAIN_TABLE,
        kind: RouteType::Unicast,
        preferred_source: None,
    }
}

/// Returns the routes but those of link-local addresses: they come when duplicate detection ends.
pub(super) fn routes(netlink: &Netlink) -> BTreeSet<ObservedRoute> {
    let own = netlink.routes().expect("routes").own;
    own.into_iter().filter(|it| !it.to.to_string().starts_with("fe80:")).collect()
}

fn static_routes(netlink: &Netlink) -> Vec<ObservedRoute> {
    let routes = routes(netlink);
    routes.into_iter().filter(|it| it.protocol == 4).collect()
}

pub(super) fn prepare(netlink: &Netlink) {
    for text in ["192.0.2.2/24", "2001:db8::2/64"] {
        let one = name("one");
        netlink.add_address(&one, &address(text)).expect("added");
        netlink.await_usable(&one, &address(text), super::LIMIT).expect("usable");
    }
}

#[test]
fn routes_that_say_more() {
    in_namespace(|netlink| {
        prepare(netlink);
        let one = name("one");
        let source = |it: &str| it.parse().ok();
        let plain = route("198.51.100.0/24", Some("192.0.2.1"), None);
        for route in [
            Route { table: 1000, ..plain.clone() },
            Route { preferred_source: source("192.0.2.2"), ..plain.clone() },
            Route { on_link: true, via: source("203.0.113.1"), ..plain.clone() },
            Route { kind: RouteType::Blackhole, via: None, ..plain.clone() },
            Route { kind: RouteType::Unreachable, ..route("2001:db8:5::/48", None, Some(5)) },
            Route { kind: RouteType::Prohibit, table: 1000, ..route("198.51.100.0/24", None, None) },
        ] {
            let before = routes(netlink);
            netlink.add_route(&one, &route).expect("added");
            netlink.add_route(&one, &route).expect("there already");
            let found = static_routes(netlink);
            let [found] = found.as_slice() else {
                panic!("{found:?}");
            };
            assert_eq!((found.table, found.via), (route.table, route.via));
            assert!(found.rest.starts_with(route.kind.word()), "{}", found.rest);
            netlink.remove_route(&one, &route).expect("removed");
            netlink.remove_route(&one, &route).expect("absent");
            assert_eq!(routes(netlink), before);
        }
    });
}

#[test]
fn static_ones() {
    in_namespace(|netlink| {
        prepare(netlink);
        let one = name("one");
        for (route, to, metric) in [
            (route("198.51.100.0/24", Some("192.0.2.1"), None), "198.51.100.0/24", 0),
            (route("198.51.100.0/24", None, Some(7)), "198.51.100.0/24", 7),
            (route("default", Some("192.0.2.1"), Some(9)), "0.0.0.0/0", 9),
            (route("203.0.113.0/24", Some("2001:db8::1"), None), "203.0.113.0/24", 0),
            (route("2001:db8:1::/48", Some("2001:db8::1"), None), "2001:db8:1::/48", 1024),
            (route("2001:db8:1::/48", None, Some(5)), "2001:db8:1::/48", 5),
            (route("default", Some("2001:db8::1"), None), "::/0", 1024),
        ] {
            let before = routes(netlink);
            netlink.add_route(&one, &route).expect("added");
            netlink.add_route(&one, &route).expect("there already");
            let found = static_routes(netlink);
            let [found] = found.as_slice() else {
                panic!("{found:?}");
            };
            assert_eq!((found.to.to_string(), found.metric), (to.to_owned(), metric));
            assert_eq!((found.via, found.table), (route.via, 254));
            assert_eq!(found.device.as_deref(), Some("one"));
            netlink.remove_route(&one, &route).expect("removed");
            netlink.remove_route(&one, &route).expect("absent");
            assert_eq!(routes(netlink), before);
        }
    });
}

#[test]
fn more_than_one_part_holds() {
    in_namespace(|netlink| {
        prepare(netlink);
        for to in 0..3000 {
            let to = format!("10.{}.{}.0/24", to / 256, to % 256);
            let route = route(&to, Some("192.0.2.1"), None);
            netlink.add_route(&name("one"), &route).expect("added");
        }
        assert_eq!(static_routes(netlink).len(), 3000);
    });
}

#[test]
fn static_ones_beside_others() {
    in_namespace(|netlink| {
        prepare(netlink);
        let one = name("one");
        for (first, second, metric) in
            [("192.0.2.1", "192.0.2.3", None), ("2001:db8::1", "2001:db8::3", Some(1024))]
        {
            let (there, other) =
                (route("default", Some(first), None), route("default", Some(second), metric));
            netlink.add_route(&one, &there).expect("added");
            let error = netlink.add_route(&one, &other).expect_err("in the way");
            assert!(error.to_string().contains("another route"), "{error}");
            netlink.remove_route(&one, &other).expect("absent");
            let higher = route("default", Some(first), Some(2000));
            netlink.add_route(&one, &higher).expect("added");
            netlink.remove_route(&one, &there).expect("removed");
            netlink.remove_route(&one, &there).expect("absent");
            assert_eq!(static_routes(netlink).len(), 1);
            netlink.remove_route(&one, &higher).expect("removed");
        }
    });
}

#[test]
fn those_of_many_nexthops_are_not_on_the_link() {
    in_namespace(|netlink| {
        prepare(netlink);
        let one = name("one");
        for (to, first, second) in
            [("198.51.100.0/24", "192.0.2.3", "192.0.2.4"), ("2001:db8:1::/48", "2001:db8::3", "2001:db8::4")]
        {
            assert!(ip(&format!(
                "route add {to} proto static nexthop via {first} dev one nexthop via {second} dev one"
            )));
            let before = routes(netlink);
            let on_link = route(to, None, None);
            let error = netlink.add_route(&one, &on_link).expect_err("in the way");
            assert!(error.to_string().contains("another route"), "{error}");
            netlink.remove_route(&one, &on_link).expect("absent");
            assert_eq!(routes(netlink), before);
        }
        assert!(ip("route add local 203.0.113.0/24 dev one proto static table main"));
        let other = netlink.add_route(&one, &route("203.0.113.0/24", None, None));
        assert!(other.is_err());
    });
}

#[test]
fn foreign_ones() {
    in_namespace(|netlink| {
        prepare(netlink);
        for arguments in [
            "route add 10.8.0.0/16 proto static nexthop via 192.0.2.3 dev one nexthop via 192.0.2.4 dev one weight 3",
            "route add blackhole 10.7.0.0/16 proto 12 table 1000 metric 3",
            "route add 10.6.0.0/16 via 203.0.113.9 dev one onlink mtu 1300 src 192.0.2.2",
            "-6 route add 2001:db8:6::/48 via fe80::1 dev two expires 100",
        ] {
            assert!(ip(arguments));
        }
        let before = routes(netlink);
        let rest = |to: &str| {
            let found = before.iter().find(|it| it.to.to_string() == to);
            found.expect("the route").rest.clone()
        };
        assert_eq!(
            rest("10.8.0.0/16"),
            "unicast scope global nexthops [via 192.0.2.3 dev one weight 1; via 192.0.2.4 dev one weight 3]"
        );
        assert_eq!(rest("10.6.0.0/16"), "unicast scope global onlink src 192.0.2.2 metrics [mtu 1300]");
        assert_eq!(rest("2001:db8:6::/48"), "unicast scope global pref 0");
        let foreign =
            ForeignRoute { table: 1000, protocol: 12, to: "10.7.0.0/16".parse().expect("a network") };
        assert_eq!(netlink.foreign_routes().expect("routes"), [foreign]);
        let found = netlink.routes().expect("routes");
        assert_eq!(found.foreign, [(String::new(), 1)].into());
        assert!(found.shared.is_empty(), "{:?}", found.shared);

        let of_ipv4 = |it: &&ObservedRoute| it.to.addr().is_ipv4();
        assert!(ip("link set two down"));
        let after = routes(netlink);
        let before: Vec<_> = before.iter().filter(of_ipv4).collect();
        assert_eq!(after.iter().filter(of_ipv4).collect::<Vec<_>>(), before);
    });
}

/// Routes of others over several links count once, and each of the links is known.
#[test]
fn foreign_ones_over_several_links() {
    in_namespace(|netlink| {
        prepare(netlink);
        for arguments in [
            "link set two up",
            "address add 198.51.100.2/24 dev two",
            "route add 10.5.0.0/16 proto 12 nexthop via 192.0.2.3 dev one nexthop via 198.51.100.3 dev two",
            "route add 10.4.0.0/16 proto 12 via 192.0.2.3 dev one src 198.51.100.2 table 1000",
        ] {
            assert!(ip(arguments), "{arguments}");
        }
        let found = netlink.routes().expect("routes");
        assert_eq!(found.foreign, [(String::new(), 1), ("one".to_owned(), 1)].into());
        assert_eq!(found.shared, ["one", "two"].map(str::to_owned).into());
        assert_eq!(found.sources, [(1000, "198.51.100.2".parse().expect("an address"))].into());
    });
}

/// The kernel says by which entry it goes to a peer, whatever rules and other tables there are.
#[test]
fn what_carries_a_flow() {
    in_namespace(|netlink| {
        prepare(netlink);
        for arguments in [
            "route add 198.51.100.0/24 via 192.0.2.1 metric 7",
            "route add 198.51.100.0/25 via 192.0.2.9 proto 12",
            "route add default via 192.0.2.8 table 100",
            "rule add to 203.0.113.0/24 lookup 100 priority 50",
            "route add blackhole 10.9.0.0/16",
            "-6 route add 2001:db8:5::/48 via 2001:db8::1",
        ] {
            assert!(ip(arguments), "{arguments}");
        }
        let links = netlink.links(&BTreeMap::default()).expect("links");
        let carrier = |local: &str, peer: &str| {
            let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
            let flow = Flow::new(FlowKind::Session, ip(local), ip(peer), 0);
            let found =
                netlink.routed([flow].into(), &links).expect("an answer").pop_first().expect("the flow");
            found.route.map(|it| (it.to_string(), it.table, it.protocol, it.metric))
        };
        let is = |text: &str, table, protocol, metric| Some((text.to_owned(), table, protocol, metric));
        for local in ["192.0.2.2", "0.0.0.0"] {
            assert_eq!(
                carrier(local, "198.51.100.1"),
                is("198.51.100.0/25 via 192.0.2.9 over one", 254, 12, 0)
            );
            assert_eq!(
                carrier(local, "198.51.100.200"),
                is("198.51.100.0/24 via 192.0.2.1 over one", 254, 3, 7)
            );
            assert_eq!(carrier(local, "203.0.113.1"), is("default via 192.0.2.8 over one", 100, 3, 0));
            assert_eq!(carrier(local, "192.0.2.77"), is("192.0.2.0/24 over one", 254, 2, 0));
            assert_eq!(carrier(local, "10.9.0.1"), None);
            assert_eq!(carrier(local, "172.16.0.1"), None);
        }
        assert_eq!(carrier("192.0.2.99", "192.0.2.77"), None, "an address that is not there");
        let far = carrier("2001:db8::2", "2001:db8:5::9");
        assert_eq!(far, is("2001:db8:5::/48 via 2001:db8::1 over one", 254, 3, 1024));
        assert_eq!(carrier("2001:db8::2", "2001:db8:6::9"), None);
    });
}
