//! What waits for the boot, and what has to wait with it.

use super::*;

const BARE: &str = "[host]\nname = \"hv1\"\n[nic.eno1]\n";
const BRIDGED: &str = "[bridge.br0]\nports = [\"eno1\"]\naddresses = [\"192.0.2.2/24\"]\n";
const MACVTAP: &str = "macvtap0";

/// Adds a guest's macvtap on a link.
fn tapped(observed: &mut Observed, parent: &str) {
    let kind = Some("macvtap".to_owned());
    let tap = ObservedLink { parent: Some(parent.to_owned()), kind, master: None, ..card() };
    observed.links.insert(MACVTAP.to_owned(), tap);
}

/// A host whose address moves to a bridge that comes at the boot would be without it until then.
#[test]
fn an_address_does_not_leave_before_its_new_link_has_it() {
    let there = planned_for(Deferral::AtBoot, &[BASE], &[BARE, BRIDGED], nothing);
    let back = planned_for(Deferral::AtBoot, &[BARE, BRIDGED], &[BASE], |it| {
        it.links.get_mut("eno1").expect("it is there").master = Some("br0".to_owned());
        it.foreign_routes = [("br0".to_owned(), 3)].into();
    });
    for plan in [&there, &back] {
        assert_eq!(plan.matches("  | ").count(), 1, "the spec alone changes now: {plan}");
    }
    snapshot("torn", &[there, back].join("\n"));
}

/// A bridge that waits for its ports alone goes on having its address until the card may have it.
#[test]
fn an_address_does_not_leave_a_master_that_waits_for_its_ports() {
    let empty = "[bridge.br0]\nports = []\n";
    let plan = planned_for(Deferral::AtBoot, &[BARE, BRIDGED], &[BASE, empty], |it| {
        it.links.get_mut("eno1").expect("it is there").master = Some("br0".to_owned());
        let tap = ObservedLink { kind: Some("tun".to_owned()), master: Some("br0".to_owned()), ..card() };
        it.links.insert("vnet0".to_owned(), tap);
    });
    assert_eq!(plan.matches("  | ").count(), 1, "the spec alone changes now: {plan}");
}

/// What was accepted goes on waiting together, also in plans that accept nothing.
#[test]
fn what_waits_together_does_so_in_later_plans() {
    let before = artifacts(&[BARE, BRIDGED]);
    let observed = machine(&artifacts(&[BASE]));
    let plan = plan(&before, &before, &observed, Reach::Machine, Terms::default());
    assert!(plan.may_be_applied() && plan.steps.is_empty(), "{plan}");
}

/// A VLAN that stays for a guest keeps nothing from the card that it is on.
#[test]
fn a_link_that_stays_does_not_keep_its_parent_from_changing() {
    let more = BASE.replace("192.0.2.2/24\"", "192.0.2.2/24\", \"192.0.2.3/24\"");
    let all = artifacts(&[BASE, GUESTS]);
    let before = artifacts(&[BASE]);
    let with = |is_there: bool| {
        let mut observed = machine(&all);
        tapped(&mut observed, "v20");
        let ours = |it: &&Place| it.path.ends_with("/v20.conf");
        observed.leftovers = observed.files.keys().filter(ours).cloned().collect();
        assert_eq!(observed.leftovers.len(), 1);
        if !is_there {
            observed.links.remove("v20");
        }
        plan(&before, &artifacts(&[&more]), &observed, Reach::Machine, Terms::default())
    };
    assert!(with(true).may_be_applied(), "{}", with(true));
    assert!(!with(false).may_be_applied(), "{}", with(false));
}

/// Another protocol has numbers of its own.
#[test]
fn a_vlan_of_another_protocol_is_in_nobodys_way() {
    let text = planned(&[BASE], &[BASE, STORAGE], |it| {
        let mut other = machine(&artifacts(&[BASE, STORAGE])).links["storage"].clone();
        other.alias = None;
        other.data.insert(5, Bytes(vec![0x88, 0xa8]));
        it.links.insert("s42".to_owned(), other);
    });
    assert!(!text.contains("stopped"), "{text}");
}

/// The kernel has each number of a VLAN once on a parent.
#[test]
fn a_vlan_that_gets_another_name_goes_before_it_comes() {
    let renamed = STORAGE.replace("vlan.storage", "vlan.san");
    let live = |it: &mut Observed| {
        it.networkd = None;
        it.files.clear();
    };
    let swapped = |a: u8, b: u8| {
        format!("[vlan.a]\nid = {a}\nparent = \"eno1\"\n[vlan.b]\nid = {b}\nparent = \"eno1\"\n")
    };
    let whole = |name: &str| format!("[macvtap.{name}]\nparent = \"eno1\"\nmode = \"passthru\"\n");
    let text = [
        planned(&[BASE, STORAGE], &[BASE, &renamed], live),
        planned(&[BASE, STORAGE], &[BASE, &renamed], nothing),
        planned_for(Deferral::AtBoot, &[BASE, STORAGE], &[BASE, &renamed], nothing),
        planned_for(allowing(&[Harm::Links]), &[BASE, &swapped(20, 21)], &[BASE, &swapped(21, 20)], live),
        planned(&[BASE, &whole("one")], &[BASE, &whole("two")], live),
    ];
    snapshot("occupied", &text.join("\n"));
}

