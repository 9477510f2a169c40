//! Links that left the spec, and who keeps them.

use super::*;

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
        "nic.eno1: - route 10.97.0.0/16",
        "nic.eno1: - route 10.98.0.0/16",
        "nic.eno1: - rule 98: from 10.98.0.0/16 table 98",
        "nic.eno1: - 192.0.2.3/24",
        "vlan.storage: - rule 42: from 10.42.0.0/16 table 42",
    ];
    assert_eq!(named(&left), expected);
    assert!(plan(&after, &after, &left, Reach::Machine, Deferral::Stop).is_empty());
    assert_eq!(named(&routed(&after)), Vec::<String>::new());
    let lease = left.links.get_mut("eno1").expect("a card");
    lease.addresses.iter_mut().for_each(|it| it.permanent = false);
    let firm: Vec<_> = expected.into_iter().filter(|it| !it.ends_with("192.0.2.3/24")).collect();
    assert_eq!(named(&left), firm, "a lease may bring the same address");
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

/// networkd gives a link nothing that belongs to IP before it has a carrier.
#[test]
fn what_comes_with_a_carrier_is_known() {
    let spec = artifacts(&[BASE, STORAGE, "[vlan.inner]\nid = 7\nparent = \"storage\"\n"]);
    let mut observed = machine(&spec);
    let named =
        |it: &Observed| without_carrier(&spec, it).iter().map(ToString::to_string).collect::<Vec<_>>();
    observed.links.values_mut().for_each(|it| (it.carrier, it.addresses) = (true, Vec::new()));
    assert_eq!(named(&observed), Vec::<String>::new());
    observed.links.values_mut().for_each(|it| it.carrier = false);
    assert_eq!(named(&observed), ["nic.eno1", "vlan.inner", "vlan.storage"]);
    observed.links.get_mut("storage").expect("it is there").mtu = 1400;
    observed.links.remove("inner");
    assert_eq!(named(&observed), ["nic.eno1"], "one that is not there, or is of another size, lacks that");
}
