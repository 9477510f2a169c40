//! Links of kinds that the kernel of a build machine may not have: answers made of the kernel's words. They are seeds of
//! tests/fuzz, too; `HOSTWRIGHT_SEEDS=write` writes them anew.
#![allow(clippy::disallowed_methods, reason = "this test may write files")]

use std::collections::BTreeMap;
use std::path::Path;

use hostwright::value::Mac;
use netlink_packet_core::{Emitable, NetlinkHeader};
use netlink_packet_route::AddressFamily;
use netlink_packet_route::link::{
    AfSpecBridge, BondMode, BondXmitHashPolicy, BridgePortState, BridgeStpState, BridgeVlanInfo,
    BridgeVlanInfoFlags, InfoBond, InfoBondPort, InfoBridge, InfoBridgePort, InfoData, InfoKind,
    InfoPortData, InfoPortKind, InfoVlan, InfoVrf, InfoVrfPort, LinkAttribute, LinkFlags, LinkInfo,
    LinkMessage, MiiStatus, VlanFlags, VlanProtocol, VlanQosMapping,
};

use super::super::{links, vlans};

const RTM_NEWLINK: u16 = 16;
const MAC: [u8; 6] = [2, 0, 0, 0, 0, 9];

fn link(index: u32, name: &str, more: Vec<LinkAttribute>) -> LinkMessage {
    let mut message = LinkMessage::default();
    message.header.index = index;
    message.header.flags = LinkFlags::Up;
    message.attributes = vec![
        LinkAttribute::IfName(name.to_owned()),
        LinkAttribute::Mtu(1500),
        LinkAttribute::Address(MAC.to_vec()),
    ];
    message.attributes.extend(more);
    message
}

fn of_kind(kind: InfoKind, data: InfoData) -> LinkAttribute {
    LinkAttribute::LinkInfo(vec![LinkInfo::Kind(kind), LinkInfo::Data(data)])
}

fn port(kind: InfoPortKind, data: InfoPortData) -> LinkAttribute {
    LinkAttribute::LinkInfo(vec![
        LinkInfo::Kind(InfoKind::Dummy),
        LinkInfo::PortKind(kind),
        LinkInfo::PortData(data),
    ])
}

fn all() -> Vec<LinkMessage> {
    let vlan = |id, more: Vec<InfoVlan>| {
        of_kind(InfoKind::Vlan, InfoData::Vlan([vec![InfoVlan::Id(id)], more].concat()))
    };
    let qos = vec![VlanQosMapping::Mapping(1, 2), VlanQosMapping::Mapping(3, 4)];
    let tagged = vec![
        InfoVlan::Protocol(VlanProtocol::Ieee8021Ad),
        InfoVlan::Flags((VlanFlags::ReorderHdr, VlanFlags::all())),
        InfoVlan::EgressQos(qos.clone()),
        InfoVlan::IngressQos(qos),
    ];
    let bridge = vec![
        InfoBridge::ForwardDelay(400),
        InfoBridge::StpState(BridgeStpState::KernelStp),
        InfoBridge::VlanFiltering(true),
        InfoBridge::VlanDefaultPvid(0),
        InfoBridge::VlanProtocol(VlanProtocol::Ieee8021Q),
        InfoBridge::MulticastSnooping(false),
    ];
    let bond = vec![
        InfoBond::Mode(BondMode::Ieee8023Ad),
        InfoBond::MiiMon(100),
        InfoBond::XmitHashPolicy(BondXmitHashPolicy::Layer34),
        InfoBond::ArpIpTarget(vec![[192, 0, 2, 1].into()]),
    ];
    let of_bond =
        vec![InfoBondPort::MiiStatus(MiiStatus::Up), InfoBondPort::PermHwaddr(vec![2, 0, 0, 0, 0, 7])];
    let of_bridge = vec![
        InfoBridgePort::State(BridgePortState::Forwarding),
        InfoBridgePort::Cost(100),
        InfoBridgePort::Isolated(true),
        InfoBridgePort::Learning(true),
    ];
    vec![
        link(2, "eno1", Vec::new()),
        link(3, "storage", vec![LinkAttribute::Link(2), vlan(42, Vec::new())]),
        link(4, "qinq", vec![LinkAttribute::Link(2), vlan(43, tagged)]),
        link(5, "br0", vec![of_kind(InfoKind::Bridge, InfoData::Bridge(bridge))]),
        link(6, "bond0", vec![of_kind(InfoKind::Bond, InfoData::Bond(bond))]),
        link(7, "vrf0", vec![of_kind(InfoKind::Vrf, InfoData::Vrf(vec![InfoVrf::TableId(100)]))]),
        link(
            8,
            "d1",
            vec![
                LinkAttribute::Controller(5),
                port(InfoPortKind::Bridge, InfoPortData::BridgePort(of_bridge)),
            ],
        ),
        link(
            9,
            "d2",
            vec![LinkAttribute::Controller(6), port(InfoPortKind::Bond, InfoPortData::BondPort(of_bond))],
        ),
        link(
            10,
            "d3",
            vec![
                LinkAttribute::Controller(7),
                port(InfoPortKind::Vrf, InfoPortData::VrfPort(vec![InfoVrfPort::TableId(100)])),
            ],
        ),
    ]
}

