//! What is lost beside what leaves: VLANs of a bridge, the first address of a network, lines that networkd keeps.

use super::*;

const FILTERING: &str = "[dummy.d]\n[bridge.br0]\nports = [\"d\"]\nvlan-filtering = true\nport.d = { vlans = [20, 30] }\n\
    [vlan.v20]\nid = 20\nparent = \"br0\"\n";
const V30: &str = "[vlan.v30]\nid = 30\nparent = \"br0\"\n";

fn planned_with_ports(before: &[&str], after: &[&str], change: impl FnOnce(&mut Observed)) -> String {
    let before = artifacts(before);
    let mut observed = machine(&before);
    enslave(&mut observed, &before);
    change(&mut observed);
    written(&plan(&before, &artifacts(after), &observed, Reach::Machine, Deferral::Stop))
}

/// The kernel drops frames of a VLAN that the bridge itself has left.
#[test]
fn a_bridge_does_not_leave_the_vlan_of_a_link_that_stays() {
    let both = [BASE, FILTERING, V30];
    let unloaded = |it: &mut Observed| drop(it.networkd.as_mut().expect("it runs").loaded.remove("br0"));
    let guest = |it: &mut Observed| {
        unloaded(it);
        let (kind, parent) = (Some("macvtap".to_owned()), Some("v30".to_owned()));
        it.links.insert("macvtap0".to_owned(), ObservedLink { index: 99, kind, parent, ..card() });
    };
    let inner = "[vlan.inner]\nid = 5\nparent = \"v30\"\n";
    let on_inner = |it: &mut Observed| {
        guest(it);
        it.links.get_mut("macvtap0").expect("it is there").parent = Some("inner".to_owned());
    };
    let text = [
        planned_with_ports(&both, &[BASE, FILTERING], unloaded),
        planned_with_ports(&both, &[BASE, FILTERING], guest),
        planned_with_ports(&[BASE, FILTERING, V30, inner], &[BASE, FILTERING], on_inner),
        planned_with_ports(&both, &[BASE, FILTERING, &V30.replace("= 30", "= 31")], unloaded),
    ];
    snapshot("own-vlans", &text.join("\n"));
}

#[test]
fn an_address_that_becomes_the_first_of_its_network_ends_its_session_with_bird() {
    let two = BASE.replace("/24\"", "/24\", \"192.0.2.22/24\"");
    let last = BASE.replace("192.0.2.2/", "192.0.2.22/");
    let planned_by = |daemon: RoutingDaemon, local: &str, after: &str| {
        planned(&[&two], &[after], |it| {
            let ip = |text: &str| text.parse().expect("an address");
            it.daemons = [daemon].into();
            it.sessions.insert(BgpSession { local: ip(local), peer: ip("192.0.2.1"), device: 0, cookie: 1 });
        })
    };
    let text = [
        planned_by(RoutingDaemon::Bird, "192.0.2.22", &last),
        planned_by(RoutingDaemon::Frr, "192.0.2.22", &last),
        planned_by(RoutingDaemon::Bird, "192.0.2.2", BASE),
    ];
    snapshot("first-address", &text.join("\n"));
}

#[test]
fn a_reload_gives_addresses_anew_where_networkd_is_told_to_keep_all() {
    let kept = format!("{BASE}raw.network.Network = {{ KeepConfiguration = \"yes\" }}\n");
    let more = kept.replace("/24\"", "/24\", \"198.51.100.2/24\"");
    let on = |version: u32| {
        planned(&[&kept], &[&more], |it| it.networkd.as_mut().expect("it runs").version = version)
    };
    snapshot("kept-whole", &[on(252), on(257)].join("\n"));
}

/// The drop-in of a port that has taken up a VLAN follows at the boot: a reload before it would take that away.
#[test]
fn networkd_is_not_told_of_a_port_whose_vlans_it_does_not_know() {
    let bridged = FILTERING
        .replace("[dummy.d]\n", "")
        .replace('"', "'")
        .replace("'d'", "'eno2'")
        .replace(".d ", ".eno2 ");
    let with = |lines: &str| format!("[nic.eno2]\n{lines}{bridged}");
    let (before, after) = (with(""), with("required-for-online = true\n"));
    let on = |version: u32| {
        planned_with_ports(&[BASE, &before], &[BASE, &after], |it| {
            it.networkd.as_mut().expect("it runs").version = version;
            let is_drop_in = |it: &&Place| it.path.ends_with("eno2.network.d/br0.conf");
            let drop_in = it.files.keys().find(is_drop_in).expect("a drop-in").clone();
            it.files.insert(drop_in, Content::Text("of the boot".to_owned()));
        })
    };
    snapshot("unlearned-vlans", &[on(255), on(257)].join("\n"));
}

/// The reload that has networkd forget a link may disturb more than the deletion does.
#[test]
fn the_line_of_a_removal_says_what_its_reload_disturbs() {
    let text = planned_for(allowing(&[Harm::Links]), &[BASE, STORAGE], &[BASE], |it| {
        it.networkd.as_mut().expect("it runs").version = 247;
    });
    let line = text.lines().find(|it| it.contains("- vlan storage")).expect("a line");
    assert!(line.ends_with("by netlink   disturbs link eno1") && text.contains("reload networkd"), "{text}");
}
