//! Specs that are written from pictures of hosts: they compile, and the hosts are what they say.

mod common;

use std::collections::BTreeMap;

use common::{compile, snapshot, target};
use hostwright::artifact::{Artifacts, Bytes, PortVlan, Rule};
use hostwright::import::{Found, spec};
use hostwright::observed::{
    AddressState, Networkd, Observed, ObservedAddress, ObservedDomain, ObservedLibvirt, ObservedLink,
    ObservedNetwork, ObservedRoute, ObservedRule, Texts, managers,
};
use hostwright::plan::{Deferral, Reach, plan};

fn address(text: &str) -> ObservedAddress {
    let address: hostwright::value::InterfaceAddress = text.parse().expect("an address");
    ObservedAddress { address, broadcast: address.broadcast(), state: AddressState::Usable, permanent: true }
}

fn leased(text: &str) -> ObservedAddress {
    ObservedAddress { permanent: false, ..address(text) }
}

fn card(index: u32, addresses: &[&str]) -> ObservedLink {
    let mac = format!("3c:ec:ef:00:00:{index:02x}").parse().ok();
    let addresses = addresses.iter().map(|it| address(it)).collect();
    ObservedLink { index, mtu: 1500, mac, permanent_mac: mac, up: true, addresses, ..ObservedLink::default() }
}

fn made(index: u32, kind: &str, data: &[(u16, Bytes)], addresses: &[&str]) -> ObservedLink {
    let data = data.iter().cloned().collect();
    ObservedLink { kind: Some(kind.to_owned()), data, permanent_mac: None, ..card(index, addresses) }
}

fn on(parent: &str, link: ObservedLink) -> ObservedLink {
    ObservedLink { parent: Some(parent.to_owned()), ..link }
}

fn port_of(master: &str, link: ObservedLink) -> ObservedLink {
    ObservedLink { master: Some(master.to_owned()), ..link }
}

fn vlan(index: u32, id: u16, addresses: &[&str]) -> ObservedLink {
    made(index, "vlan", &[(1, Bytes::from(id)), (5, Bytes(vec![0x81, 0]))], addresses)
}

fn route(device: &str, to: &str, via: Option<&str>, rest: &str) -> ObservedRoute {
    ObservedRoute {
        table: 254,
        protocol: 4,
        device: Some(device.to_owned()),
        to: to.parse().expect("a network"),
        via: via.and_then(|it| it.parse().ok()),
        metric: 0,
        rest: rest.to_owned(),
    }
}

fn found(links: &[(&str, ObservedLink)], loaded: &[(&str, &str)], texts: &[(&str, &str)]) -> Found {
    let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
    let mut links: BTreeMap<_, _> =
        links.iter().map(|(name, link)| ((*name).to_owned(), link.clone())).collect();
    links.insert("lo".to_owned(), ObservedLink { mac: None, mtu: 65536, ..card(1, &[]) });
    for (name, link) in &mut links {
        link.sysctls.insert(format!("ipv6/conf/{name}/addr_gen_mode"), "0".to_owned());
    }
    let loaded: BTreeMap<_, _> = loaded.iter().map(owned).collect();
    let texts: Texts = texts.iter().map(owned).collect();
    let managers = managers(&links, &loaded, &texts);
    let written = texts.iter().filter(|it| it.0.starts_with("/etc/systemd/network/"));
    let written = written.map(|(path, text)| (path.clone(), text.clone())).collect();
    let networkd = Some(Networkd { version: 252, loaded, ..Networkd::default() });
    let observed = Observed { links, managers, written, networkd, ..Observed::default() };
    Found { host: "hv1".to_owned(), observed, texts, libvirt_refusal: None }
}

const UPLINK: &str = "/etc/systemd/network/20-uplink.network";

