//! Pictures of hosts that others manage.

use std::collections::BTreeMap;

use hostwright::artifact::Bytes;
use hostwright::import::Found;
use hostwright::observed::{
    AddressState, Networkd, Observed, ObservedAddress, ObservedDomain, ObservedLibvirt, ObservedLink,
    ObservedNetwork, ObservedRoute, ObservedRule, Texts, managers,
};

fn address(text: &str) -> ObservedAddress {
    let address: hostwright::value::InterfaceAddress = text.parse().expect("an address");
    ObservedAddress { address, broadcast: address.broadcast(), state: AddressState::Usable, permanent: true }
}

fn leased(text: &str) -> ObservedAddress {
    ObservedAddress { permanent: false, ..address(text) }
}

pub(crate) fn card(index: u32, addresses: &[&str]) -> ObservedLink {
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

pub(crate) fn found(
    links: &[(&str, ObservedLink)],
    loaded: &[(&str, &str)],
    texts: &[(&str, &str)],
) -> Found {
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

pub(crate) const UPLINK: &str = "/etc/systemd/network/20-uplink.network";

pub(crate) fn plain() -> Found {
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
pub(crate) fn bonded() -> Found {
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

pub(crate) fn ifupdown() -> Found {
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

pub(crate) fn netplan() -> Found {
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
