//! Links made.

use std::collections::BTreeMap;

use hostwright::artifact::{Bytes, Device, Link, Port, PortVlan, Setting};
use hostwright::value::{Mac, Mtu, TextValue, VlanId};

use netlink_packet_core::Emitable;
use netlink_packet_route::link::{
    InfoData, InfoKind, InfoVlan, InfoVxlan, LinkAttribute, LinkInfo, LinkMessage, VlanProtocol,
};

use super::super::{Netlink, links};
use super::{in_namespace, name};

pub(super) fn wanted(device: Option<Device>) -> Link {
    Link {
        name: name("storage"),
        device,
        mtu: Mtu::new(1400).expect("an MTU"),
        mac: Mac::parse("02:00:00:00:00:09").ok(),
        alias: Some("hostwright [vlan.storage]".to_owned()),
        ports: Vec::new(),
        vlans: None,
        addresses: Vec::new(),
        routes: Vec::new(),
        rules: Vec::new(),
        neighbors: Vec::new(),
        by_networkd: Vec::new(),
        sysctls: BTreeMap::from([("ipv6/conf/storage/accept_ra".to_owned(), "0".to_owned())]),
        raw: Vec::new(),
        own_sysctls: BTreeMap::new(),
        expect_mac: None,
        expect_path: None,
        renamed: false,
        functions: None,
        virtual_functions: Vec::new(),
    }
}

pub(super) fn device(kind: &str, parent: Option<&str>, settings: Vec<Setting>) -> Device {
    Device {
        kind: kind.to_owned(),
        parent: parent.map(name),
        parent_key: String::new(),
        section: String::new(),
        settings,
        summary: kind.to_owned(),
    }
}

pub(super) fn macvtap(mode: u32) -> Link {
    wanted(Some(device("macvtap", Some("one"), vec![Setting::fixed("Mode", mode, 1, mode)])))
}

/// Makes a link; false when this kernel has none of its kind.
pub(super) fn made(netlink: &Netlink, link: &Link) -> bool {
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
    let device = link.device.as_ref().expect("a device");
    assert!(found.is(device), "{found:?}");
    assert_eq!(found.parent.as_deref(), device.parent.as_ref().map(hostwright::value::InterfaceName::as_str));
    assert_eq!((found.mtu, found.mac), (link.mtu.bytes(), link.mac));
    assert_eq!((found.up, &found.alias), (true, &link.alias));
    assert_eq!(found.sysctls, link.sysctls);
    netlink.delete(&link.name).expect("deleted");
}

#[test]
fn of_all_kinds() {
    in_namespace(|netlink| devices().into_iter().for_each(|it| check(netlink, &wanted(Some(it)))));
}

fn devices() -> [Device; 6] {
    let id = Setting::fixed("Id", 42, 1, 42_u16);
    let qos = Bytes::from(vec![(1, Bytes([3_u32.to_ne_bytes(), 5_u32.to_ne_bytes()].concat()))]);
    let qos = Setting::fixed("EgressQOSMaps", "3-5", 3, qos);
    let stp = Setting::alterable("STP", "no", 5, 0_u32);
    [
        device("vlan", Some("one"), vec![id, qos]),
        device("macvlan", Some("one"), vec![Setting::fixed("Mode", "bridge", 1, 4_u32)]),
        device("bridge", None, vec![stp]),
        device("bond", None, vec![Setting::fixed("Mode", "active-backup", 1, 1_u8)]),
        device("vrf", None, vec![Setting::fixed("Table", 100, 1, 100_u32)]),
        device("dummy", None, Vec::new()),
    ]
}

#[test]
fn a_link_as_the_kernel_writes_it() {
    let mut message = LinkMessage::default();
    message.header.index = 9;
    let data = vec![InfoVlan::Protocol(VlanProtocol::Ieee8021Q), InfoVlan::Id(42)];
    message.attributes = vec![
        LinkAttribute::IfName("storage".to_owned()),
        LinkAttribute::Mtu(1400),
        LinkAttribute::Link(7),
        LinkAttribute::Controller(7),
        LinkAttribute::LinkInfo(vec![LinkInfo::Kind(InfoKind::Vlan), LinkInfo::Data(InfoData::Vlan(data))]),
    ];
    let mut bytes = vec![0; message.buffer_len()];
    message.emit(&mut bytes);
    let names = BTreeMap::from([(7, "one".to_owned())]);
    let found = links::decode(&bytes).expect("a link");
    let found = found.complete(&names, links::More::default(), &[]);
    let protocol = Setting::implied("Protocol", 5, Bytes(vec![0x81, 0]));
    let expected = device("vlan", Some("one"), vec![Setting::fixed("Id", 42, 1, 42_u16), protocol]);
    assert!(found.is(&expected), "{found:?}");
    assert!(!found.is(&device("vlan", Some("one"), vec![Setting::fixed("Id", 43, 1, 43_u16)])));
    assert_eq!((found.index, found.mtu, found.up), (9, 1400, false));
    assert_eq!(found.master.as_deref(), Some("one"));
}

