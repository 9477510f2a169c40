//! What must come before what, and what waits for the boot with something else.

use super::*;

/// A link that waits for the boot takes along what would be made again on it.
#[test]
fn a_link_is_not_made_again_on_one_that_comes_at_the_boot() {
    let vlan = |parent: &str| format!("[vlan.v20]\nid = 20\nparent = \"{parent}\"\n");
    let renamed =
        "[host]\nname = \"hv1\"\n[nic.uplink0]\nmatch = { mac = \"3c:ec:ef:00:00:01\" }\nrename = true\n";
    let terms = Terms { deferral: Deferral::AtBoot, ..allowing(&[Harm::Links]) };
    let above = "[macvlan.m]\nparent = \"v20\"\n";
    let text = planned_for(terms, &[BASE, &vlan("eno1")], &[renamed, &vlan("uplink0"), above], nothing);
    assert!(!text.contains("| delete link") && !text.contains("| create link"), "{text}");
    assert_eq!(text.matches("takes effect at the next boot").count(), 4, "{text}");
}

/// networkd before 256 takes no VLAN from a bridge.
#[test]
fn a_bridge_that_networkd_has_leaves_a_vlan_over_netlink_too() {
    let bridge =
        "[dummy.d]\n[bridge.br0]\nports = [\"d\"]\nvlan-filtering = true\nport.d = { vlans = [20, 30] }\n";
    let vlan = |id: u8| format!("[vlan.v{id}]\nid = {id}\nparent = \"br0\"\n");
    let before = artifacts(&[BASE, bridge, &vlan(20), &vlan(30)]);
    let mut observed = machine(&before);
    enslave(&mut observed, &before);
    let after = artifacts(&[BASE, bridge, &vlan(20)]);
    let text = written(&plan(&before, &after, &observed, Reach::Machine, Deferral::Stop));
    let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what}: {text}"));
    assert!(place("| set the VLANs of br0") < place("| reload networkd"), "{text}");
}

/// The kernel refuses a route from an address that is not there yet.
#[test]
fn a_route_comes_behind_the_address_of_another_link_that_it_names() {
    let first = "[vlan.a]\nid = 20\nparent = \"eno1\"\naddresses = [\"10.7.0.2/24\"]\n\
                 routes = [{ to = \"10.98.0.0/16\", via = \"10.7.0.1\", preferred-source = \"10.8.0.2\" }]\n";
    let second = "[vlan.b]\nid = 30\nparent = \"eno1\"\naddresses = [\"10.8.0.2/24\"]\n";
    let text = planned(&[BASE], &[BASE, first, second], |it| {
        it.daemons = [RoutingDaemon::Frr].into();
        it.nexthops = ["id 8".to_owned(), "id 12 group".to_owned()].into();
    });
    let place = |what: &str| text.rfind(what).unwrap_or_else(|| panic!("{what}: {text}"));
    assert!(place("10.8.0.2/24") < place("10.98.0.0/16"), "{text}");
    let plain = first.replace(", preferred-source = \"10.8.0.2\"", "");
    let before = artifacts(&[BASE, &plain]);
    let mut observed = routed(&before);
    observed.networkd = None;
    let after = artifacts(&[BASE, first, second]);
    let text = written(&plan(&before, &after, &observed, Reach::Machine, Deferral::Stop));
    let place = |what: &str| text.rfind(what).unwrap_or_else(|| panic!("{what}: {text}"));
    assert!(place("10.8.0.2/24") < place("replace the route 10.98.0.0/16"), "{text}");
}

/// What QEMU reads and writes has no link above it.
#[test]
fn a_macvtap_that_somebody_has_open_stays() {
    let tap = "[macvtap.appliance]\nparent = \"eno1\"\n";
    let open = |it: &mut Observed| {
        let index = it.links["appliance"].index;
        it.opened.insert(index, "process 42 (qemu)".to_owned());
    };
    let text = planned(&[BASE, tap], &[BASE], open);
    assert!(text.contains("process 42 (qemu) has `appliance` open"), "{text}");
    assert!(!text.contains("| delete link"), "{text}");
    assert!(planned(&[BASE, tap], &[BASE], nothing).contains("| delete link appliance"));
}

/// networkd gives a bridge that it finds as it starts what it has read when it was made.
#[test]
fn a_bridge_that_networkd_has_read_may_get_its_former_settings_back() {
    let bridge =
        |ageing: &str| format!("[dummy.d]\n[bridge.br0]\nports = [\"d\"]\nageing-time-sec = \"{ageing}\"\n");
    let told = |change: fn(&mut Observed)| {
        let text = planned(&[BASE, &bridge("5min")], &[BASE, &bridge("10min")], change);
        text.contains("a restart of networkd would bring the former ones")
    };
    assert!(told(nothing));
    assert!(!told(|it| it.files.retain(|place, _| !place.path.ends_with(".netdev"))));
}

/// A host on which hostwright was never installed loses all at its boot.
#[test]
fn what_no_boot_starts_is_said() {
    let missing = |it: &mut Observed| it.missing = ["hostwright-network.service".to_owned()].into();
    let text = planned(&[BASE], &[BASE, STORAGE], missing);
    assert!(text.contains("no boot starts hostwright-network.service"), "{text}");
}

/// A map that nobody asks for any more is one that the link has until its boot.
#[test]
fn a_map_that_left_the_spec_is_not_forgotten() {
    let with = |maps: &str| format!("[vlan.v20]\nid = 20\nparent = \"eno1\"\n{maps}\n");
    let (mapped, bare) = (with("egress-qos-maps = [\"1-3\"]"), with(""));
    let text = planned(&[BASE, &mapped], &[BASE, &bare], nothing);
    assert!(text.contains("stopped: vlan v20: becomes id 20 on eno1"), "{text}");
    assert!(!planned(&[BASE, &bare], &[BASE, &mapped], nothing).contains("by netlink"));
    assert!(!planned(&[BASE, &bare], &[BASE, &bare], nothing).contains("becomes"));
}

/// The kernel takes up an address behind those that are there, whatever the order in the spec.
#[test]
fn an_address_that_is_the_first_one_from_the_boot_on_is_named() {
    let with =
        |addresses: &str| format!("[vlan.v20]\nid = 20\nparent = \"eno1\"\naddresses = [{addresses}]\n");
    let (one, before) = ("\"10.7.0.9/24\"", "\"10.7.0.9/24\", \"10.7.0.2/24\"");
    let after = "\"10.7.0.2/24\", \"10.7.0.9/24\"";
    for (from, to, named) in
        [(one, after, true), (before, after, true), (one, before, false), (after, after, false)]
    {
        let text = planned(&[BASE, &with(from)], &[BASE, &with(to)], nothing);
        let is_named = text.contains(
            "`10.7.0.2` is its first address in 10.7.0.0/24 from the next boot on, until then `10.7.0.9` is",
        );
        assert_eq!(is_named, named, "{from} to {to}: {text}");
    }
}
