//! Plans for machines as they may be found: what is shown, and which steps follow.

mod common;

use std::collections::BTreeMap;

use common::machine::{artifacts, card, enslave, machine};
use common::snapshot;
use hostwright::artifact::{
    Artifacts, Content, DefaultBridge, FunctionSetting, Neighbor, Place, Root, VirtualFunction,
};
use hostwright::observed::{
    AddressState, BfdPeer, BgpSession, BridgeState, Elsewhere, Functions, LeftAlone, Manager, Observed,
    ObservedAddress, ObservedBridge, ObservedLink, ObservedRule, RoutingDaemon, SessionElsewhere, Space,
    Tool, UnitState, held,
};
use hostwright::plan::{Action, Deferral, Plan, Reach, Terms, adopt, duplicates, leftovers, plan};
use hostwright::takeover::{TakeOver, TakenFile};
use hostwright::value::{Harm, TextValue, VlanId};

const BASE: &str = "[host]\nname = \"hv1\"\n[nic.eno1]\naddresses = [\"192.0.2.2/24\"]\n";
const STORAGE: &str = "[vlan.storage]\nid = 42\nparent = \"eno1\"\naddresses = [\"10.0.42.2/24\"]\n";
const GUESTS: &str =
    "[vlan.v20]\nid = 20\nparent = \"eno1\"\n[network.guests]\nmacvtap = { parent = \"v20\" }\n";
const GUEST: &str = "[domain.web1]\nmemory = \"1GiB\"\nvcpus = 1\naccelerator = \"tcg\"\ndisk.root.source = { volume = \"vg/web1\" }\ninterface.lan.network = \"guests\"\n";

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

/// A link that networkd gave up is no obstacle, for a changed file has it try again; it is named, with what builds on it.
#[test]
fn a_link_that_networkd_has_failed_is_named() {
    let more = STORAGE.replace("\"10.0.42.2/24\"", "\"10.0.42.2/24\", \"10.0.42.3/24\"");
    let failed = |version: u32, names: &'static [&str]| {
        move |it: &mut Observed| {
            let networkd = it.networkd.as_mut().expect("it runs");
            networkd.version = version;
            networkd.failed = names.iter().map(|&it| it.to_owned()).collect();
        }
    };
    let text = [
        planned(&[BASE], &[BASE], failed(252, &["eno1"])),
        planned(&[BASE], &[BASE, STORAGE], failed(257, &["eno1"])),
        planned(&[BASE, STORAGE], &[BASE, &more], failed(252, &["storage"])),
    ];
    snapshot("failed-links", &text.join("\n"));
    let elsewhere = planned(&[BASE, STORAGE], &[BASE], failed(252, &["storage", "foreign0"]));
    assert!(!elsewhere.contains("failed"), "it goes, or is nobody's business: {elsewhere}");
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

/// What others have in another network namespace on a link of ours goes with it.
#[test]
fn what_stands_on_a_link_in_another_namespace_keeps_it() {
    let session = |over: &str| {
        let ip = |text: &str| text.parse().expect("an address");
        let session = BgpSession { local: ip("10.0.42.9"), peer: ip("10.0.42.1"), device: 0, cookie: 1 };
        SessionElsewhere { session, over: [over.to_owned()].into() }
    };
    let blue = |built: &[(&str, &str)], sessions: Vec<SessionElsewhere>| Elsewhere {
        space: Space::Named("blue".to_owned()),
        built: built.iter().map(|(there, here)| ((*there).to_owned(), (*here).to_owned())).collect(),
        sessions,
    };
    let built = blue(&[("mv0", "storage")], vec![session("storage")]);
    let paired = blue(&[], vec![session("storage")]);
    let other = STORAGE.replace("42\n", "43\n");
    let process = Space::Process { pid: 812, command: "sleep".to_owned() };
    let docker = Space::Container { runtime: Some("docker".to_owned()), name: "0123456789ab".to_owned() };
    let within = |space: &Space| Elsewhere { space: space.clone(), ..built.clone() };
    let text = [
        planned(&[BASE, STORAGE], &[BASE], |it| it.elsewhere = vec![built.clone()]),
        planned(&[BASE, STORAGE], &[BASE], |it| it.elsewhere = vec![within(&process)]),
        planned(&[BASE, STORAGE], &[BASE, &other], |it| it.elsewhere = vec![within(&docker)]),
        planned(&[BASE, STORAGE], &[BASE, &other], |it| it.elsewhere = vec![built.clone()]),
        planned(&[BASE, STORAGE], &[BASE], |it| it.elsewhere = vec![paired]),
    ];
    snapshot("elsewhere", &text.join("\n"));
}

/// Where a namespace cannot be looked into, what others have on a link is unknown: the link stays, all else is done.
#[test]
fn a_link_stays_while_nobody_knows_what_is_on_it() {
    let unseen = |it: &mut Observed| {
        it.unseen = ["look into the network namespace of `bird.service`: EPERM".to_owned()].into();
    };
    let other = STORAGE.replace("42\n", "43\n");
    let text = [
        planned(&[BASE, STORAGE], &[BASE, GUESTS], unseen),
        planned_for(allowing(&[Harm::Links]), &[BASE, STORAGE], &[BASE], unseen),
        planned(&[BASE, STORAGE], &[BASE, &other], unseen),
    ];
    snapshot("unseen", &text.join("\n"));
}