fn plain() -> Found {
    let text = "[Match]\nName=eno1\n[Network]\nAddress=192.0.2.2/24\nGateway=192.0.2.1\nDNS=192.0.2.53\nLLDP=yes\n\
                [RoutingPolicyRule]\nFrom=10.9.0.0/24\nTable=100\nPriority=90\n";
    let mut found = found(
        &[
            ("eno1", card(2, &["192.0.2.2/24", "fe80::1/64"])),
            ("eno2", ObservedLink { up: false, ..card(3, &[]) }),
        ],
        &[("eno1", UPLINK)],
        &[(UPLINK, text), ("/etc/fstab", FSTAB), ("/etc/iscsi/nodes/x/default", NODE)],
    );
    let observed = &mut found.observed;
    observed.routes.insert(route("eno1", "0.0.0.0/0", Some("192.0.2.1"), "unicast scope global"));
    observed.routes.insert(route(
        "eno1",
        "10.1.0.0/16",
        Some("192.0.2.9"),
        "unicast scope global src 192.0.2.2",
    ));
    let rule = |priority, rest: &str| ObservedRule {
        priority,
        from: "10.9.0.0/24".parse().ok(),
        to: None,
        table: 100,
        protocol: 4,
        rest: rest.to_owned(),
    };
    observed.rules = [rule(90, "inet lookup"), rule(91, "inet lookup fwmark 7")].into();
    found
}

const FSTAB: &str = "# root\nUUID=11 / ext4 defaults 0 1\n/dev/mapper/vg--san-scratch /srv/scratch ext4 noatime,_netdev,x-systemd.automount 0 2\nnas:/x /mnt/x nfs defaults 0 0\n";
const NODE: &str = "node.name = iqn.2026-01.example.san:hv1\nnode.conn[0].address = 10.0.42.10\nnode.conn[0].port = 3260\nnode.startup = automatic\nnode.session.auth.username = hv1\n";

/// A bond of two cards, VLANs on it and a bridge on one of them, by networkd.
fn bonded() -> Found {
    let bond = made(
        4,
        "bond",
        &[
            (1, Bytes::from(4_u8)),
            (3, Bytes::from(100_u32)),
            (14, Bytes::from(1_u8)),
            (21, Bytes::from(1_u8)),
            (17, Bytes::from(1_u8)),
        ],
        &["192.0.2.2/24"],
    );
    let bridge = [
        (1, Bytes::from(1500_u32)),
        (4, Bytes::from(30_000_u32)),
        (5, Bytes::from(0_u32)),
        (6, Bytes::from(0x8000_u16)),
        (7, Bytes::from(0_u8)),
        (23, Bytes::from(1_u8)),
    ];
    let files = ["bond0", "eno1", "eno2", "storage", "v20", "br20"]
        .map(|it| (it, format!("/etc/systemd/network/20-{it}.network")));
    let loaded: Vec<_> = files.iter().map(|(name, path)| (*name, path.as_str())).collect();
    let text = "[Network]\nIPv6AcceptRA=no\n";
    let texts: Vec<_> = loaded.iter().map(|(_, path)| (*path, text)).collect();
    let mac = |link: ObservedLink| ObservedLink { mac: "3c:ec:ef:00:00:02".parse().ok(), ..link };
    let mut found = found(
        &[
            ("eno1", port_of("bond0", mac(card(2, &[])))),
            ("eno2", port_of("bond0", mac(card(3, &[])))),
            ("bond0", mac(bond)),
            ("storage", on("bond0", mac(vlan(5, 42, &["10.0.42.2/24"])))),
            ("v20", port_of("br20", on("bond0", mac(vlan(6, 20, &[]))))),
            ("br20", made(7, "bridge", &bridge, &["10.0.20.2/24"])),
            ("vnet0", port_of("br20", made(9, "tun", &[], &[]))),
        ],
        &loaded,
        &texts,
    );
    for name in ["eno1", "eno2", "bond0", "storage", "v20", "br20", "vnet0"] {
        found.observed.links.get_mut(name).expect("it is there").mtu = 9000;
    }
    found
}

