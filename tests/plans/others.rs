//! What belongs to others, is adopted or taken over.

use super::*;

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
