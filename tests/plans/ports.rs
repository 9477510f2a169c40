//! Ports and their masters.

use super::*;

/// Plans over netlink alone from one spec to another.
fn planned_by_netlink(before: &[&str], after: &[&str]) -> Plan {
    let before = artifacts(before);
    let mut observed = machine(&before);
    observed.networkd = None;
    enslave(&mut observed, &before);
    plan(&before, &artifacts(after), &observed, Reach::Machine, allowing(&[Harm::Links]))
}

const BRIDGED: &str = "[dummy.d]\n[bridge.br0]\nports = [\"d\"]\nvlan-filtering = true\nport.d = { vlans = [20] }\n\
    addresses = [\"10.1.0.2/24\", \"2001:db8::2/64\"]\nroutes = [{ to = \"10.98.0.0/16\", via = \"10.1.0.1\" }]\n\
    neighbors = [{ address = \"10.1.0.9\", link-layer-address = \"02:00:00:00:00:09\" }]\n";

#[test]
fn what_takes_the_place_of_something_replaces_it() {
    let pairs = [("[20]", "[30]"), ("10.1.0.1\"", "10.1.0.7\""), (":00:09", ":00:0a"), ("::2/64", "::2/56")];
    let after = pairs.iter().fold(BRIDGED.to_owned(), |text, (had, wanted)| text.replace(had, wanted));
    snapshot("replaced", &reversible(&planned_by_netlink(&[BASE, BRIDGED], &[BASE, &after])));
}

#[test]
fn a_port_that_is_freed_or_changes_its_master_has_its_inverse() {
    let bond =
        "[dummy.d]\n[dummy.e]\n[bond.b]\nmode = \"active-backup\"\nports = [\"d\", \"e\"]\nprimary = \"d\"\n";
    let other = "[dummy.d]\n[dummy.e]\n[bond.b]\nmode = \"active-backup\"\nports = [\"e\"]\n\
                 [bridge.a]\nports = [\"d\"]\n";
    let none = "[dummy.d]\n[dummy.e]\n";
    let moves = reversible(&planned_by_netlink(&[BASE, bond], &[BASE, other]));
    let ends = reversible(&planned_by_netlink(&[BASE, bond], &[BASE, none]));
    let ids = |v: u8, w: u8| {
        let vlan = |name, id| format!("[vlan.{name}]\nid = {id}\nparent = \"eno1\"\n");
        format!("{}{}[bridge.a]\nports = [\"v\"]\n", vlan("v", v), vlan("w", w))
    };
    let above = [&ids(20, 30), "[macvlan.m]\nparent = \"w\"\naddresses = [\"10.9.0.2/24\"]\n"].concat();
    let made = reversible(&planned_by_netlink(&[BASE, &above], &[BASE, &ids(21, 31)]));
    snapshot("ports", &[moves, ends, made].join("\n\n"));
}

/// A bond sets a port down, and the VLANs on it with it: their routes go, and their addresses of IPv6.
#[test]
fn what_stands_on_a_port_that_goes_down_is_given_back() {
    let host = |bonds: &str, to: &str| {
        format!(
            "[dummy.d]\n[vlan.v]\nid = 20\nparent = \"d\"\naddresses = [\"2001:db8::2/64\"]\n\
             routes = [{{ to = \"2001:db8:{to}::/48\", via = \"2001:db8::1\" }}]\n{bonds}"
        )
    };
    let bond = |ports: &str| format!("[bond.b]\nmode = \"active-backup\"\nports = [{ports}]\n");
    let [alone, empty, full] = ["", &bond(""), &bond("\"d\"")].map(|it| host(it, "1"));
    let changes = [[&alone, &full], [&empty, &full], [&full, &empty], [&full, &alone]];
    let plans =
        changes.map(|[before, after]| reversible(&planned_by_netlink(&[BASE, before], &[BASE, after])));
    let rerouted = planned_by_netlink(&[BASE, &empty], &[BASE, &host(&bond("\"d\""), "2")]);
    let w = "[vlan.w]\nid = 30\nparent = \"d\"\naddresses = [\"2001:db8:9::2/64\"]\n";
    let later = planned_by_netlink(&[BASE, &full], &[BASE, &alone, w]);
    let to_bridge = planned_by_netlink(&[BASE, &full], &[BASE, &alone, "[bridge.a]\nports = [\"d\"]\n"]);
    let anew = host(&bond("\"d\""), "2").replace("id = 20", "id = 21");
    let anew = planned_by_netlink(&[BASE, &empty], &[BASE, &anew]);
    let rest = [rerouted, later, to_bridge, anew].map(|it| reversible(&it));
    snapshot("standing", &[plans.as_slice(), &rest].concat().join("\n\n"));
}