fn ifupdown() -> Found {
    let text = "auto eth0\niface eth0 inet static\n  address 192.0.2.2/24\niface eth0.42 inet dhcp\n";
    let eth = card(2, &["192.0.2.2/24"]);
    let tagged = on(
        "eth0",
        ObservedLink { mac: eth.mac, addresses: vec![leased("10.0.42.2/24")], ..vlan(3, 42, &[]) },
    );
    let links = [("eth0", eth), ("eth0.42", tagged), ("docker0", made(4, "bridge", &[], &["172.17.0.1/16"]))];
    let mut found = found(&links, &[], &[("/etc/network/interfaces", text)]);
    let default = ObservedRoute {
        protocol: 3,
        ..route("eth0", "0.0.0.0/0", Some("192.0.2.1"), "unicast scope global onlink")
    };
    found.observed.routes.insert(default);
    found.observed.networkd = None;
    found
}

/// A link that bridge-utils told to give itself no other address keeps the one that it has.
#[test]
fn a_link_local_address_that_is_there_is_said() {
    for (addresses, said) in [(&["192.0.2.2/24", "fe80::1/64"][..], false), (&["192.0.2.2/24"], true)] {
        let mut found = found(&[("eth0", card(2, addresses))], &[], &[]);
        let link = found.observed.links.get_mut("eth0").expect("it is there");
        link.sysctls.insert("ipv6/conf/eth0/addr_gen_mode".to_owned(), "1".to_owned());
        let (text, _) = compiled(&found);
        assert_eq!(text.contains("link-local-addressing = \"no\""), said, "{text}");
    }
}

fn netplan() -> Found {
    let made = "/run/systemd/network/10-netplan-eno1.network";
    let text = "[Match]\nName=eno1\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=ipv6\n[DHCP]\nRouteMetric=100\nUseMTU=true\n";
    let yaml = "network:\n  ethernets:\n    eno1: {dhcp4: true}\n";
    let mut eno1 = card(2, &[]);
    eno1.addresses = vec![leased("192.0.2.7/24"), leased("2001:db8::7/64")];
    let mut found =
        found(&[("eno1", eno1)], &[("eno1", made)], &[(made, text), ("/etc/netplan/01.yaml", yaml)]);
    let network = |xml: &str| ObservedNetwork {
        uuid: UUID.to_owned(),
        xml: xml.to_owned(),
        active: true,
        autostart: true,
    };
    let guests =
        "<network><name>guests</name><forward mode='bridge'><interface dev='eno1'/></forward></network>";
    let default = "<network><name>default</name><forward mode='nat'/><bridge name='virbr0'/></network>";
    let domain = ObservedDomain {
        uuid: UUID.to_owned(),
        xml: String::new(),
        live: None,
        autostart: false,
        managed_save: false,
        console_password: false,
    };
    let name = |it: &str| it.parse().expect("a name");
    found.observed.libvirt = Some(ObservedLibvirt {
        networks: [(name("guests"), network(guests)), (name("default"), network(default))].into(),
        domains: [(name("web1"), domain)].into(),
    });
    found
}

const UUID: &str = "2f1b6c1e-8a53-4f0e-9d0a-6b1f0c9d7e42";

/// Compiles what was written for a host.
#[track_caller]
fn compiled(found: &Found) -> (String, Artifacts) {
    let text = spec(found, &target(252));
    let (artifacts, diagnostics) = compile(&text);
    (text.clone(), artifacts.unwrap_or_else(|| panic!("{diagnostics:?}\n{text}")))
}

#[test]
fn what_is_written_says_what_the_host_has() {
    for (name, found) in
        [("plain", plain()), ("bonded", bonded()), ("ifupdown", ifupdown()), ("netplan", netplan())]
    {
        let (text, _) = compiled(&found);
        snapshot!(format!("import@{name}"), text);
    }
}