/// The kernel takes a link along with the one below, so that one stays too, and so on down.
#[test]
fn a_link_stays_under_one_that_stays() {
    let inner = "[vlan.inner]\nid = 7\nparent = \"storage\"\n";
    let all = [BASE, STORAGE, inner];
    let elsewhere = Elsewhere {
        space: Space::Named("blue".to_owned()),
        built: [("mv0".to_owned(), "inner".to_owned())].into(),
        sessions: Vec::new(),
    };
    let guest = |it: &mut Observed| {
        let kind = Some("macvtap".to_owned());
        let tap = ObservedLink { parent: Some("inner".to_owned()), kind, ..it.links["eno1"].clone() };
        it.links.insert("macvtap0".to_owned(), tap);
    };
    let routes = |it: &mut Observed| it.foreign_routes = [("inner".to_owned(), 3)].into();
    let text = [
        planned(&all, &[BASE], |it| it.elsewhere = vec![elsewhere]),
        planned(&all, &[BASE], guest),
        planned_for(Deferral::AtBoot, &all, &[BASE], routes),
        planned(&all, &[BASE], nothing),
    ];
    snapshot("stay-below", &text.join("\n"));
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

/// A link that left and that others are on stays, and is named until the next boot.
#[test]
fn a_link_that_stayed_is_named() {
    let text = planned(&[BASE], &[BASE], |it| {
        let with = machine(&artifacts(&[BASE, STORAGE]));
        it.links.insert("storage".to_owned(), with.links["storage"].clone());
    });
    assert!(
        text.contains("pending: vlan storage: link `storage` left the spec and stays until the next boot"),
        "{text}"
    );
}

/// Writes steps, each with its inverse.
fn reversible(plan: &Plan) -> String {
    let undo = |it: &[Action]| it.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let lines = plan.steps.iter().map(|it| format!("{} <- {}", it.action, undo(&it.undo)));
    lines.collect::<Vec<_>>().join("\n")
}

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
    assert!(stopped.contains("stopped: vlan v20: "), "{stopped}");
}

#[test]
fn links_that_left_are_deleted_unless_somebody_needs_them() {
    let session = BgpSession {
        local: "10.0.42.2".parse().expect("an address"),
        peer: "10.0.42.1".parse().expect("an address"),
        device: 0,
        cookie: 1,
    };
    let text = [
        planned(&[BASE, STORAGE], &[BASE], nothing),
        planned(&[BASE, STORAGE], &[BASE], |it| {
            it.sessions.insert(session);
        }),
        planned(&[BASE, STORAGE], &[BASE], |it| {
            let above = ObservedLink { parent: Some("storage".to_owned()), ..card() };
            it.links.insert("macvtap7".to_owned(), above);
        }),
    ];
    snapshot("gone-links", &text.join("\n"));
}

#[test]
fn what_is_not_ours_stops_the_plan() {
    let expects = BASE.replace("[nic.eno1]\n", "[nic.eno1]\nmatch = { mac = \"3c:ec:ef:00:00:99\" }\n");
    let text = [
        planned(&[BASE], &[BASE, STORAGE], |it| {
            it.links.insert("storage".to_owned(), ObservedLink { alias: None, ..card() });
        }),
        planned(&[BASE], &[&expects], nothing),
        planned(&[BASE], &[BASE, "[nic.eno9]\n"], nothing),
        planned(&[BASE, "[bridge.br0]\n"], &[BASE, "[bridge.br0]\nageing-time-sec = \"10min\"\n"], nothing),
        planned(&[BASE], &[BASE, "match = { mac = \"3c:ec:ef:00:00:01\" }\nvfs = 4\n"], nothing),
        planned(&[BASE], &[BASE], |it| {
            let networkd = it.networkd.as_mut().expect("it runs");
            networkd.loaded.insert("eno1".to_owned(), "/etc/systemd/network/05-uplink.network".to_owned());
        }),
        planned(&[BASE], &[BASE, GUESTS, GUEST], |it| {
            let foreign = machine(&artifacts(&[&BASE.replace("hv1", "hv2"), GUESTS, GUEST]));
            it.libvirt = foreign.libvirt;
        }),
    ];
    snapshot("foreign", &text.join("\n"));
}

/// A card is told of its virtual functions where whoever uses them may be disturbed, and where nobody else has told it.
#[test]
fn virtual_functions_are_told_what_changes() {
    let pf = "match = { mac = \"3c:ec:ef:00:00:01\" }\nvfs = 2\n";
    let vf = |lines: &str| format!("[nic.eno1.vf.1]\ntrust = true\n{lines}");
    let changed = |lines: &str, terms: Terms, now: Option<FunctionSetting>| {
        planned_for(terms, &[BASE, pf, &vf("vlan = 30\n")], &[BASE, pf, &vf(lines)], |it| {
            let card = it.links.get_mut("eno1").expect("it is there");
            card.functions = Some(Functions { present: 2, most: 7 });
            let mac = FunctionSetting::Mac(card.mac.expect("it has one"));
            let settings = now.into_iter().chain([FunctionSetting::Trust(true), mac]).collect();
            card.virtual_functions = vec![VirtualFunction { number: 1, settings }];
        })
    };
    let vlan = |id: i64| Some(FunctionSetting::Vlan(VlanId::new(id).ok()));
    let agreed = || allowing(&[Harm::Links]);
    let text = [
        changed("vlan = 31\nmac = \"02:00:00:00:03:01\"\n", agreed(), vlan(30)),
        changed("vlan = 31\n", Deferral::Stop.into(), vlan(30)),
        changed("vlan = 31\n", agreed(), vlan(500)),
        changed("vlan = 31\n", agreed(), None),
        changed("", agreed(), vlan(30)),
        changed("vlan = 31\n[nic.eno1.vf.0]\nvlan = 40\n", agreed(), vlan(30)),
    ];
    snapshot("functions-told", &text.join("\n"));
}