/// At its next event networkd makes a link again a port of the master that it has loaded it with: it is told before the port
/// leaves, and where that is not harmless nothing is done.
#[test]
fn a_port_leaves_its_master_when_networkd_was_told() {
    let of = |kind: &str, a: &str, b: &str| {
        format!("[dummy.d]\n[dummy.e]\n[{kind}.a]\nports = [{a}]\n[{kind}.b]\nports = [{b}]\n")
    };
    let bridges = |a: &str, b: &str| of("bridge", a, b);
    let before = bridges("\"d\"", "\"e\"");
    let gone = before.replace("[bridge.a]\nports = [\"d\"]\n", "");
    let to_new = format!("{gone}[bridge.c]\nports = [\"d\"]\n");
    let leaves = bridges("", "\"e\"").replace("[dummy.d]\n", "");
    let afters = [bridges("", "\"e\""), bridges("", "\"e\", \"d\""), to_new, gone, leaves];
    let planned = |nexthops: &[&str], before: &str, after: &str| {
        let before = artifacts(&[BASE, before]);
        let mut observed = machine(&before);
        enslave(&mut observed, &before);
        observed.daemons = [RoutingDaemon::Frr].into();
        observed.nexthops = nexthops.iter().copied().map(str::to_owned).collect();
        plan(&before, &artifacts(&[BASE, after]), &observed, Reach::Machine, Terms::default())
    };
    let told = afters.iter().map(|it| reversible(&planned(&[], &before, it)));
    let refused = afters.iter().map(|it| planned(&["id 8", "id 12 group"], &before, it).to_string());
    let bonds = |a: &str| {
        of("bond", a, "")
            .replace(".a]", ".a]\nmode = \"active-backup\"")
            .replace("[bond.b]\nports = []\n", "")
    };
    let of_bond = planned(&[], &bonds("\"d\", \"e\""), &bonds("\"e\""));
    assert!(of_bond.blocked.is_empty(), "{of_bond}");
    snapshot("ports-held", &told.chain(refused).collect::<Vec<_>>().join("\n\n"));
}

/// Until the boot networkd has what was taken over as it was: what its files say of masters is not ours to undo.
#[test]
fn a_port_does_not_leave_a_master_that_a_file_of_others_gives() {
    let of = |ports: &str| format!("[dummy.d]\n[bridge.a]\nports = [{ports}]\n");
    let before = artifacts(&[BASE, &of("\"d\"")]);
    let stopped = |text: Option<&str>| {
        let mut observed = machine(&before);
        enslave(&mut observed, &before);
        observed.networkd.as_mut().expect("it runs").loaded.insert("d".to_owned(), UPLINK.to_owned());
        observed.written.extend(text.map(|it| (UPLINK.to_owned(), it.to_owned())));
        let file = TakenFile { path: UPLINK.to_owned(), links: vec!["d".to_owned()] };
        observed.taken_over = TakeOver::default().with(&[file]);
        let plan = plan(&before, &artifacts(&[BASE, &of("")]), &observed, Reach::Machine, Terms::default())
            .to_string();
        plan.contains(&format!("networkd has loaded {UPLINK} for `d`, and may make it a port of `a` again"))
    };
    assert!(stopped(Some("[Match]\nName=d\n[Network]\nBridge=a\n")));
    assert!(stopped(None), "nobody knows its text");
    assert!(!stopped(Some("[Match]\nName=d\n[Network]\nKeepMaster=yes\n")));
}

