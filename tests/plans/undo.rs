//! What takes a change back, in the order in which it can.

use super::*;

/// Plans over netlink alone, for a machine that is changed first.
fn by_netlink(before: &[&str], after: &[&str], change: impl FnOnce(&mut Observed)) -> String {
    let before = artifacts(before);
    let mut observed = machine(&before);
    enslave(&mut observed, &before);
    observed.networkd.as_mut().expect("it runs").loaded.retain(|name, _| name == "eno1");
    change(&mut observed);
    let terms = allowing(&[Harm::Links, Harm::Routes]);
    let plan = plan(&before, &artifacts(after), &observed, Reach::Machine, terms);
    format!("{plan}{}", reversible(&plan))
}

fn vlan(name: &str, id: u8, rest: &str) -> String {
    format!("[vlan.{name}]\nid = {id}\nparent = \"eno1\"\n{rest}\n")
}

/// Neither the kernel's way there nor the one back has a route without the network of its gateway.
#[test]
fn routes_have_their_addresses_on_the_way_back_too() {
    let routed = |third: u8| {
        let rest = format!(
            "addresses = [\"10.0.{third}.2/24\"]\nroutes = [{{ to = \"10.9.0.0/16\", via = \"10.0.{third}.1\" }}]"
        );
        vlan("storage", 42, &rest)
    };
    let bare = vlan("storage", 42, "");
    let prefix = |length: u8| vlan("storage", 42, &format!("addresses = [\"2001:db8::2/{length}\"]"));
    let text = [
        by_netlink(&[BASE, &routed(42)], &[BASE, &routed(43)], nothing),
        by_netlink(&[BASE, &routed(42)], &[BASE, &bare], nothing),
        by_netlink(&[BASE, &prefix(64)], &[BASE, &prefix(56)], nothing),
    ];
    snapshot("undo-routes", &text.join("\n\n"));
}

/// One of two routes to a destination with a metric goes before the other comes; while networkd is not told, none does.
#[test]
fn a_route_that_moves_to_another_link_leaves_the_first_one_before() {
    let at = |name: &str, id: u8, has: bool| {
        let routes = if has {
            format!("routes = [{{ to = \"10.9.0.0/16\", via = \"10.0.{id}.1\" }}]")
        } else {
            String::new()
        };
        vlan(name, id, &format!("addresses = [\"10.0.{id}.2/24\"]\n{routes}"))
    };
    let specs = |a: bool| [at("a", 41, a), at("b", 42, !a)];
    let [[a, b], [c, d]] = [specs(false), specs(true)];
    let loaded = |it: &mut Observed| {
        let networkd = it.networkd.as_mut().expect("it runs");
        networkd.loaded.insert("b".to_owned(), "/run/systemd/network/10-hostwright-b.network".to_owned());
    };
    let text = [
        by_netlink(&[BASE, &a, &b], &[BASE, &c, &d], nothing),
        by_netlink(&[BASE, &c, &d], &[BASE, &a, &b], nothing),
        by_netlink(&[BASE, &a, &b], &[BASE, &c, &d], loaded),
        by_netlink(&[BASE, &c], &[BASE, &b], nothing),
    ];
    snapshot("undo-moved-routes", &text.join("\n\n"));
}

/// The kernel shrinks whatever is on a link with it, and nobody else would let that grow again.
#[test]
fn what_the_kernel_shrinks_grows_again() {
    let large = vlan("storage", 42, "mtu = 9000");
    let above = "[macvlan.m]\nparent = \"storage\"\nmtu = 9000\n";
    let base = |mtu: u16| format!("[host]\nname = \"hv1\"\n[nic.eno1]\nmtu = {mtu}\n");
    let guest = |it: &mut Observed| {
        let tap = ObservedLink {
            parent: Some("storage".to_owned()),
            kind: Some("macvtap".to_owned()),
            mtu: 9000,
            ..it.links["storage"].clone()
        };
        it.links.insert("macvtap0".to_owned(), tap);
        it.networkd.as_mut().expect("it runs").loaded.clear();
    };
    let small = vlan("storage", 42, "mtu = 1500");
    let text = by_netlink(&[&base(9000), &large, above], &[&base(9000), &small], guest);
    snapshot("undo-mtu", &text);
}

#[test]
fn a_bond_monitors_again_as_it_did() {
    let bond =
        |rest: &str| format!("[dummy.d]\n[bond.b]\nmode = \"active-backup\"\nports = [\"d\"]\n{rest}\n");
    let arp = bond("arp-interval-sec = \"1s\"\narp-ip-targets = [\"192.0.2.1\"]");
    let mii = bond("mii-monitor-sec = \"100ms\"\nup-delay-sec = \"200ms\"");
    let (monitor, delay) = (3, 4);
    let text = by_netlink(&[BASE, &arp], &[BASE, &mii], |it| {
        let bond = it.links.get_mut("b").expect("it is there");
        bond.data.extend([monitor, delay].map(|it| (it, 0_u32.into())));
    });
    snapshot("undo-bond", &text);
}

