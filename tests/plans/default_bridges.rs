//! Bridges that libvirt and lxc bring along.

use super::*;

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
