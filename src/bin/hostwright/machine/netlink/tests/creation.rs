//! Links made.

use std::collections::BTreeMap;

use hostwright::artifact::{Link, LinkForm, MacvtapMode};
use hostwright::value::{Mac, Mtu, TextValue, VlanId};

use netlink_packet_core::Emitable;
use netlink_packet_route::link::{
    InfoData, InfoKind, InfoVlan, LinkAttribute, LinkInfo, LinkMessage, VlanProtocol,
};

use super::super::{Netlink, links};
use super::{in_namespace, name};

fn wanted(form: LinkForm) -> Link {
    Link {
        name: name("storage"),
        form,
        mtu: Mtu::new(1400).expect("an MTU"),
        mac: Mac::parse("02:00:00:00:00:09").ok(),
        alias: Some("hostwright [vlan.storage]".to_owned()),
        addresses: Vec::new(),
        routes: Vec::new(),
        sysctls: BTreeMap::from([("ipv6/conf/storage/accept_ra".to_owned(), "0".to_owned())]),
        expect_mac: None,
        expect_path: None,
    }
}

fn macvtap(mode: MacvtapMode) -> Link {
    let parent = name("one");
    wanted(LinkForm::Macvtap { mode, parent })
}

/// Makes a link; false when this kernel has none of its kind.
fn made(netlink: &Netlink, link: &Link) -> bool {
    match netlink.create(link) {
        Err(failure) if failure.to_string().contains("EOPNOTSUPP") => {
            println!("skipped: {failure}");
            false
        }
        done => done.map(|()| true).expect("made"),
    }
}

fn check(netlink: &Netlink, link: &Link) {
    if !made(netlink, link) {
        return;
    }
    netlink.create(link).expect("there already");
    let asked = link.sysctls.keys().cloned().collect();
    let asked = BTreeMap::from([("storage".to_owned(), asked)]);
    let links = netlink.links(&asked).expect("links");
    let found = &links["storage"];
    assert_eq!(found.form.as_ref(), Some(&link.form));
    assert_eq!(found.parent.as_deref(), Some("one"));
    assert_eq!((found.mtu, found.mac), (link.mtu.bytes(), link.mac));
    assert_eq!((found.up, &found.alias), (true, &link.alias));
    assert_eq!(found.sysctls, link.sysctls);
    netlink.delete(&link.name).expect("deleted");
}

#[test]
fn vlan() {
    in_namespace(|netlink| {
        let id = VlanId::new(42).expect("an id");
        let parent = name("one");
        check(netlink, &wanted(LinkForm::Vlan { id, parent }));
    });
}

#[test]
fn vlan_as_the_kernel_writes_it() {
    let mut message = LinkMessage::default();
    message.header.index = 9;
    let data = vec![InfoVlan::Protocol(VlanProtocol::Ieee8021Q), InfoVlan::Id(42)];
    message.attributes = vec![
        LinkAttribute::IfName("storage".to_owned()),
        LinkAttribute::Mtu(1400),
        LinkAttribute::Link(7),
        LinkAttribute::LinkInfo(vec![LinkInfo::Kind(InfoKind::Vlan), LinkInfo::Data(InfoData::Vlan(data))]),
    ];
    let mut bytes = vec![0; message.buffer_len()];
    message.emit(&mut bytes);
    let names = BTreeMap::from([(7, "one".to_owned())]);
    let found = links::decode(&bytes).expect("a link");
    let found = found.complete(&names, Vec::new(), &[]);
    let id = VlanId::new(42).expect("an id");
    let parent = name("one");
    assert_eq!(found.form, Some(LinkForm::Vlan { id, parent }));
    assert_eq!((found.index, found.mtu, found.up), (9, 1400, false));
}

#[test]
fn macvtaps() {
    in_namespace(|netlink| {
        for mode in [MacvtapMode::Bridge, MacvtapMode::Private, MacvtapMode::Vepa, MacvtapMode::Passthru] {
            check(netlink, &macvtap(mode));
        }
    });
}

#[test]
fn links_that_cannot_be() {
    in_namespace(|netlink| {
        let mut broken = macvtap(MacvtapMode::Bridge);
        if !made(netlink, &broken) {
            return;
        }
        let error = netlink.create(&macvtap(MacvtapMode::Vepa));
        let error = error.expect_err("another form");
        assert!(error.to_string().contains("another form"), "{error}");
        netlink.delete(&broken.name).expect("deleted");

        let path = "ipv6/conf/storage/nothing".to_owned();
        broken.sysctls.insert(path, "1".to_owned());
        let error = netlink.create(&broken).expect_err("no such sysctl");
        assert!(error.to_string().contains("conf/storage/nothing"), "{error}");
        let links = netlink.links(&BTreeMap::new()).expect("links");
        assert!(!links.contains_key("storage"));

        let parent = name("gone");
        let mode = MacvtapMode::Bridge;
        let error = netlink.create(&wanted(LinkForm::Macvtap { mode, parent }));
        let error = error.expect_err("no parent").to_string();
        assert!(error.contains("no link gone"), "{error}");
        let error = netlink.create(&wanted(LinkForm::Physical));
        assert!(error.expect_err("a card").to_string().contains("network card"));
    });
}