/// What networkd's files configure can be taken over, and other tools refuse.
#[test]
fn a_host_of_networkd_is_taken_over_as_it_was_written() {
    for (found, may) in [(plain(), true), (bonded(), true), (ifupdown(), false), (netplan(), false)] {
        let (text, artifacts) = compiled(&found);
        let mut observed = found.observed.clone();
        observed.libvirt = Some(ObservedLibvirt::default());
        let plan = plan(&Artifacts::default(), &artifacts, &observed, Reach::Machine, Deferral::TakeOver);
        assert_eq!(plan.may_be_applied(), may, "{text}\n{plan}");
    }
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    fn kinds() -> impl Strategy<Value = Option<String>> {
        const WORDS: &[&str] =
            &["vlan", "bond", "bridge", "macvlan", "macvtap", "vrf", "dummy", "veth", "team"];
        proptest::option::of(proptest::sample::select(WORDS).prop_map(str::to_owned))
    }

    fn data() -> impl Strategy<Value = BTreeMap<u16, Bytes>> {
        let value = prop_oneof![
            any::<u8>().prop_map(Bytes::from),
            any::<u16>().prop_map(Bytes::from),
            (0_u32..5000).prop_map(Bytes::from),
            proptest::collection::vec(any::<u8>(), 0..9).prop_map(Bytes)
        ];
        proptest::collection::btree_map(0_u16..44, value, 0..44)
    }

    fn name() -> impl Strategy<Value = String> {
        prop_oneof![
            Just("eno1".to_owned()),
            Just("a.5".to_owned()),
            Just("bond0".to_owned()),
            "[a-z\\.\" é]{1,15}"
        ]
    }

    fn link() -> impl Strategy<Value = ObservedLink> {
        let ends = (proptest::option::of(name()), proptest::option::of(name()));
        let vlans = proptest::collection::vec((1_i64..4095, any::<bool>()), 0..4);
        (
            kinds(),
            data(),
            ends,
            any::<bool>(),
            60_u32..70_000,
            proptest::collection::vec(any::<[u8; 5]>(), 0..3),
            vlans,
        )
            .prop_map(|(kind, data, (parent, master), up, mtu, ips, vlans)| ObservedLink {
                kind,
                data,
                parent,
                master,
                up,
                mtu,
                alias: Some("hostwright [x.y]".to_owned()),
                addresses: ips
                    .iter()
                    .map(|[a, b, c, d, p]| address_of([*a, *b, *c, *d], p % 33))
                    .collect::<Option<_>>()
                    .unwrap_or_default(),
                vlans: vlans
                    .into_iter()
                    .map(|(id, untagged)| PortVlan {
                        id: hostwright::value::VlanId::new(id).expect("an id"),
                        untagged,
                    })
                    .collect(),
                ..card(2, &[])
            })
    }

    fn address_of(ip: [u8; 4], prefix: u8) -> Option<ObservedAddress> {
        let address = hostwright::value::InterfaceAddress::new(std::net::Ipv4Addr::from(ip).into(), prefix)?;
        Some(ObservedAddress { address, broadcast: None, state: AddressState::Usable, permanent: true })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn whatever_is_found_compiles(
            links in proptest::collection::btree_map(name(), link(), 0..6),
            text in "(\\[[A-Za-z]{1,9}\\]\n|[A-Za-z0-9é]{1,9}=[ -~é\"\\\\]{0,12}\n){0,9}",
            host in "[ -~]{0,12}",
        ) {
            let loaded = links.keys().map(|it| (it.clone(), UPLINK.to_owned())).collect();
            let networkd = Some(Networkd { version: 252, loaded, ..Networkd::default() });
            let observed = Observed { links, networkd, ..Observed::default() };
            let texts: Texts = [(UPLINK, &text), ("/etc/fstab", &text)].map(|(path, text)| (path.to_owned(), text.clone())).into();
            let found = Found { host, observed, texts, libvirt_refusal: Some("a\nb".to_owned()) };
            compiled(&found);
        }
    }
}

/// A rule that is written is the rule that was found.
#[test]
fn rules_come_back() {
    let (_, artifacts) = compiled(&plain());
    let rules: Vec<Rule> = artifacts.links().flat_map(|it| it.rules.clone()).collect();
    let found = plain().observed.rules;
    assert_eq!(rules.len(), 1);
    assert!(found.iter().any(|it| it.is(&rules[0])));
}
