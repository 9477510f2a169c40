//! Changes torn behind each step: what is undone in reverse leaves the kernel as it was, and what is not is whole.

use std::collections::{BTreeMap, BTreeSet};

use hostwright::artifact::Artifacts;
use hostwright::host::Target;
use hostwright::observed::{AddressState, Observed, ObservedAddress, STATIC};
use hostwright::plan::{Deferral, Plan, Reach, Terms, plan};
use hostwright::spec::Sources;
use hostwright::value::Harm;

use super::super::set_sysctl;
use super::in_namespace;
use crate::apply::Machine;
use crate::layout::Layout;
use crate::machine::Ports;
use crate::machine::picture::Trials;
use crate::machine::real::Real;
use crate::service::WayBack;

const HOST: &str = "[host]\nname = \"hv1\"\n[nic.one]\n[nic.two]\n";

fn compiled(text: &str) -> Artifacts {
    let target = Target { systemd: 252, binaries: "/usr/bin".to_owned() };
    let (artifacts, diagnostics) =
        hostwright::compile(&Sources::single("host.toml", &[HOST, text].concat()), &target);
    artifacts.unwrap_or_else(|| panic!("{diagnostics:?}"))
}

fn machine(former: &Artifacts, new: &Artifacts) -> Real {
    Real {
        ports: Ports::default(),
        layout: Layout::new(std::path::Path::new("/nonexistent")),
        spec: String::new(),
        former_spec: None,
        former: former.clone().into(),
        new: new.clone().into(),
        way_back: WayBack { program: String::new(), generation: 1 },
        trials: Trials::default(),
        waiting: BTreeMap::new(),
        with_steps: BTreeSet::new(),
        after_reset: false,
        neighbors: BTreeMap::new(),
        late_commit: None,
    }
}

fn observe(machine: &Real) -> Observed {
    let netlink = &machine.ports.netlink;
    let mut sysctls: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for link in machine.former.links().chain(machine.new.links()) {
        let paths = link.all_sysctls().map(|(path, _)| path.clone());
        sysctls.entry(link.name.to_string()).or_default().extend(paths);
    }
    Observed {
        links: netlink.links(&sysctls).expect("links"),
        routes: netlink.routes().expect("routes").own,
        rules: netlink.rules().expect("rules"),
        ..Observed::default()
    }
}

fn planned(machine: &Real) -> Plan {
    let observed = observe(machine);
    let terms = Terms { deferral: Deferral::AtBoot, allow: [Harm::Links].into() };
    plan(&machine.former, &machine.new, &observed, Reach::Machine, terms)
}

/// Writes what the kernel has, without what means nothing: numbers of links, counters, the order of addresses in unlike
/// networks, what duplicate detection does, the rule for VRFs that stays behind the first.
fn picture(machine: &Real) -> Vec<String> {
    let observed = observe(machine);
    let mut lines = Vec::new();
    for (name, mut link) in observed.links {
        (link.index, link.data) = (0, BTreeMap::new());
        link.addresses.retain(|it| !it.is_link_local());
        link.addresses.sort_by_key(|it| it.address.to_string());
        link.addresses.iter_mut().for_each(|it: &mut ObservedAddress| it.state = AddressState::Usable);
        lines.extend(format!("{name} {link:#?}").lines().map(|it| format!("{name} {it}")));
    }
    lines.extend(observed.routes.iter().filter(|it| it.protocol == STATIC).map(|it| format!("{it:?}")));
    lines.extend(observed.rules.iter().filter(|it| it.protocol == STATIC).map(|it| format!("{it:?}")));
    lines
}

/// Runs some steps of a plan; false when the kernel has no such links.
fn run(machine: &mut Real, plan: &Plan, count: usize) -> bool {
    plan.steps.iter().take(count).filter(|it| it.action.is_of_network()).all(|step| {
        let done = machine.run(&step.action);
        if done.as_ref().is_err_and(|it| it.to_string().contains("EOPNOTSUPP")) {
            println!("skipped: {}", done.expect_err("it failed"));
            return false;
        }
        done.unwrap_or_else(|failure| panic!("{failure}"));
        true
    })
}

fn undo(machine: &mut Real, plan: &Plan, count: usize) {
    for step in plan.steps.iter().take(count).rev() {
        for action in step.undo.iter().filter(|it| it.is_of_network()) {
            machine.run(action).unwrap_or_else(|failure| panic!("undo of {}: {failure}", step.action));
        }
    }
}

/// Tears a change behind each of its steps, then brings it about.
fn tear(former: &str, new: &str) -> bool {
    let mut machine = machine(&compiled(former), &compiled(new));
    let old = picture(&machine);
    let plan = planned(&machine);
    assert!(plan.problems.is_empty() && plan.blocked.is_empty(), "{plan}");
    for count in 1..=plan.steps.len() {
        if !run(&mut machine, &plan, count) {
            return false;
        }
        undo(&mut machine, &plan, count);
        let behind = plan.steps.get(count - 1).map(|it| it.action.to_string()).unwrap_or_default();
        assert_eq!(picture(&machine), old, "torn behind step {count}, {behind}");
    }
    run(&mut machine, &plan, plan.steps.len());
    let left = planned(&machine).changes.into_iter().filter(|it| it.when.is_none());
    let left: Vec<_> = left.map(|it| format!("{}: {}", it.origin, it.what)).collect();
    assert_eq!(left, Vec::<String>::new(), "{plan}");
    true
}

