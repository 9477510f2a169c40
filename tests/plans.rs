//! Plans for machines as they may be found: what is shown, and which steps follow.

#[path = "plans/cards.rs"]
mod cards;
mod common;
#[path = "plans/default_bridges.rs"]
mod default_bridges;
#[path = "plans/guests.rs"]
mod guests;
#[path = "plans/leaving.rs"]
mod leaving;
#[path = "plans/networkd.rs"]
mod networkd;
#[path = "plans/order.rs"]
mod order;
#[path = "plans/others.rs"]
mod others;
#[path = "plans/ports.rs"]
mod ports;
#[path = "plans/staying.rs"]
mod staying;
#[path = "plans/undo.rs"]
mod undo;
#[path = "plans/waiting.rs"]
mod waiting;

use std::collections::BTreeMap;

use common::machine::{artifacts, card, enslave, machine};
use common::snapshot;
use hostwright::artifact::{
    Artifacts, Bytes, Content, DefaultBridge, FunctionSetting, Neighbor, Place, Root, VirtualFunction,
};
use hostwright::observed::{
    AddressState, BfdPeer, BgpSession, BridgeState, Elsewhere, Functions, LeftAlone, Manager, Observed,
    ObservedAddress, ObservedBridge, ObservedLink, ObservedRule, RoutingDaemon, SessionElsewhere, Space,
    Tool, UnitState, held,
};
use hostwright::plan::{
    Action, Deferral, Plan, Reach, Terms, adopt, duplicates, leftovers, plan, without_carrier,
};
use hostwright::takeover::{TakeOver, TakenFile};
use hostwright::value::{Harm, TextValue, VlanId};

const BASE: &str = "[host]\nname = \"hv1\"\n[nic.eno1]\naddresses = [\"192.0.2.2/24\"]\n";
const STORAGE: &str = "[vlan.storage]\nid = 42\nparent = \"eno1\"\naddresses = [\"10.0.42.2/24\"]\n";
const GUESTS: &str =
    "[vlan.v20]\nid = 20\nparent = \"eno1\"\n[network.guests]\nmacvtap = { parent = \"v20\" }\n";
const GUEST: &str = "[domain.web1]\nmemory = \"1GiB\"\nvcpus = 1\naccelerator = \"tcg\"\ndisk.root.source = { volume = \"vg/web1\" }\ninterface.lan.network = \"guests\"\n";
const UPLINK: &str = "/etc/systemd/network/20-uplink.network";
const ROUTED: &str = "routes = [{ to = \"10.98.0.0/16\", via = \"192.0.2.1\" }, { to = \"10.97.0.0/16\", via = \"192.0.2.1\" }]\n\
    rules = [{ from = \"10.98.0.0/16\", table = 98, priority = 98 }]\n";

fn written(plan: &Plan) -> String {
    let steps: Vec<_> = plan.steps.iter().map(|it| format!("  | {}\n", it.action)).collect();
    format!("{plan}{}", steps.concat())
}

fn planned(before: &[&str], after: &[&str], change: impl FnOnce(&mut Observed)) -> String {
    planned_for(Deferral::Stop, before, after, change)
}

fn planned_for(
    terms: impl Into<Terms>,
    before: &[&str],
    after: &[&str],
    change: impl FnOnce(&mut Observed),
) -> String {
    let before = artifacts(before);
    let mut observed = machine(&before);
    change(&mut observed);
    written(&plan(&before, &artifacts(after), &observed, Reach::Machine, terms))
}

fn allowing(harms: &[Harm]) -> Terms {
    Terms { allow: harms.iter().copied().collect(), ..Terms::default() }
}

fn nothing(_: &mut Observed) {}

fn snapshot(name: &str, text: &str) {
    snapshot!(format!("plans@{name}"), text);
}

/// Has another tool configure the uplink.
fn managed(observed: &mut Observed, tool: Tool, file: &str) {
    let manager = |file: &str| Manager { tool, file: file.to_owned() };
    observed.managers.insert("eno1".to_owned(), manager(file));
    if tool == Tool::Networkd {
        let networkd = observed.networkd.as_mut().expect("it runs");
        networkd.loaded.insert("eno1".to_owned(), file.to_owned());
        observed.written.insert(file.to_owned(), "[Match]\nName=eno1\n".to_owned());
    }
}

/// Returns a machine that has the links, of which hostwright knows nothing.
fn stranger(artifacts: &Artifacts) -> Observed {
    let mut observed = machine(artifacts);
    observed.files.clear();
    for link in observed.links.values_mut() {
        link.alias = None;
    }
    observed
}