/// The kernel keeps a delay as a multiple of the interval.
#[test]
fn a_bond_that_looks_more_often_waits_as_long_as_before() {
    let bond = |every: &str| {
        format!(
            "[dummy.d]\n[bond.b]\nmode = \"active-backup\"\nports = [\"d\"]\nmii-monitor-sec = \"{every}\"\nup-delay-sec = \"200ms\"\n"
        )
    };
    let text = by_netlink(&[BASE, &bond("100ms")], &[BASE, &bond("50ms")], |_| {});
    snapshot("bond-delay", &text);
}

/// A bond of LACP with a port less than it asks for has no carrier.
#[test]
fn a_bond_that_asks_for_more_ports_than_are_up_is_cut() {
    let bond = |rest: &str| {
        format!("[dummy.d]\n[dummy.e]\n[bond.b]\nmode = \"802.3ad\"\nports = [\"d\", \"e\"]\n{rest}\n")
    };
    let (one, two) = (bond("min-links = 1"), bond("min-links = 2"));
    let planned = |without: &str| {
        let before = artifacts(&[BASE, &one]);
        let mut observed = machine(&before);
        enslave(&mut observed, &before);
        observed.links.values_mut().for_each(|it| it.carrier = true);
        observed.links.entry(without.to_owned()).and_modify(|it| it.carrier = false);
        written(&plan(&before, &artifacts(&[BASE, &two]), &observed, Reach::Machine, Deferral::Stop))
    };
    snapshot("min-links", &[planned("d"), planned("eno1")].join("\n"));
}

/// What somebody else gave a neighbor is in the place of what the spec gives it.
#[test]
fn a_neighbor_of_somebody_else_is_given_back() {
    let wanted = vlan(
        "storage",
        42,
        "addresses = [\"10.1.0.2/24\"]\nneighbors = [{ address = \"10.1.0.9\", link-layer-address = \"02:00:00:00:00:09\" }]",
    );
    let bare = vlan("storage", 42, "addresses = [\"10.1.0.2/24\"]");
    let text = by_netlink(&[BASE, &bare], &[BASE, &wanted], |it| {
        let neighbor = Neighbor {
            address: "10.1.0.9".parse().expect("an address"),
            link_layer_address: "02:00:00:00:00:0a".parse().expect("an address"),
        };
        it.links.get_mut("storage").expect("it is there").neighbors.push(neighbor);
    });
    snapshot("undo-neighbor", &text);
}

/// libvirt tells nobody the password of a console by itself.
#[test]
fn a_guest_whose_console_has_a_password_is_left_as_it_is() {
    let disk = format!("{GUEST}disk.data.source = {{ volume = \"vg/data\" }}\n");
    let with_password = |it: &mut Observed| {
        let domains = &mut it.libvirt.as_mut().expect("it is there").domains;
        domains.values_mut().for_each(|it| (it.console_password, it.live) = (true, None));
    };
    let text = [
        planned(&[BASE, GUESTS, GUEST], &[BASE, GUESTS, &disk], with_password),
        planned(&[BASE, GUESTS, GUEST], &[BASE, GUESTS], with_password),
        planned(&[BASE, GUESTS, GUEST], &[BASE, GUESTS, GUEST], with_password),
    ];
    snapshot("console-password", &text.join("\n"));
}

/// A port that a bridge needs for what others have there stays with it.
#[test]
fn a_link_stays_in_a_master_that_stays() {
    let bridge = "[bridge.br0]\nports = [\"v50\"]\n";
    let port = vlan("v50", 50, "");
    let tap = |master: &str| {
        let master = master.to_owned();
        move |it: &mut Observed| {
            let tap = ObservedLink {
                kind: Some("tun".to_owned()),
                master: Some(master),
                ..it.links["eno1"].clone()
            };
            it.links.insert("vnet0".to_owned(), tap);
        }
    };
    let of_others = |it: &mut Observed| {
        let bridge = ObservedLink { kind: Some("bridge".to_owned()), ..it.links["eno1"].clone() };
        it.links.insert("incusbr0".to_owned(), bridge);
        it.links.get_mut("v50").expect("it is there").master = Some("incusbr0".to_owned());
    };
    let with = |before: &[&str], after: &[&str], change: &dyn Fn(&mut Observed)| {
        let before = artifacts(before);
        let mut observed = machine(&before);
        enslave(&mut observed, &before);
        change(&mut observed);
        written(&plan(&before, &artifacts(after), &observed, Reach::Machine, allowing(&[Harm::Links])))
    };
    let text = [
        with(&[BASE, &port, bridge], &[BASE], &|it| tap("br0")(it)),
        with(&[BASE, &port, bridge], &[BASE], &|_| ()),
        with(&[BASE, &port], &[BASE], &of_others),
        with(&[BASE, &port, bridge], &[BASE, "[bridge.br0]\n"], &|_| ()),
        with(&[BASE, &port], &[BASE, &vlan("v50", 51, "")], &of_others),
    ];
    snapshot("stay-in-master", &text.join("\n"));
}