/// udev makes virtual functions, when it finds a card: nothing that needs them is tried before a boot.
#[test]
fn virtual_functions_come_with_a_boot() {
    let pf = "match = { mac = \"3c:ec:ef:00:00:01\" }\nvfs = 2\n";
    let vf = "[nic.vf0]\nmatch = { path = \"pci-0000:3b:10.0\" }\nrename = true\n[vlan.on-vf]\nid = 7\nparent = \"vf0\"\n";
    let pool = "[network.guests]\nsr-iov = { pf = \"eno1\" }\n";
    let whole = [BASE, pf, vf, pool, GUEST];
    let has = |present: u32| {
        move |it: &mut Observed| {
            it.links.get_mut("eno1").expect("it is there").functions = Some(Functions { present, most: 7 });
            it.links.entry("vf0".to_owned()).and_modify(|it| it.path = Some("pci-0000:3b:10.0".to_owned()));
        }
    };
    let accepted = |it: &mut Observed| {
        has(0)(it);
        it.links.retain(|name, _| name == "eno1");
        it.files.retain(|place, _| place.path.strip_suffix(".link").is_none());
        let libvirt = it.libvirt.as_mut().expect("it is there");
        libvirt.networks.values_mut().for_each(|it| it.active = false);
        libvirt.domains.values_mut().for_each(|it| it.live = None);
    };
    let vlan = format!("{pf}vf.0.vlan = 30\n");
    let (four, eight) = (pf.replace("2\n", "4\n"), pf.replace("2\n", "8\n"));
    let text = [
        planned(&[BASE], &whole, has(0)),
        planned_for(Deferral::AtBoot, &[BASE], &whole, has(0)),
        planned(&whole, &whole, accepted),
        planned(&whole, &whole, has(2)),
        planned(&whole, &[BASE, &four, vf, pool, GUEST], has(2)),
        planned(&whole, &[BASE, &vlan, vf, pool, GUEST], has(2)),
        planned(&whole, &[BASE, &eight, vf, pool, GUEST], has(2)),
        planned(&[BASE], &[BASE, pf], |it| it.links.get_mut("eno1").expect("it is there").functions = None),
    ];
    snapshot("functions", &text.join("\n"));
}

/// A card that is there under another name gets its own at boot.
#[test]
fn a_card_gets_its_name_at_boot() {
    let card = "[nic.fast0]\nmatch = { mac = \"3c:ec:ef:00:00:02\" }\n";
    let renamed = format!("{card}rename = true\n");
    let named = |it: &mut Observed| {
        let other = ObservedLink { mac: "3c:ec:ef:00:00:02".parse().ok(), ..self::card() };
        it.links.insert("eth1".to_owned(), other);
    };
    let text = [
        planned(&[BASE], &[BASE, card], named),
        planned(&[BASE], &[BASE, &renamed], named),
        planned_for(Deferral::AtBoot, &[BASE], &[BASE, &renamed], named),
        planned(&[BASE], &[BASE, &renamed], nothing),
    ];
    snapshot("renamed", &text.join("\n"));
}

/// What bears our name and not our mark waits for `adopt`, which marks it and changes nothing else.
#[test]
fn what_is_not_marked_is_adopted_by_name() {
    let after = artifacts(&[BASE, STORAGE, GUESTS, GUEST]);
    let mut observed = machine(&after);
    let whole = observed.clone();
    observed.links.get_mut("storage").expect("it is there").alias = None;
    let libvirt = observed.libvirt.as_mut().expect("it is there");
    let bare = |xml: &mut String| *xml = xml.replace("hostwright.example", "example.com");
    libvirt.networks.values_mut().for_each(|it| bare(&mut it.xml));
    libvirt.domains.values_mut().for_each(|it| bare(&mut it.xml));
    let refused = plan(&artifacts(&[BASE]), &after, &observed, Reach::Machine, Deferral::Stop);
    assert_eq!(refused.problems.len(), 3, "{refused}");
    assert!(
        refused.problems.iter().all(|it| it.hint.as_ref().is_some_and(|it| it.contains("hostwright adopt ")))
    );
    let adopted = |observed: &Observed, kind: &str, name: &str| {
        let origin = hostwright::artifact::Origin::new(kind, name);
        match adopt(&after, observed, &origin) {
            Ok(actions) => actions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            Err(obstacle) => obstacle.message,
        }
    };
    assert_eq!(adopted(&observed, "vlan", "storage"), "mark link storage");
    assert_eq!(adopted(&observed, "network", "guests"), "mark network guests");
    assert_eq!(adopted(&observed, "domain", "web1"), "mark domain web1");
    assert_eq!(adopted(&whole, "domain", "web1"), "");
    assert_eq!(adopted(&whole, "vlan", "nothing"), "the spec has no `[vlan.nothing]`");
    let other = |it: &mut Observed| it.links.get_mut("storage").expect("it is there").data.clear();
    other(&mut observed);
    assert!(adopted(&observed, "vlan", "storage").contains("is another than id 42 on eno1"));
    let networks = &mut observed.libvirt.as_mut().expect("it is there").networks;
    networks.values_mut().for_each(|it| it.uuid = "x".to_owned());
    assert!(adopted(&observed, "network", "guests").contains("has the UUID x, the spec gives it"));
}

#[test]
fn guests_are_defined_and_never_ended() {
    let disk = format!("{GUEST}disk.data.source = {{ volume = \"vg/data\" }}\n");
    let kvm = GUEST.replace("accelerator = \"tcg\"\n", "");
    let text = [
        planned(&[BASE], &[BASE, GUESTS, GUEST], nothing),
        planned(&[BASE, GUESTS, GUEST], &[BASE, GUESTS, &disk], nothing),
        planned(&[BASE, GUESTS, GUEST], &[BASE], nothing),
        planned(&[BASE], &[BASE, GUESTS, &kvm], |it| it.kvm = false),
        planned(&[BASE], &[BASE, GUESTS], |it| it.libvirt = None),
    ];
    snapshot("guests", &text.join("\n"));
}

