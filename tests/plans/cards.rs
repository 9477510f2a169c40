//! Virtual functions and names of cards.

use super::*;

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