fn passing() -> LinkMessage {
    let untagged = BridgeVlanInfoFlags::Pvid | BridgeVlanInfoFlags::Untagged;
    let info = |(flags, vid)| AfSpecBridge::VlanInfo(BridgeVlanInfo { flags, vid });
    let infos = [(untagged, 1), (BridgeVlanInfoFlags::empty(), 30)];
    let mut message = link(
        8,
        "d1",
        vec![
            LinkAttribute::Controller(5),
            LinkAttribute::AfSpecBridge(infos.into_iter().map(info).collect()),
        ],
    );
    message.header.interface_family = AddressFamily::Bridge;
    message
}

fn payload(message: &LinkMessage) -> Vec<u8> {
    let mut bytes = vec![0; message.buffer_len()];
    message.emit(&mut bytes);
    bytes
}

/// Puts answers into one datagram.
fn datagram(messages: &[LinkMessage]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for message in messages {
        let payload = payload(message);
        let mut header = NetlinkHeader::default();
        header.length = u32::try_from(header.buffer_len() + payload.len()).expect("answers are short");
        header.message_type = RTM_NEWLINK;
        header.sequence_number = 1;
        let mut begin = vec![0; header.buffer_len()];
        header.emit(&mut begin);
        bytes.extend(begin);
        bytes.extend(payload);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes
}

#[test]
fn links_of_every_kind_are_read() {
    let read = |it: &LinkMessage| links::decode(&payload(it)).expect("a link");
    let names = all().iter().map(|it| (it.header.index, read(it).name)).collect();
    let complete = |it: &LinkMessage| read(it).complete(&names, links::More::default(), &[]);
    let links: BTreeMap<_, _> = all().iter().map(|it| (read(it).name, complete(it))).collect();
    let kind = |name: &str| links[name].kind.as_deref();
    assert_eq!(kind("eno1"), None);
    for (name, parent, master, of) in [
        ("storage", Some("eno1"), None, "vlan"),
        ("qinq", Some("eno1"), None, "vlan"),
        ("br0", None, None, "bridge"),
        ("bond0", None, None, "bond"),
        ("vrf0", None, None, "vrf"),
        ("d1", None, Some("br0"), "dummy"),
        ("d2", None, Some("bond0"), "dummy"),
        ("d3", None, Some("vrf0"), "dummy"),
    ] {
        assert_eq!(kind(name), Some(of));
        assert_eq!(
            (links[name].parent.as_deref(), links[name].master.as_deref()),
            (parent, master),
            "{name}"
        );
    }
    assert_eq!(
        links["storage"].data.values().next().map(|it| it.0.as_slice()),
        Some(&42_u16.to_ne_bytes()[..])
    );
    assert_eq!(
        links["vrf0"].data.values().next().map(|it| it.0.as_slice()),
        Some(&100_u32.to_ne_bytes()[..])
    );
    assert_eq!(links["d2"].permanent_mac.map(Mac::bytes), Some([2, 0, 0, 0, 0, 7]));
}

#[test]
fn vlans_that_pass_a_port_are_read() {
    let (index, vlans) = vlans::decode(&payload(&passing())).expect("a port");
    let found: Vec<_> = vlans.iter().map(|it| (it.id.number(), it.untagged)).collect();
    assert_eq!((index, found), (8, vec![(1, true), (30, false)]));
}

#[test]
fn seeds_are_what_is_made_here() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds/netlink");
    for (name, made) in [("made-links", datagram(&all())), ("made-vlans", datagram(&[passing()]))] {
        let path = folder.join(name);
        if std::env::var_os("HOSTWRIGHT_SEEDS").is_some() {
            std::fs::write(&path, &made).expect("written");
        }
        assert!(std::fs::read(&path).ok() == Some(made), "{name} is another: HOSTWRIGHT_SEEDS=write");
    }
}