/// libvirt would start it before what it waits for, and once alone.
#[test]
fn libvirts_own_autostart_is_taken_off() {
    let with_autostart = |it: &mut Observed| {
        let libvirt = it.libvirt.as_mut().expect("it is there");
        libvirt.domains.values_mut().for_each(|it| it.autostart = true);
    };
    let guest = [BASE, GUESTS, GUEST];
    let text = planned(&guest, &guest, with_autostart);
    assert!(text.contains("libvirt's own autostart: off") && !text.contains("restarts"), "{text}");
    assert!(text.contains("| define domain"), "{text}");
}

/// What a running guest uses stays and is named, until the first apply behind the guest's end.
#[test]
fn what_a_running_guest_uses_stays() {
    let elsewhere = "[bridge.br0]\n[network.inside]\nbridge = { name = \"br0\" }\n";
    let moved = GUEST.replace("guests", "inside");
    let (before, after) = ([BASE, elsewhere, GUESTS, GUEST], [BASE, elsewhere, &moved]);
    let macvtap = |it: &mut Observed| {
        it.links.insert("macvtap0".to_owned(), ObservedLink { parent: Some("v20".to_owned()), ..card() });
        let libvirt = it.libvirt.as_mut().expect("it is there");
        for domain in libvirt.domains.values_mut() {
            let live = domain.live.as_mut().expect("it runs");
            *live = live.replace("</interface>", "<target dev='macvtap0'/></interface>");
        }
    };
    let left = |it: &mut Observed, guest_runs: bool| {
        let mut old = machine(&artifacts(&before));
        macvtap(&mut old);
        it.links.extend(old.links);
        it.libvirt = old.libvirt;
        let libvirt = it.libvirt.as_mut().expect("it is there");
        let domain = libvirt.domains.values_mut().next().expect("it is there");
        domain.xml = domain.xml.replace("network=\"guests\"", "network=\"inside\"");
        if !guest_runs {
            domain.live = None;
            it.links.remove("macvtap0");
        }
    };
    let text = [
        planned(&before, &after, macvtap),
        planned(&after, &after, |it| left(it, true)),
        planned(&after, &after, |it| left(it, false)),
    ];
    snapshot("in-use", &text.join("\n"));
}

#[test]
fn mounts_that_left_are_stopped_first() {
    let mount =
        "[mount.a]\nwhere = \"/srv/a\"\nsource = { volume = \"vg/a\" }\ntype = \"ext4\"\non-demand = true\n";
    let noatime = format!("{mount}options = [\"noatime\"]\n");
    let text = [
        planned(&[BASE], &[BASE, mount], nothing),
        planned(&[BASE, mount], &[BASE, STORAGE], |it| {
            it.units.insert("srv-a.mount".parse().expect("a unit"), UnitState::Active);
        }),
        planned(&[BASE, mount], &[BASE, &noatime], nothing),
    ];
    snapshot("mounts", &text.join("\n"));
}

#[test]
fn containers_are_started_and_never_stopped() {
    let container = "[container.ci1]\nrootfs = { source = { volume = \"vg/ci1\" }, type = \"ext4\" }\ninterface.mv-v20.network = \"guests\"\n";
    let memory = format!("{container}memory = \"1GiB\"\ncapabilities = [\"CAP_SYS_TIME\"]\n");
    let running = format!("{container}start = \"running\"\n");
    let manual = format!("{container}start = \"manual\"\n");
    let stop = |it: &mut Observed| {
        it.units.insert("systemd-nspawn@ci1.service".parse().expect("a unit"), UnitState::Inactive);
    };
    let text = [
        planned(&[BASE], &[BASE, GUESTS, container], stop),
        planned(&[BASE], &[BASE, GUESTS, container], nothing),
        planned(&[BASE], &[BASE, GUESTS, &manual], stop),
        planned(&[BASE, GUESTS, container], &[BASE, GUESTS, &memory], nothing),
        planned(&[BASE, GUESTS, container], &[BASE, GUESTS, &memory], stop),
        planned(&[BASE, GUESTS, &running], &[BASE, GUESTS, &running], stop),
        planned(&[BASE, GUESTS, container], &[BASE, GUESTS, container], stop),
        planned(&[BASE, GUESTS, container], &[BASE], nothing),
        planned(&[BASE, GUESTS, container], &[BASE], stop),
    ];
    snapshot("containers", &text.join("\n"));
}

fn virbr0() -> BridgeState {
    BridgeState::Network { active: true, autostart: true }
}

fn lxcbr0() -> BridgeState {
    let configuration = Some(Content::Text("USE_LXC_BRIDGE=\"true\"\n".to_owned()));
    BridgeState::Service { active: true, configuration }
}

fn has(
    observed: &mut Observed,
    bridge: DefaultBridge,
    state: Option<BridgeState>,
    kept: Option<BridgeState>,
) {
    observed.bridges.insert(bridge, ObservedBridge { state, kept, ..ObservedBridge::default() });
}