/// What the kernel writes of a link with index 9 that was made in another namespace.
fn moved(kind: InfoKind, below: Option<u32>, data: Option<InfoData>) -> links::Record {
    let mut message = LinkMessage::default();
    message.header.index = 9;
    let info = std::iter::once(LinkInfo::Kind(kind)).chain(data.map(LinkInfo::Data)).collect();
    message.attributes = vec![
        LinkAttribute::IfName("storage".to_owned()),
        LinkAttribute::Mtu(1400),
        LinkAttribute::LinkNetNsId(3),
        LinkAttribute::LinkInfo(info),
    ];
    message.attributes.extend(below.map(LinkAttribute::Link));
    let mut bytes = vec![0; message.buffer_len()];
    message.emit(&mut bytes);
    links::decode(&bytes).expect("a link")
}

#[test]
fn what_is_built_on_nothing_here_is_told_by_its_own_index() {
    let half = |kind: InfoKind, below: u32| moved(kind, Some(below), None).half_elsewhere;
    assert_eq!(half(InfoKind::MacVlan, 7), Some((7, 3)));
    assert_eq!(half(InfoKind::MacVlan, 9), Some((9, 3)), "both have the same index in their namespaces");
    assert_eq!(half(InfoKind::Veth, 9), Some((9, 3)));
    assert_eq!(half(InfoKind::Wireguard, 9), None);
    assert_eq!(half(InfoKind::Other("new".to_owned()), 7), Some((7, 3)), "who knows");
    let vxlan = |below: u32| Some(InfoData::Vxlan(vec![InfoVxlan::Link(below)]));
    assert_eq!(moved(InfoKind::Vxlan, Some(9), vxlan(7)).half_elsewhere, Some((7, 3)));
    assert_eq!(moved(InfoKind::Vxlan, Some(9), None).half_elsewhere, None);
}

#[test]
fn macvtaps() {
    in_namespace(|netlink| [1, 2, 4, 8].into_iter().for_each(|mode| check(netlink, &macvtap(mode))));
}

#[test]
fn a_bridge_takes_up_ports_and_vlans() {
    in_namespace(|netlink| {
        let filtering = vec![
            Setting::alterable("STP", "no", 5, 0_u32),
            Setting::fixed("VLANFiltering", "yes", 7, 1_u8),
            Setting::fixed("DefaultPVID", "none", 39, 0_u16),
        ];
        let vlan = |id: i64, untagged: bool| PortVlan { id: VlanId::new(id).expect("an id"), untagged };
        let own = Some(vec![vlan(20, false)]);
        let bridge = Link { vlans: own.clone(), ..wanted(Some(device("bridge", None, filtering))) };
        if !made(netlink, &bridge) {
            return;
        }
        let mut port =
            Port { link: name("one"), vlans: Some(vec![vlan(10, true), vlan(20, false)]), elected: None };
        for _ in 0..2 {
            netlink.add_port(&bridge.name, &port).expect("taken up");
            let links = netlink.links(&BTreeMap::new()).expect("links");
            assert_eq!(links["one"].master.as_deref(), Some("storage"));
            assert_eq!((Some(&links["one"].vlans), links["one"].up), (port.vlans.as_ref(), true));
            assert_eq!(Some(&links["storage"].vlans), own.as_ref());
            port.vlans = Some(vec![vlan(20, true), vlan(30, false)]);
        }
        let stp = vec![Setting::alterable("STP", "yes", 5, 1_u32)];
        netlink.set_device(&bridge.name, "bridge", &stp).expect("changed");
        let links = netlink.links(&BTreeMap::new()).expect("links");
        assert_eq!(links["storage"].data.get(&5), Some(&1_u32.into()));
        netlink.remove_port(&port.link).expect("freed");
        netlink.remove_port(&port.link).expect("free already");
        assert_eq!(netlink.links(&BTreeMap::new()).expect("links")["one"].master, None);
    });
}

#[test]
fn links_that_cannot_be() {
    in_namespace(|netlink| {
        let mut broken = macvtap(4);
        if !made(netlink, &broken) {
            return;
        }
        let error = netlink.create(&macvtap(2));
        let error = error.expect_err("another form");
        assert!(error.to_string().contains("another form"), "{error}");
        netlink.delete(&broken.name).expect("deleted");

        let path = "ipv6/conf/storage/nothing".to_owned();
        broken.sysctls.insert(path, "1".to_owned());
        let error = netlink.create(&broken).expect_err("no such sysctl");
        assert!(error.to_string().contains("conf/storage/nothing"), "{error}");
        let links = netlink.links(&BTreeMap::new()).expect("links");
        assert!(!links.contains_key("storage"));

        let error = netlink.create(&wanted(Some(device("macvtap", Some("gone"), Vec::new()))));
        let error = error.expect_err("no parent").to_string();
        assert!(error.contains("no link gone"), "{error}");
        let error = netlink.create(&wanted(None));
        assert!(error.expect_err("a card").to_string().contains("network card"));
    });
}
