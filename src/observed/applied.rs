//! A machine as a spec would have made it, for whoever asks what another spec would do there without having it at hand.

use super::{
    AddressState, Functions, LeftAlone, Networkd, NextStart, Observed, ObservedAddress, ObservedDomain,
    ObservedLibvirt, ObservedLink, ObservedNetwork, ObservedRoute, ObservedRule, STATIC, UnitState,
};
use crate::artifact::{
    Artifact, Artifacts, Bytes, Domain, Link, Network, Purpose, Root, Route, RouteType, Rule, Start, Unit,
    network_place,
};
use crate::value::InterfaceName;

impl Observed {
    /// Makes the picture of a machine that runs a spec exactly, of this systemd: every link is up and networkd has loaded
    /// it, every unit, guest and container runs that starts by itself.
    ///
    /// Nobody else is there: no BGP session, no routes, rules and nexthops of others, nobody's files. What a spec takes
    /// as given — network cards, what installs a container's unit, hardware that runs guests — is there for the coming
    /// spec, too.
    #[must_use]
    pub fn as_applied(applied: &Artifacts, coming: &Artifacts, systemd: u32) -> Self {
        let path = |it: &Link| network_place(&it.name).to_string();
        let networkd = Networkd {
            version: systemd,
            left_alone: LeftAlone::ALL,
            next: NextStart { version: systemd, point: None, left_alone: LeftAlone::ALL },
            loaded: applied.links().map(|it| (it.name.to_string(), path(it))).collect(),
            ..Networkd::default()
        };
        let mut observed = Self {
            files: applied
                .files()
                .filter(|it| it.place.root != Root::Unit)
                .map(|it| (it.place.clone(), it.content.clone()))
                .collect(),
            networkd: Some(networkd),
            libvirt: Some(ObservedLibvirt::default()),
            kvm: true,
            ..Self::default()
        };
        applied.iter().for_each(|it| observed.show(&it.artifact));
        coming.iter().for_each(|it| observed.take_as_given(&it.artifact));
        observed.number_links();
        applied.links().for_each(|it| observed.make_master(it));
        observed
    }

    fn show(&mut self, artifact: &Artifact) {
        match artifact {
            Artifact::Link(link) => {
                self.links.insert(link.name.to_string(), shown(link));
                self.routes.extend(link.routes.iter().map(|it| route(&link.name, it)));
                self.rules.extend(link.rules.iter().map(rule));
            }
            Artifact::Unit(unit) => self.show_unit(unit),
            Artifact::Network(it) => self.show_network(it),
            Artifact::Domain(it) => self.show_domain(it),
            Artifact::File(_) | Artifact::Target(_) | Artifact::Absent(_) => {}
        }
    }

    fn show_unit(&mut self, unit: &Unit) {
        let idle = matches!(unit.purpose, Purpose::Container { start: Start::Manual, .. });
        let state = if idle { UnitState::Inactive } else { UnitState::Active };
        self.units.insert(unit.name.clone(), state);
    }

    fn show_network(&mut self, network: &Network) {
        let Network { name, uuid, xml, .. } = network.clone();
        let shown = ObservedNetwork { uuid, xml, active: true, autostart: true };
        self.libvirt.iter_mut().for_each(|it| drop(it.networks.insert(name.clone(), shown.clone())));
    }

    fn show_domain(&mut self, domain: &Domain) {
        // A definition that cannot be completed is not in libvirt, and the plan says why.
        let Ok(xml) = crate::xml::complete(&domain.xml, None) else { return };
        let live = (domain.start != Start::Manual).then(|| xml.clone());
        let shown = ObservedDomain {
            uuid: domain.uuid.clone(),
            xml,
            live,
            autostart: false,
            managed_save: false,
            console_password: false,
        };
        self.libvirt.iter_mut().for_each(|it| drop(it.domains.insert(domain.name.clone(), shown.clone())));
    }

    fn take_as_given(&mut self, artifact: &Artifact) {
        match artifact {
            Artifact::Link(link) if link.is_hardware() && !link.renamed => {
                self.links.entry(link.name.to_string()).or_insert_with(|| card(link));
            }
            Artifact::Unit(unit) if matches!(unit.purpose, Purpose::Container { .. }) => {
                self.units.entry(unit.name.clone()).or_insert(UnitState::Inactive);
            }
            _ => {}
        }
    }

    fn number_links(&mut self) {
        // 1 is the loopback device's.
        (2..).zip(self.links.values_mut()).for_each(|(index, it)| it.index = index);
    }

    /// Gives a master its ports.
    fn make_master(&mut self, master: &Link) {
        for port in &master.ports {
            let Some(link) = self.links.get_mut(port.link.as_str()) else { continue };
            link.master = Some(master.name.to_string());
            link.vlans = port.vlans.clone().unwrap_or_default();
            let index = Bytes::from(link.index);
            let elected = port.elected.and_then(|it| Some((self.links.get_mut(master.name.as_str())?, it)));
            elected
                .into_iter()
                .for_each(|(link, attribute)| drop(link.data.insert(attribute, index.clone())));
        }
    }
}

/// Returns a card that nobody has configured.
fn card(link: &Link) -> ObservedLink {
    ObservedLink {
        mtu: crate::value::Mtu::ETHERNET.bytes(),
        mac: link.expect_mac,
        path: link.expect_path.as_ref().map(ToString::to_string),
        functions: Some(Functions { present: 0, most: u32::MAX }),
        ..ObservedLink::default()
    }
}

fn shown(link: &Link) -> ObservedLink {
    let address = |it: &crate::artifact::Address| ObservedAddress {
        address: it.address,
        broadcast: it.broadcast,
        state: AddressState::Usable,
        permanent: true,
    };
    let device = link.device.as_ref();
    let settings = device.into_iter().flat_map(|it| &it.settings);
    ObservedLink {
        kind: device.map(|it| it.kind.clone()),
        data: settings.map(|it| (it.attribute, it.value.clone())).collect(),
        parent: link.parent().map(ToString::to_string),
        vlans: link.vlans.clone().unwrap_or_default(),
        neighbors: link.neighbors.clone(),
        mtu: link.mtu.bytes(),
        mac: link.mac.or(link.expect_mac),
        alias: link.alias.clone(),
        up: true,
        carrier: true,
        addresses: link.addresses.iter().map(address).collect(),
        sysctls: link.all_sysctls().map(|(path, value)| (path.clone(), value.clone())).collect(),
        functions: link
            .is_hardware()
            .then(|| Functions { present: link.functions.unwrap_or(0), most: u32::MAX }),
        virtual_functions: link.virtual_functions.clone(),
        ..card(link)
    }
}

fn route(link: &InterfaceName, route: &Route) -> ObservedRoute {
    let source = route.preferred_source.map_or_else(String::new, |it| format!(" src {it}"));
    ObservedRoute {
        table: route.table,
        protocol: STATIC,
        device: (route.kind == RouteType::Unicast).then(|| link.to_string()),
        to: route.network(),
        via: route.via,
        metric: route.priority(),
        rest: format!("{}{source}", route.kind.word()),
    }
}

fn rule(rule: &Rule) -> ObservedRule {
    let family = if rule.is_ipv4() { "inet" } else { "inet6" };
    ObservedRule {
        priority: rule.priority,
        from: rule.from,
        to: rule.to,
        table: rule.table,
        protocol: STATIC,
        rest: format!("{family} lookup"),
    }
}