#[test]
fn default_bridges_go_when_nobody_uses_them_and_come_back_when_they_are_left() {
    use DefaultBridge::{Libvirt, Lxc};
    let leave = BASE.replace("[host]\n", "[host]\ndefault-bridges = \"leave\"\n");
    let default =
        "[vlan.v20]\nid = 20\nparent = \"eno1\"\n[network.default]\nmacvtap = { parent = \"v20\" }\n";
    let both = |it: &mut Observed| {
        has(it, Libvirt, Some(virbr0()), None);
        has(it, Lxc, Some(lxcbr0()), None);
    };
    let used = |it: &mut Observed| {
        both(it);
        let bridge = it.bridges.get_mut(&Libvirt).expect("it is there");
        bridge.users = ["guest `web1`".to_owned(), "port `vb-ci1`".to_owned()].into();
    };
    let gone = |it: &mut Observed| {
        has(it, Libvirt, None, Some(virbr0()));
        has(it, Lxc, None, Some(lxcbr0()));
    };
    let text = [
        planned(&[&leave], &[BASE], both),
        planned(&[&leave], &[BASE], used),
        planned(&[&leave], &[BASE], |it| {
            has(it, Libvirt, Some(virbr0()), None);
            it.bridges.get_mut(&Libvirt).expect("it is there").stopped = ["guest `db1`".to_owned()].into();
        }),
        planned(&[BASE], &[&leave], gone),
        planned(&[BASE], &[BASE], gone),
        planned(&[BASE], &[BASE], |it| has(it, Libvirt, Some(virbr0()), Some(virbr0()))),
        planned(&[&leave], &[&leave], both),
        planned(&[BASE], &[&leave, default], gone),
        planned(&[&leave], &[BASE], |it| {
            it.bridges.insert(
                Libvirt,
                ObservedBridge {
                    unreachable: Some("this build has no libvirt".to_owned()),
                    ..ObservedBridge::default()
                },
            );
        }),
    ];
    snapshot("default-bridges", &text.join("\n"));
}

#[test]
fn a_take_over_leaves_default_bridges() {
    let after = artifacts(&[BASE]);
    let mut observed = stranger(&after);
    managed(&mut observed, Tool::Networkd, UPLINK);
    has(&mut observed, DefaultBridge::Libvirt, Some(virbr0()), None);
    let plan = plan(&Artifacts::default(), &after, &observed, Reach::Machine, Deferral::TakeOver);
    assert!(!plan.may_be_applied(), "{plan}");
    let hint = plan.problems.iter().find_map(|it| it.hint.as_deref());
    assert!(hint.is_some_and(|it| it.contains("default-bridges = \"leave\"")), "{plan}");
}

/// What takes a bridge away is undone by what brings it to the state it had.
#[test]
fn a_default_bridge_that_went_has_its_inverse() {
    let leave = BASE.replace("[host]\n", "[host]\ndefault-bridges = \"leave\"\n");
    let (before, after) = (artifacts(&[&leave]), artifacts(&[BASE]));
    let mut observed = machine(&before);
    has(&mut observed, DefaultBridge::Libvirt, Some(virbr0()), None);
    let plan = plan(&before, &after, &observed, Reach::Machine, Deferral::Stop);
    let undo: Vec<_> = plan.steps.iter().rev().flat_map(|it| &it.undo).collect();
    let restored = hostwright::plan::Action::RestoreBridge(DefaultBridge::Libvirt, virbr0());
    assert_eq!(undo[0], &restored);
    assert_eq!(undo[1], &hostwright::plan::Action::ForgetBridge(DefaultBridge::Libvirt));
}

/// A disk that comes before another by name leaves the other's device name alone.
#[test]
fn a_disk_more_leaves_the_others_where_they_are() {
    let disk = format!("{GUEST}disk.data.source = {{ volume = \"vg/data\" }}\n");
    let before = artifacts(&[BASE, GUESTS, GUEST]);
    let plan =
        plan(&before, &artifacts(&[BASE, GUESTS, &disk]), &machine(&before), Reach::Machine, Deferral::Stop);
    let defined = plan.steps.iter().find_map(|it| match &it.action {
        hostwright::plan::Action::DefineDomain(domain) => Some(domain.xml.clone()),
        _ => None,
    });
    let xml = defined.expect("a definition");
    let document = roxmltree::Document::parse(&xml).expect("XML");
    let targets: BTreeMap<_, _> = document
        .descendants()
        .filter(|it| it.has_tag_name("disk"))
        .map(|disk| {
            let value = |element, name| {
                let child = disk.children().find(|it| it.has_tag_name(element));
                child.and_then(|it| it.attribute(name)).unwrap_or_default().to_owned()
            };
            (value("alias", "name"), value("target", "dev"))
        })
        .collect();
    let expected = [("ua-disk-data", "vdb"), ("ua-disk-root", "vda")];
    assert_eq!(targets, expected.map(|(alias, target)| (alias.to_owned(), target.to_owned())).into());
}

const UPLINK: &str = "/etc/systemd/network/20-uplink.network";

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

#[test]
fn links_of_other_tools_are_refused_with_a_remedy() {
    let cases = [
        (Tool::Networkd, UPLINK),
        (Tool::Netplan, "/etc/netplan/01-all.yaml"),
        (Tool::Ifupdown, "/etc/network/interfaces"),
        (Tool::NetworkManager, "/etc/NetworkManager/system-connections/up.nmconnection"),
        (Tool::CloudInit, "/etc/netplan/50-cloud-init.yaml"),
    ];
    let after = artifacts(&[BASE]);
    let refused = |(tool, file)| {
        let mut observed = stranger(&after);
        managed(&mut observed, tool, file);
        let at_boot = plan(&Artifacts::default(), &after, &observed, Reach::Machine, Deferral::AtBoot);
        assert!(!at_boot.may_be_applied(), "{at_boot}");
        written(&at_boot)
    };
    snapshot("managers", &cases.map(refused).join("\n"));
}

