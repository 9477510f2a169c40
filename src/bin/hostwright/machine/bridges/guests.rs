//! libvirt's network `default`, and the guests on a bridge.

use std::collections::BTreeSet;

use hostwright::artifact::DefaultBridge;
use hostwright::observed::{BridgeState, ObservedLibvirt};
use hostwright::xml::{self, Element};

/// Returns how libvirt's own network stands; absent: there is none, it is another's, or it is away.
///
/// A network of that name on a bridge that somebody else made is the administrator's.
pub(super) fn state(libvirt: &ObservedLibvirt) -> Option<BridgeState> {
    let name = DefaultBridge::Libvirt.network()?.parse().ok()?;
    let network = libvirt.networks.get(&name)?;
    let marked = xml::mark(&network.xml).ok()?.is_some();
    let definition = Element::parse(&network.xml).ok()?;
    let bridge = definition.of_child("bridge", "name");
    let own = !marked && bridge == Some(DefaultBridge::Libvirt.link());
    let (active, autostart) = (network.active, network.autostart);
    (own && (active || autostart)).then_some(BridgeState::Network { active, autostart })
}

/// Names the running guests on a bridge: by its network, by its name, or by a port of it.
pub(super) fn users(
    libvirt: &ObservedLibvirt,
    bridge: DefaultBridge,
    ports: &BTreeSet<String>,
) -> BTreeSet<String> {
    let running = libvirt.domains.iter().filter_map(|(name, it)| Some((name, it.live.as_ref()?)));
    let on = running.filter(|(_, live)| Element::parse(live).is_ok_and(|it| is_on(&it, bridge, ports)));
    on.map(|(name, _)| format!("guest `{name}`")).collect()
}

/// Names the stopped guests that are defined on a bridge.
pub(super) fn stopped(libvirt: &ObservedLibvirt, bridge: DefaultBridge) -> BTreeSet<String> {
    let stopped = libvirt.domains.iter().filter(|(_, it)| it.live.is_none());
    let none = BTreeSet::new();
    let on = stopped.filter(|(_, it)| Element::parse(&it.xml).is_ok_and(|xml| is_on(&xml, bridge, &none)));
    on.map(|(name, _)| format!("guest `{name}`")).collect()
}

fn is_on(domain: &Element, bridge: DefaultBridge, ports: &BTreeSet<String>) -> bool {
    let interfaces = domain.child("devices").into_iter().flat_map(Element::elements);
    interfaces.filter(|it| it.name == "interface").any(|it| {
        let network = it.of_child("source", "network");
        (network.is_some() && network == bridge.network())
            || it.of_child("source", "bridge") == Some(bridge.link())
            || it.of_child("target", "dev").is_some_and(|port| ports.contains(port))
    })
}

#[cfg(test)]
mod tests {
    use hostwright::observed::{ObservedDomain, ObservedNetwork};

    use super::*;

    fn libvirt(network: &str, interface: &str) -> ObservedLibvirt {
        let xml = format!("<network><name>default</name>{network}</network>");
        let network = ObservedNetwork { uuid: String::new(), xml, active: true, autostart: false };
        let live = format!("<domain><devices><interface>{interface}</interface></devices></domain>");
        let domain = ObservedDomain {
            uuid: String::new(),
            xml: String::new(),
            live: Some(live),
            autostart: false,
            managed_save: false,
            console_password: false,
        };
        let name = |it: &str| it.parse().expect("a name");
        ObservedLibvirt {
            networks: [(name("default"), network)].into(),
            domains: [(name("web1"), domain)].into(),
        }
    }

    #[test]
    fn only_the_network_as_libvirt_makes_it_is_a_default_bridge() {
        let own = "<forward mode='nat'/><bridge name='virbr0' stp='on' delay='0'/>";
        let marked = format!(
            "<metadata><hw:network xmlns:hw='{}' spec='network.default'/></metadata>{own}",
            hostwright::artifact::libvirt::MARK_NAMESPACE
        );
        let expected = BridgeState::Network { active: true, autostart: false };
        assert_eq!(state(&libvirt(own, "")), Some(expected));
        assert_eq!(state(&libvirt("<forward mode='bridge'/><bridge name='br0'/>", "")), None);
        assert_eq!(state(&libvirt(&marked, "")), None);
        assert_eq!(state(&ObservedLibvirt::default()), None);
    }

    #[test]
    fn stopped_guests_are_known_by_their_definition() {
        let mut libvirt = libvirt("", "<source network='default'/>");
        let domain = libvirt.domains.values_mut().next().expect("a guest");
        domain.xml = domain.live.take().expect("a definition");
        assert_eq!(stopped(&libvirt, DefaultBridge::Libvirt).len(), 1);
        assert_eq!(stopped(&libvirt, DefaultBridge::Lxc).len(), 0);
        assert_eq!(users(&libvirt, DefaultBridge::Libvirt, &BTreeSet::new()).len(), 0);
    }

    #[track_caller]
    fn check(interface: &str, bridge: DefaultBridge, ports: &[&str], expected: bool) {
        let ports = ports.iter().map(|it| (*it).to_owned()).collect();
        let users = users(&libvirt("", interface), bridge, &ports);
        assert_eq!(users.contains("guest `web1`"), expected, "{users:?}");
    }

    #[test]
    fn a_guest_uses_a_bridge_by_network_name_or_port() {
        use DefaultBridge::{Libvirt, Lxc};
        check("<source network='default' bridge='virbr0'/>", Libvirt, &[], true);
        check("<source bridge='lxcbr0'/>", Lxc, &[], true);
        check("<source network='lan'/><target dev='vnet3'/>", Lxc, &["vnet3"], true);
        check("<source network='lan'/><target dev='vnet3'/>", Libvirt, &["vnet4"], false);
        check("<source dev='eno1' mode='bridge'/>", Lxc, &[], false);
    }
}