/// Writes steps, each with its inverse.
fn reversible(plan: &Plan) -> String {
    let undo = |it: &[Action]| it.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let lines = plan.steps.iter().map(|it| format!("{} <- {}", it.action, undo(&it.undo)));
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns a machine that has the routes and rules of a spec, too.
fn routed(artifacts: &Artifacts) -> Observed {
    let mut observed = machine(artifacts);
    enslave(&mut observed, artifacts);
    for rule in artifacts.links().flat_map(|it| &it.rules) {
        observed.rules.insert(ObservedRule::made_of(rule));
    }
    observed
}

#[test]
fn a_machine_as_applied_needs_nothing() {
    let all = [BASE, STORAGE, GUESTS, GUEST];
    let before = artifacts(&all);
    let plan = plan(&before, &before, &machine(&before), Reach::Machine, Deferral::Stop);
    assert!(plan.is_empty(), "{plan}");
}

#[test]
fn new_links_are_made_over_netlink() {
    let text = [
        planned(&[BASE], &[BASE, STORAGE], nothing),
        planned(&[BASE], &[BASE, STORAGE], |it| {
            it.daemons = [RoutingDaemon::Frr].into();
            it.nexthops = ["id 8".to_owned(), "id 12 group".to_owned()].into();
        }),
        planned(&[BASE], &[BASE, STORAGE], |it| {
            it.networkd.as_mut().expect("it runs").left_alone = LeftAlone::default();
        }),
    ];
    snapshot("new-links", &text.join("\n"));
}

#[test]
fn what_networkd_has_loaded_changes_by_its_files_or_at_boot() {
    let more = STORAGE.replace("\"10.0.42.2/24\"", "\"10.0.42.2/24\", \"10.0.42.3/24\"");
    let other = STORAGE.replace("42\n", "43\n");
    let card = BASE.replace("192.0.2.2", "192.0.2.3");
    let text = [
        planned(&[BASE, STORAGE], &[BASE, &more], nothing),
        planned(&[BASE, STORAGE], &[BASE, &more], |it| it.networkd.as_mut().expect("it runs").version = 254),
        planned(&[BASE, STORAGE], &[BASE, &other], nothing),
        planned(&[BASE], &[&card], nothing),
        planned_for(Deferral::AtBoot, &[BASE], &[&card], nothing),
        planned(&[&card], &[&card], |it| *it = machine(&artifacts(&[BASE]))),
    ];
    snapshot("loaded-links", &text.join("\n"));
}

/// BFD goes down with its address or link, and BGP follows.
#[test]
fn bfd_is_disturbed_as_its_session_is() {
    let bfd = |it: &mut Observed| {
        let peer = |peer: &str, link: &str| BfdPeer {
            local: None,
            peer: peer.parse().expect("an address"),
            link: Some(link.to_owned()),
            up: true,
        };
        it.told.bfd = [peer("192.0.2.1", "eno1"), peer("10.0.42.1", "storage")].into();
        it.networkd.as_mut().expect("it runs").loaded.remove("storage");
    };
    let renumbered = STORAGE.replace("10.0.42.2", "10.0.42.3");
    let silent = |it: &mut Observed| {
        it.told.silent = ["BIRD: it did not answer within 2 s".to_owned()].into();
        it.unseen = ["look into the network namespace `red`: EINVAL".to_owned()].into();
    };
    let text = [
        planned(&[BASE, STORAGE], &[BASE], bfd),
        planned(&[BASE, STORAGE], &[BASE, &renumbered], bfd),
        planned_for(allowing(&[Harm::Sessions]), &[BASE, STORAGE], &[BASE], bfd),
        planned(&[BASE], &[BASE, STORAGE], silent),
    ];
    snapshot("bfd", &text.join("\n"));
}

/// What is disturbed beyond what was agreed to stops the plan; what was agreed to is done, and named.
#[test]
fn what_is_disturbed_must_be_agreed_to() {
    let other = STORAGE.replace("42\n", "43\n");
    let more = STORAGE.replace("\"10.0.42.2/24\"", "\"10.0.42.2/24\", \"10.0.42.3/24\"");
    let jumbo = BASE.replace("[nic.eno1]\n", "[nic.eno1]\nmtu = 9000\n");
    let foreign = |it: &mut Observed| {
        let address = it.links["eno1"].addresses[0];
        let vip = ObservedAddress { address: "192.0.2.9/24".parse().expect("an address"), ..address };
        it.links.get_mut("eno1").expect("it is there").addresses.push(vip);
    };
    let nexthops = |it: &mut Observed| it.nexthops = ["id 12 group".to_owned()].into();
    let card = BASE.replace("\"192.0.2.2/24\"", "\"192.0.2.2/24\", \"192.0.2.3/24\"");
    let text = [
        planned_for(allowing(&[Harm::Links]), &[BASE, STORAGE], &[BASE, &other], nothing),
        planned(&[BASE], &[&card], foreign),
        planned_for(allowing(&[Harm::Links]), &[BASE], &[&card], foreign),
        planned(&[BASE, STORAGE], &[BASE, &more], nexthops),
        planned_for(allowing(&[Harm::Routes]), &[BASE, STORAGE], &[BASE, &more], nexthops),
        planned(&[&jumbo, STORAGE], &[BASE, STORAGE], nothing),
        planned_for(allowing(&[Harm::Links]), &[&jumbo, STORAGE], &[BASE, STORAGE], nothing),
        planned_for(allowing(&[Harm::Links]), &[BASE, STORAGE], &[&jumbo, STORAGE], nothing),
    ];
    snapshot("agreed", &text.join("\n"));
}

/// The kernel takes an address with another broadcast address for the same: to add it would do nothing, and to take that back
/// would take the one that was there.
#[test]
fn an_address_with_another_broadcast_is_replaced() {
    let without = |it: &mut Observed| {
        it.links.get_mut("storage").expect("it is there").addresses[0].broadcast = None;
        it.networkd.as_mut().expect("it runs").loaded.remove("storage");
    };
    let plan = planned(&[BASE, STORAGE], &[BASE, STORAGE], without);
    let steps: Vec<_> =
        plan.lines().filter(|it| it.contains("10.0.42.2/24") && it.starts_with("  | ")).collect();
    assert_eq!(steps, ["  | remove 10.0.42.2/24 from storage", "  | add 10.0.42.2/24 to storage"], "{plan}");
}

/// The kernel has a rule once, whichever link it belongs to.
#[test]
fn a_rule_that_moves_to_another_link_stays() {
    let rule = "rules = [{ from = \"10.98.0.0/16\", table = 98, priority = 98 }]\n";
    let (before, after) = (artifacts(&[BASE, rule, STORAGE]), artifacts(&[BASE, STORAGE, rule]));
    let mut observed = routed(&before);
    let plan = plan(&before, &after, &observed, Reach::Machine, Deferral::Stop);
    assert!(!written(&plan).contains("remove the rule"), "{}", written(&plan));
    assert_eq!(leftovers(&before, &after, &observed), []);
    observed.networkd = None;
    let plan =
        hostwright::plan::plan(&before, &artifacts(&[BASE, rule]), &observed, Reach::Machine, Deferral::Stop);
    assert!(!written(&plan).contains("remove the rule"), "{}", written(&plan));
}

/// No plan mends it, and none is in its way; while the kernel still asks, nothing is said.
#[test]
fn an_address_that_another_host_has_is_named() {
    let spec = [BASE, "[vlan.v6]\nid = 6\nparent = \"eno1\"\naddresses = [\"2001:db8::2/64\"]\n"];
    let with = |state: AddressState| {
        move |it: &mut Observed| {
            it.links.get_mut("v6").expect("it is there").addresses[0].state = state;
        }
    };
    let plan = planned(&spec, &spec, with(AddressState::Duplicate));
    assert!(plan.contains("pending: vlan v6: another host on the link has 2001:db8::2"), "{plan}");
    assert!(!plan.contains("  | "), "{plan}");
    for state in [AddressState::Tentative, AddressState::Usable] {
        assert!(!planned(&spec, &spec, with(state)).contains("2001:db8::2"));
    }
    let [mut observed, bare] = [&spec[..], &spec[..1]].map(|it| machine(&artifacts(it)));
    with(AddressState::Duplicate)(&mut observed);
    assert_eq!(duplicates(&artifacts(&spec), &observed).len(), 1);
    assert_eq!(duplicates(&artifacts(&spec), &bare), []);
}

/// Details that the kernel does not show make no other route of one.
#[test]
fn a_route_that_is_as_it_shall_be_is_not_taken_for_the_former_one() {
    let with = |detail: &str| {
        let route = format!("routes = [{{ to = \"10.98.0.0/16\", via = \"192.0.2.1\"{detail} }}]\n");
        artifacts(&[BASE, &route])
    };
    for detail in [", on-link = true", ", metric = 7"] {
        let after = with(detail);
        assert_eq!(leftovers(&with(""), &after, &routed(&after)), [], "{detail}");
    }
    let (before, after) = (with(", metric = 7"), with(""));
    let unset = plan(&before, &after, &routed(&before), Reach::Machine, Deferral::Stop).to_string();
    assert!(unset.contains("+ route 10.98.0.0/16, - route 10.98.0.0/16"), "{unset}");
    let (before, after) = (with(""), with(", on-link = true"));
    let plan = plan(&before, &after, &routed(&before), Reach::Machine, Deferral::Stop);
    assert!(!written(&plan).contains("remove the route"), "{}", written(&plan));
}