/// What another tool made is not ours when the tool has let it go.
#[test]
fn a_made_link_of_another_tool_is_to_be_adopted() {
    let after = artifacts(&[BASE, STORAGE]);
    for (tool, file) in [
        (Tool::Netplan, "/etc/netplan/01-all.yaml"),
        (Tool::Ifupdown, "/etc/network/interfaces"),
        (Tool::NetworkManager, "/run/NetworkManager/devices/3"),
    ] {
        let mut observed = stranger(&after);
        observed.managers.insert("storage".to_owned(), Manager { tool, file: file.to_owned() });
        let plan = plan(&Artifacts::default(), &after, &observed, Reach::Machine, Deferral::AtBoot);
        let hints: Vec<_> = plan.problems.iter().filter_map(|it| it.hint.as_deref()).collect();
        assert!(matches!(hints[..], [hint] if hint.contains("`hostwright adopt vlan.storage`, ")), "{plan}");
    }
}

/// A reload would cost a link its addresses whose file somebody removed: netplan, when it was told to let it go.
#[test]
fn networkd_is_not_told_of_anything_while_a_file_is_gone() {
    let plan = planned(&[BASE], &[BASE, STORAGE], |it| {
        it.networkd.as_mut().expect("it runs").forsaken.insert("eno1".to_owned());
    });
    assert!(plan.contains("create link storage") && !plan.contains("reload networkd"), "{plan}");
}

/// networkd sets none of these, whatever file it has loaded.
#[test]
fn a_sysctl_that_networkd_leaves_alone_is_set_by_us() {
    let host = "[macvlan.host]\nparent = \"eno1\"\naddresses = [\"192.0.2.3/24\"]\n";
    let plan = planned(&[BASE, host], &[BASE, host], |it| {
        let link = it.links.get_mut("host").expect("it is there");
        link.sysctls.insert("ipv4/conf/host/arp_ignore".to_owned(), "0".to_owned());
    });
    assert!(plan.contains("arp_ignore") && plan.contains("by netlink"), "{plan}");
    assert!(!plan.contains("networkd"), "{plan}");
}

#[test]
fn a_link_with_neighbors_of_others_changes_at_boot_unless_their_loss_is_agreed_to() {
    let own = "neighbors = [{ address = \"192.0.2.9\", link-layer-address = \"02:00:00:00:00:09\" }]\n";
    let more = BASE.replace("\"192.0.2.2/24\"", "\"192.0.2.2/24\", \"192.0.2.3/24\"");
    let [base, more] = [BASE, &more].map(|it| format!("{it}{own}"));
    let with = |address: &str| {
        let address = address.parse().expect("an address");
        move |it: &mut Observed| {
            let link_layer_address = TextValue::parse("02:00:00:00:00:09").expect("a MAC address");
            let eno1 = it.links.get_mut("eno1").expect("a card");
            eno1.neighbors = vec![Neighbor { address, link_layer_address }];
        }
    };
    let leads = |address: &str, to: &str| {
        let (with, to) = (with(address), to.parse().expect("a network"));
        move |it: &mut Observed| {
            with(it);
            it.direct.insert(("eno1".to_owned(), to));
        }
    };
    for (address, to) in [("192.0.2.9", "192.0.2.0/24"), ("169.254.0.1", "192.0.2.0/24")] {
        let plan = planned(&[&base], &[&more], leads(address, to));
        assert!(plan.contains("reload networkd"), "{address}: {plan}");
    }
    let first = |it: &mut Observed| {
        leads("169.254.0.1", "169.254.0.1/32")(it);
        it.links.get_mut("eno1").expect("a card").addresses.clear();
        it.networkd.as_mut().expect("it runs").loaded.remove("eno1");
    };
    let text = [
        planned(&[&base], &[&more], leads("192.0.2.99", "192.0.2.0/24")),
        planned(&[&base], &[&more], leads("169.254.0.1", "169.254.0.1/32")),
        planned_for(allowing(&[Harm::Routes]), &[&base], &[&more], leads("169.254.0.1", "169.254.0.1/32")),
        planned(&[&base], &[&more], first),
    ];
    snapshot("neighbors-of-others", &text.join("\n"));
}

/// A reload would bring what nobody has seen of a file that somebody wrote meanwhile.
#[test]
fn networkd_is_not_told_of_anything_while_it_has_not_read_a_changed_file() {
    let unread = |it: &mut Observed| {
        let path = "/etc/systemd/network/10-hostwright-eno1.network.d/mtu.conf".to_owned();
        it.networkd.as_mut().expect("it runs").unread.insert("eno1".to_owned(), path);
    };
    let plan = planned(&[BASE], &[BASE, STORAGE], unread);
    assert!(plan.contains("create link storage") && !plan.contains("reload networkd"), "{plan}");
    assert!(plan.contains("mtu.conf changed since networkd may have read it for `eno1`"), "{plan}");
    let agreed = planned_for(allowing(&[Harm::Links]), &[BASE], &[BASE, STORAGE], unread);
    assert!(agreed.contains("reload networkd") && agreed.contains("disturbs link eno1\n"), "{agreed}");
}

/// A link that networkd has a file for is configured as soon as it comes, and with it goes what goes at a reload.
#[test]
fn a_link_that_networkd_waits_for_is_not_made_where_a_reload_harms() {
    let waits = |nexthops: bool| {
        move |it: &mut Observed| {
            it.nexthops.extend(nexthops.then(|| "id 12 group".to_owned()));
            let path = "/run/systemd/network/10-hostwright-storage.network".to_owned();
            it.networkd.as_mut().expect("it runs").held.insert("storage".to_owned(), path);
        }
    };
    let text = [
        planned(&[BASE], &[BASE, STORAGE], waits(true)),
        planned_for(allowing(&[Harm::Routes]), &[BASE], &[BASE, STORAGE], waits(true)),
        planned(&[BASE], &[BASE, STORAGE], waits(false)),
    ];
    snapshot("held-links", &text.join("\n"));
}