/// A link that is made again would be made with the ports that it shall have: where they wait for the boot, it does.
#[test]
fn a_master_is_not_made_again_while_its_ports_wait() {
    let vrf = |table: u32, ports: &str| format!("[vrf.red]\ntable = {table}\nports = [{ports}]\n");
    let before = [BASE, &vrf(100, "")];
    let terms = || Terms { deferral: Deferral::AtBoot, ..allowing(&[Harm::Links]) };
    let made_again = |after: &str| planned_for(terms(), &before, &[BASE, after], nothing);
    let alone = made_again(&vrf(200, ""));
    assert!(alone.contains("| delete link red"), "{alone}");
    let with_a_port = made_again(&vrf(200, "\"eno1\""));
    assert!(!with_a_port.contains("| delete link red"), "{with_a_port}");
}

/// A session of a bridge goes over its ports: one that leaves, or whose link does, may be the one.
#[test]
fn a_port_that_a_session_goes_over_is_not_taken() {
    let vlan = |id: u8| format!("[vlan.v{id}]\nid = {id}\nparent = \"eno1\"\n");
    let bridge = |port: &str| format!("[bridge.br0]\nports = [{port}]\naddresses = [\"10.20.0.2/24\"]\n");
    let before = [vlan(20), vlan(21), bridge("\"v20\"")].concat();
    let moved = [vlan(20), vlan(21), bridge("\"v21\"")].concat();
    let gone = [vlan(21), bridge("")].concat();
    let with = |session: bool, terms: Terms, after: &str| {
        let before = artifacts(&[BASE, &before]);
        let mut observed = machine(&before);
        enslave(&mut observed, &before);
        let ip = |text: &str| text.parse().expect("an address");
        let it = BgpSession { local: ip("10.20.0.2"), peer: ip("10.20.0.1"), device: 0, cookie: 1 };
        observed.sessions.extend(session.then_some(it));
        plan(&before, &artifacts(&[BASE, after]), &observed, Reach::Machine, terms).to_string()
    };
    for after in [&moved, &gone] {
        let stopped = with(true, Terms::default(), after);
        assert!(
            stopped.contains("stopped: bridge br0: ") && stopped.contains("`--allow sessions`"),
            "{stopped}"
        );
        let agreed = with(true, allowing(&[Harm::Sessions]), after);
        assert!(agreed.contains("disturbs BGP sessions") && !agreed.contains("stopped"), "{agreed}");
        let free = with(false, Terms::default(), after);
        assert!(free.contains("disturbs nothing") && !free.contains("stopped"), "{free}");
    }
    let stopped = with(true, Terms::default(), &gone);
    assert!(stopped.contains("`v20` is a port of `br0`, which stays"), "{stopped}");
}

