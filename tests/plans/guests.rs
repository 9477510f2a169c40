//! Domains, containers and mounts.

use super::*;

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