const CATCH_ALL: &str = "/etc/systemd/network/50-all.network";

fn held_for_storage(path: &str, text: &str, is_there: bool) -> Option<String> {
    let storage = is_there.then(|| ("storage".to_owned(), ObservedLink::default()));
    let links = storage.into_iter().chain([("eno1".to_owned(), card())]).collect();
    let texts = BTreeMap::from([(path.to_owned(), text.to_owned())]);
    held(&links, artifacts(&[BASE, STORAGE]).links(), &texts).remove("storage")
}

#[test]
fn a_file_that_matches_a_link_which_is_not_there_is_held() {
    for (path, text, expected) in [
        ("/run/systemd/network/10-hostwright-storage.network", "", true),
        ("/run/systemd/network/10-hostwright-other.network", "", false),
        (CATCH_ALL, "[Match]\nName=*\n", true),
        (CATCH_ALL, "[Match]\nType=vlan\n", true),
        (CATCH_ALL, "[Match]\nMACAddress=3c:ec:ef:00:00:01\n", true),
        (CATCH_ALL, "[Match]\nPermanentMACAddress=3c:ec:ef:00:00:01\n", false),
        (CATCH_ALL, "[Match]\nName=en*\n", false),
        ("/etc/systemd/network/50-all.link", "[Match]\nName=*\n", false),
    ] {
        let file = held_for_storage(path, text, false);
        assert_eq!(file.as_deref(), expected.then_some(path), "{path}: {text}");
        assert_eq!(held_for_storage(path, text, true), None, "{path}: {text}");
    }
}

#[test]
fn a_take_over_changes_nothing_but_files() {
    let device = "/etc/systemd/network/30-storage.netdev";
    let taken = |spec: &[&str], change: &dyn Fn(&mut Observed)| {
        let mut observed = stranger(&artifacts(&[BASE, STORAGE]));
        managed(&mut observed, Tool::Networkd, UPLINK);
        let manager =
            Manager { tool: Tool::Networkd, file: "/etc/systemd/network/30-storage.network".to_owned() };
        observed.managers.insert("storage".to_owned(), manager);
        observed.written.insert(device.to_owned(), "[NetDev]\nName=storage\nKind=vlan\n".to_owned());
        observed.written.insert(format!("{UPLINK}.d/dns.conf"), "[Network]\nDNS=192.0.2.53\n".to_owned());
        observed.links.get_mut("storage").expect("it is there").parent = Some("eno1".to_owned());
        change(&mut observed);
        plan(&Artifacts::default(), &artifacts(spec), &observed, Reach::Machine, Deferral::TakeOver)
    };
    let whole = taken(&[BASE, STORAGE], &nothing);
    assert!(whole.may_be_applied() && !whole.is_empty(), "{whole}");
    let text = [
        written(&whole),
        written(&taken(&[BASE], &nothing)),
        written(&taken(&[BASE, STORAGE, GUESTS], &nothing)),
        written(&taken(&[BASE, STORAGE], &|it| {
            let other = "10.0.42.9/24".parse().expect("an address");
            let storage = it.links.get_mut("storage").expect("it is there");
            storage.addresses.push(ObservedAddress {
                address: other,
                broadcast: None,
                state: AddressState::Usable,
                permanent: true,
            });
            storage.mtu = 1400;
        })),
        written(&taken(&[BASE, STORAGE], &|it| {
            it.managers.insert("eno2".to_owned(), Manager { tool: Tool::Networkd, file: UPLINK.to_owned() });
        })),
    ];
    snapshot("take-over", &text.join("\n"));
}

/// After the take-over and before the boot all is accepted, and nothing is to be done.
#[test]
fn what_was_taken_over_waits_for_the_boot() {
    let after = artifacts(&[BASE]);
    let mut observed = stranger(&after);
    managed(&mut observed, Tool::Networkd, UPLINK);
    let file = TakenFile { path: UPLINK.to_owned(), links: vec!["eno1".to_owned()] };
    observed.taken_over = TakeOver::default().with(&[file]);
    let plan = plan(&after, &after, &observed, Reach::Machine, Deferral::Stop);
    assert!(plan.is_empty() && plan.may_be_applied(), "{plan}");
    assert_eq!(plan.pending.len(), 1, "{plan}");
}