/// What a guest's tap reaches through a bridge goes with the port that leads there, or with a VLAN on it.
#[test]
fn a_port_that_a_guest_needs_is_not_taken() {
    let bridge = |ports: &str| {
        format!("[dummy.d]\n[dummy.e]\n[bridge.br0]\nvlan-filtering = true\nports = [\"d\"]\n{ports}\n")
    };
    let passes = |vlans: &str| bridge(&format!("port.d = {{ vlans = {vlans} }}"));
    let planned = |guest: bool, terms: Terms, after: &str| {
        let before = artifacts(&[BASE, &passes("[20, 30]")]);
        let mut observed = machine(&before);
        enslave(&mut observed, &before);
        let tap = ObservedLink { kind: Some("tun".to_owned()), master: Some("br0".to_owned()), ..card() };
        observed.links.extend(guest.then(|| ("vnet0".to_owned(), tap)));
        plan(&before, &artifacts(&[BASE, after]), &observed, Reach::Machine, terms).to_string()
    };
    let free = bridge("").replace("ports = [\"d\"]", "ports = []");
    let elsewhere =
        format!("{free}[bridge.br1]\nvlan-filtering = true\nports = [\"d\"]\nport.d = {{ vlans = [20] }}\n");
    for (after, is_cut) in
        [(&elsewhere, true), (&free, true), (&passes("[20]"), true), (&passes("[20, 30, 40]"), false)]
    {
        let told = |guest, terms| planned(guest, terms, after).contains("may lose its way");
        assert_eq!(told(true, Terms::default()), is_cut, "{after}");
        assert!(!told(false, Terms::default()), "{after}");
        assert!(planned(true, allowing(&[Harm::Links]), after).contains("by netlink"), "{after}");
    }
}

/// A guest's macvtap on a VLAN of a bridge goes the same way as a tap on the bridge.
#[test]
fn a_port_that_a_guest_on_a_vlan_of_the_bridge_needs_is_not_taken() {
    let spec = |vlans: &str| {
        format!(
            "[dummy.d]\n[bridge.br0]\nvlan-filtering = true\nports = [\"d\"]\nport.d = {{ vlans = {vlans} }}\n\
             [vlan.v20]\nid = 20\nparent = \"br0\"\n[vlan.v30]\nid = 30\nparent = \"br0\"\n"
        )
    };
    let planned = |after: &str| {
        let before = artifacts(&[BASE, &spec("[20, 30]")]);
        let mut observed = machine(&before);
        enslave(&mut observed, &before);
        let kind = Some("macvtap".to_owned());
        let tap = ObservedLink { kind, parent: Some("v20".to_owned()), ..card() };
        observed.links.insert("macvtap0".to_owned(), tap);
        plan(&before, &artifacts(&[BASE, after]), &observed, Reach::Machine, Terms::default()).to_string()
    };
    let is_cut =
        |vlans: &str| planned(&spec(vlans)).contains("`macvtap0` is built on `br0`, and may lose its way");
    assert!(is_cut("[30]") && !is_cut("[20]") && !is_cut("[20, 30, 40]"), "{}", planned(&spec("[30]")));
}

/// The kernel gives what comes in over a link to a master or to what is built on it, not to both.
#[test]
fn a_link_under_a_guest_becomes_no_port_of_a_bridge() {
    let bridged =
        |ports: &str| format!("[vlan.v20]\nid = 20\nparent = \"eno1\"\n[bridge.br20]\nports = [{ports}]\n");
    let above = "[macvlan.m]\nparent = \"v20\"\n";
    let alone = "[vlan.v20]\nid = 20\nparent = \"eno1\"\n";
    let planned = |before: &[&str], after: &[&str]| {
        let before = artifacts(before);
        let mut observed = machine(&before);
        enslave(&mut observed, &before);
        plan(&before, &artifacts(after), &observed, Reach::Machine, Terms::default()).to_string()
    };
    let under = planned(&[BASE, alone, above], &[BASE, &bridged("\"v20\"")]);
    assert!(under.contains("`m` takes what comes in over `v20`"), "{under}");
    let over = planned(&[BASE, &bridged("\"v20\"")], &[BASE, alone, above]);
    assert!(over.contains("`br20` takes what comes in over `v20`"), "{over}");
    let free = planned(&[BASE, alone], &[BASE, &bridged("\"v20\"")]);
    let freed = planned(&[BASE, &bridged("\"v20\"")], &[BASE, &bridged(""), above]);
    assert!(!free.contains("stopped"), "{free}");
    assert!(!freed.contains("takes what comes in"), "{freed}");
}