/// One without addresses, as guests need it, has nothing that its successor takes but the place.
#[test]
fn a_link_does_not_leave_its_place_before_its_successor_comes() {
    let vlan = |name: &str| format!("[vlan.{name}]\nid = 42\nparent = \"eno1\"\n");
    let text = planned_for(Deferral::AtBoot, &[BASE, &vlan("storage")], &[BASE, &vlan("san")], nothing);
    assert_eq!(text.matches("  | ").count(), 1, "the spec alone changes now: {text}");
}

/// What of a card changes now is told apart from what does at the boot.
#[test]
fn a_line_says_of_no_change_that_it_waits_which_does_not() {
    let card = |lines: &str| {
        format!("match = {{ mac = \"3c:ec:ef:00:00:01\" }}\ntcp-segmentation-offload = {lines}\n")
    };
    let (on, off) = (card("true"), card("false\nmtu = 9000"));
    let text = planned_for(allowing(&[Harm::Links]), &[BASE, &on], &[BASE, &off], nothing);
    let line = |word: &str| text.lines().find(|it| it.contains(word)).unwrap_or_default().to_owned();
    assert!(line("settings of udev").ends_with("takes effect at the next boot"), "{text}");
    assert!(line("MTU 1500 → 9000").contains("disturbs link eno1"), "{text}");
}

/// A VLAN of a bridge has no frames before the bridge lets it pass.
#[test]
fn a_vlan_of_a_bridge_comes_with_what_lets_it_pass() {
    let bridge =
        "[dummy.d]\n[bridge.br0]\nports = [\"d\"]\nvlan-filtering = true\nport.d = { vlans = [20] }\n";
    let vlan = "[vlan.v20]\nid = 20\nparent = \"br0\"\n";
    let with = |networkd: fn(&mut Observed)| {
        planned_for(Deferral::AtBoot, &[BASE, bridge], &[BASE, bridge, vlan], networkd)
    };
    let unprotected = with(|it| {
        it.networkd.as_mut().expect("it runs").left_alone = LeftAlone::default();
        it.foreign_routes = [("eno1".to_owned(), 3)].into();
    });
    assert!(unprotected.contains("+ vlan v20") && !unprotected.contains("create link"), "{unprotected}");
    let terms = Terms { deferral: Deferral::AtBoot, ..allowing(&[Harm::Links]) };
    let other =
        planned_for(terms, &[BASE, bridge, vlan], &[BASE, bridge, &vlan.replace("20\n", "21\n")], |it| {
            let networkd = it.networkd.as_mut().expect("it runs");
            networkd.left_alone = LeftAlone::default();
            networkd.loaded.remove("v20");
            it.foreign_routes = [("eno1".to_owned(), 3)].into();
        });
    assert!(other.contains("becomes id 21") && !other.contains("delete link"), "{other}");
    assert!(with(nothing).contains("create link v20"), "{}", with(nothing));
    let open = "[dummy.d]\n[bridge.br0]\nports = [\"d\"]\n";
    let anew = planned_for(allowing(&[Harm::Links]), &[BASE, open], &[BASE, bridge, vlan], nothing);
    assert!(anew.contains("create link v20"), "a bridge that is made anew lets it pass at once: {anew}");
}

/// Many links share a parent that another one wants as a whole: all of them go first, or it waits.
#[test]
fn a_parent_is_free_when_all_that_are_on_it_have_gone() {
    let taps = "[macvtap.a]\nparent = \"eno1\"\nmode = \"bridge\"\n[macvtap.b]\nparent = \"eno1\"\nmode = \"bridge\"\n";
    let whole = "[macvtap.c]\nparent = \"eno1\"\nmode = \"passthru\"\n";
    let live = |it: &mut Observed| {
        it.networkd = None;
        it.files.clear();
    };
    let free = planned(&[BASE, taps], &[BASE, whole], live);
    for step in ["delete link a", "delete link b", "create link c"] {
        assert!(free.contains(step), "{free}");
    }
    let used = planned(&[BASE, taps], &[BASE, whole], |it| {
        live(it);
        tapped(it, "eno1");
    });
    assert!(used.contains("`macvtap0` has its place") && !used.contains("create link"), "{used}");
}