/// Links that were taken over are never deleted: their files come back.
#[test]
fn what_was_taken_over_is_given_back() {
    let before = artifacts(&[BASE, STORAGE]);
    let mut observed = machine(&before);
    let file = |path: &str, link: &str| TakenFile { path: path.to_owned(), links: vec![link.to_owned()] };
    let files = [file(UPLINK, "eno1"), file("/etc/systemd/network/30-storage.network", "storage")];
    observed.taken_over = TakeOver::default().with(&files);
    let plan = plan(&before, &Artifacts::default(), &observed, Reach::Machine, Deferral::Stop);
    assert!(plan.may_be_applied(), "{plan}");
    snapshot("given-back", &written(&plan));
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

const ROUTED: &str = "routes = [{ to = \"10.98.0.0/16\", via = \"192.0.2.1\" }, { to = \"10.97.0.0/16\", via = \"192.0.2.1\" }]\n\
    rules = [{ from = \"10.98.0.0/16\", table = 98, priority = 98 }]\n";

/// Returns a machine that has the routes and rules of a spec, too.
fn routed(artifacts: &Artifacts) -> Observed {
    let mut observed = machine(artifacts);
    enslave(&mut observed, artifacts);
    for rule in artifacts.links().flat_map(|it| &it.rules) {
        observed.rules.insert(ObservedRule::made_of(rule));
    }
    observed
}

/// A networkd that did not start with its routes and rules, and leaves those of others alone, leaves these too.
#[test]
fn what_networkd_may_have_forgotten_is_taken_behind_its_reload() {
    let changed =
        ROUTED.replace("10.97.0.0/16\", via = \"192.0.2.1\"", "10.97.0.0/16\", via = \"192.0.2.9\"");
    let (whole, other) = (artifacts(&[BASE, ROUTED]), artifacts(&[BASE, &changed]));
    let bare = artifacts(&[BASE]);
    let steps = |before: &Artifacts, after: &Artifacts| {
        reversible(&plan(before, after, &routed(before), Reach::Machine, Deferral::Stop))
    };
    let text = [steps(&whole, &bare), steps(&bare, &whole), steps(&whole, &other)];
    snapshot("forgotten", &text.join("\n\n"));
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

/// A plan from a spec to itself does not know of what the one before it gave.
#[test]
fn what_is_left_of_another_spec_is_named() {
    let more = BASE.replace("\"192.0.2.2/24\"", "\"192.0.2.2/24\", \"192.0.2.3/24\"");
    let before = artifacts(&[
        &more,
        ROUTED,
        STORAGE,
        "rules = [{ from = \"10.42.0.0/16\", table = 42, priority = 42 }]\n",
    ]);
    let after = artifacts(&[BASE]);
    let mut left = routed(&before);
    left.links.remove("storage");
    let named = |observed: &Observed| {
        let found = leftovers(&before, &after, observed);
        found.iter().map(|(origin, what)| format!("{origin}: {what}")).collect::<Vec<_>>()
    };
    let expected = [
        "nic.eno1: - 192.0.2.3/24",
        "nic.eno1: - route 10.97.0.0/16",
        "nic.eno1: - route 10.98.0.0/16",
        "nic.eno1: - rule 98: from 10.98.0.0/16 table 98",
        "vlan.storage: - rule 42: from 10.42.0.0/16 table 42",
    ];
    assert_eq!(named(&left), expected);
    assert!(plan(&after, &after, &left, Reach::Machine, Deferral::Stop).is_empty());
    assert_eq!(named(&routed(&after)), Vec::<String>::new());
    let lease = left.links.get_mut("eno1").expect("a card");
    lease.addresses.iter_mut().for_each(|it| it.permanent = false);
    assert_eq!(named(&left), expected[1..], "a lease may bring the same address");
}

/// A rule whose link somebody deleted is taken all the same, and nothing where it is gone, too.
#[test]
fn what_a_deleted_link_left_is_taken() {
    let rule = "rules = [{ from = \"10.42.0.0/16\", table = 42, priority = 42 }]\n";
    let before = artifacts(&[BASE, STORAGE, rule]);
    let after = artifacts(&[BASE]);
    let mut observed = routed(&before);
    observed.links.remove("storage");
    let removal = |observed: &Observed| {
        let plan = plan(&before, &after, observed, Reach::Machine, Deferral::Stop);
        plan.steps.iter().any(|it| matches!(it.action, Action::RemoveRule(_)))
    };
    assert!(removal(&observed));
    observed.rules.clear();
    assert!(!removal(&observed));
}

/// What others gave to a link goes when networkd gets a file for it.
#[test]
fn networkd_is_not_given_a_link_that_others_use() {
    let dns = STORAGE.replace("[vlan.storage]\n", "[vlan.storage]\ndns = [\"192.0.2.53\"]\n");
    let unloaded = |it: &mut Observed| {
        it.networkd.as_mut().expect("it runs").loaded.remove("storage");
    };
    let vip = |it: &mut Observed| {
        unloaded(it);
        let storage = it.links.get_mut("storage").expect("it is there");
        let address = "10.0.42.100/32".parse().expect("an address");
        storage.addresses.push(ObservedAddress { address, ..storage.addresses[0] });
    };
    assert!(planned(&[BASE, STORAGE], &[BASE, &dns], unloaded).contains("reload networkd"));
    let plan = planned(&[BASE, STORAGE], &[BASE, &dns], vip);
    assert!(!plan.contains("reload networkd") && plan.contains("10.0.42.100/32"), "{plan}");
    let host = "[host]\nname = \"hv1\"\n";
    let card = "[nic.eno1]\ndns = [\"192.0.2.53\"]\n";
    let port = |version: u32, files: &[(&str, &str)]| {
        planned(&[host], &[host, card], |it| {
            let networkd = it.networkd.as_mut().expect("it runs");
            (networkd.version, networkd.loaded) = (version, BTreeMap::new());
            it.links.get_mut("eno1").expect("a card").master = Some("br0".to_owned());
            for (path, text) in files {
                let place = Place::new(Root::Network, (*path).to_owned());
                it.files.insert(place, Content::Text((*text).to_owned()));
            }
        })
    };
    let drop_in = "10-hostwright-eno1.network.d/br0.conf";
    assert!(port(247, &[]).contains("from its master `br0`"), "{}", port(247, &[]));
    let other = port(247, &[(drop_in, "[Network]\nVLAN=storage\n")]);
    assert!(other.contains("from its master `br0`"), "{other}");
    for plan in [port(252, &[]), port(247, &[(drop_in, "[Network]\nBridge=br0\n")])] {
        assert!(!plan.contains("from its master") && plan.contains("reload networkd"), "{plan}");
    }
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