/// Tears what leads from nothing to the first spec, from each to the next, and from the last to nothing.
fn tear_all(specs: &'static [&'static str]) {
    in_namespace(move |_| {
        // Duplicate detection would take a second for each address.
        set_sysctl("ipv6/conf/default/dad_transmits", "0").expect("set");
        let all = [&[""][..], specs, &[""][..]].concat();
        let torn = all.windows(2).take_while(|pair| tear(pair[0], pair[1])).count();
        println!("{torn} of {} changes torn", all.len() - 1);
    });
}

#[test]
fn bridges() {
    tear_all(&[
        "[bridge.br0]\nports = [\"one\"]\nvlan-filtering = true\naddresses = [\"10.1.0.2/24\"]\n\
         port.one = { pvid = 10, vlans = [\"20-22\"] }\n\
         routes = [{ to = \"10.98.0.0/16\", via = \"10.1.0.1\" }, { to = \"10.99.0.0/16\", type = \"unreachable\" }]\n\
         rules = [{ priority = 500, from = \"10.1.0.0/24\", table = 200 }]\n\
         neighbors = [{ address = \"10.1.0.9\", link-layer-address = \"02:00:00:00:00:09\" }]\n",
        "[bridge.br0]\nports = [\"one\", \"two\"]\nvlan-filtering = true\nmtu = 1400\nageing-time-sec = \"1min\"\n\
         addresses = [\"10.1.0.3/24\", \"10.1.0.2/16\"]\nport.one = { pvid = 11, vlans = [\"20-21\"] }\n\
         routes = [{ to = \"10.98.0.0/16\", via = \"10.1.0.7\" }, { to = \"10.99.0.0/16\", type = \"blackhole\" }]\n\
         rules = [{ priority = 500, from = \"10.1.0.0/24\", table = 201 }]\n\
         neighbors = [{ address = \"10.1.0.9\", link-layer-address = \"02:00:00:00:00:0a\" }]\n",
        "[bridge.br0]\nports = [\"two\"]\nvlan-filtering = true\n[bridge.br1]\nports = [\"one\"]\n",
        "[bridge.br0]\n[bridge.br1]\nports = [\"two\"]\n",
    ]);
}

#[test]
fn routes_of_ipv6() {
    tear_all(&[
        "[bridge.br0]\nports = [\"one\"]\naddresses = [\"2001:db8::2/64\"]\n\
         routes = [{ to = \"2001:db8:98::/48\", via = \"2001:db8::1\" }]\n",
        "[bridge.br0]\nports = [\"one\"]\naddresses = [\"2001:db8::2/56\"]\n\
         routes = [{ to = \"2001:db8:98::/48\", via = \"2001:db8::7\" }]\n",
        "[bridge.br0]\nports = [\"one\"]\naddresses = [\"2001:db8::2/56\"]\n\
         routes = [{ to = \"2001:db8:98::/48\", type = \"unreachable\" }]\n",
    ]);
}

#[test]
fn bonds() {
    tear_all(&[
        "[bond.bond0]\nmode = \"active-backup\"\nports = [\"one\", \"two\"]\nprimary = \"one\"\n",
        "[bond.bond0]\nmode = \"active-backup\"\nports = [\"one\", \"two\"]\nprimary = \"two\"\n\
         mii-monitor-sec = \"50ms\"\n",
        "[bond.bond0]\nmode = \"active-backup\"\nports = [\"one\"]\n",
    ]);
}

#[test]
fn links_on_links() {
    tear_all(&[
        "[vlan.v20]\nid = 20\nparent = \"one\"\naddresses = [\"10.1.20.2/24\"]\n[macvlan.a]\nparent = \"v20\"\n\
         [macvtap.b]\nparent = \"v20\"\n[dummy.c]\naddresses = [\"10.3.0.2/32\"]\n",
        "[vlan.v20]\nid = 21\nparent = \"one\"\naddresses = [\"10.1.20.2/24\"]\n[dummy.c]\nmtu = 1400\n",
    ]);
}

#[test]
fn a_port_made_anew() {
    tear_all(&[
        "[vlan.v20]\nid = 20\nparent = \"one\"\n[bridge.br0]\nports = [\"v20\"]\naddresses = [\"10.1.0.2/24\"]\n",
        "[vlan.v20]\nid = 21\nparent = \"one\"\n[bridge.br0]\nports = [\"v20\"]\naddresses = [\"10.1.0.2/24\"]\n",
    ]);
}

#[test]
fn vrfs() {
    tear_all(&[
        "[dummy.a]\naddresses = [\"10.4.0.2/24\", \"2001:db8:4::2/64\"]\n\
         routes = [{ to = \"10.5.0.0/16\", via = \"10.4.0.1\" }]\n[vrf.blue]\ntable = 1000\nports = [\"a\"]\n",
        "[dummy.a]\naddresses = [\"10.4.0.2/24\", \"2001:db8:4::2/64\"]\n\
         routes = [{ to = \"10.5.0.0/16\", via = \"10.4.0.1\" }]\n[vrf.blue]\ntable = 1001\nports = [\"a\"]\n",
        "[dummy.a]\naddresses = [\"10.4.0.2/24\", \"2001:db8:4::2/64\"]\n\
         routes = [{ to = \"10.5.0.0/16\", via = \"10.4.0.1\" }]\n[vrf.blue]\ntable = 1001\n",
    ]);
}
