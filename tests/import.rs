//! Specs that are written from pictures of hosts: they compile, and the hosts are what they say.

mod common;
#[path = "import/found.rs"]
mod found;

use std::collections::BTreeMap;

use common::{compile, snapshot, target};
use found::{UPLINK, bonded, card, found, ifupdown, netplan, plain};
use hostwright::artifact::{Artifacts, Bytes, PortVlan, Rule};
use hostwright::import::{Found, spec};
use hostwright::observed::{
    AddressState, Networkd, Observed, ObservedAddress, ObservedLibvirt, ObservedLink, Texts,
};
use hostwright::plan::{Deferral, Reach, plan};

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
