//! Machines as they look when a spec was applied to them.

use std::collections::BTreeMap;

use hostwright::artifact::{Address, Artifact, Artifacts, Root};
use hostwright::observed::{
    AddressState, Functions, LeftAlone, Networkd, Observed, ObservedAddress, ObservedDomain, ObservedLibvirt,
    ObservedLink, ObservedNetwork, ObservedRoute, RoutingDaemon, STATIC, UnitState,
};

use super::compile;

/// Compiles texts that have no mistakes.
pub(crate) fn artifacts(parts: &[&str]) -> Artifacts {
    let (artifacts, diagnostics) = compile(&parts.concat());
    artifacts.unwrap_or_else(|| panic!("{diagnostics:?}"))
}

/// Returns a machine that shows all artifacts, where networkd has loaded every link and BIRD runs.
pub(crate) fn machine(artifacts: &Artifacts) -> Observed {
    let loaded = artifacts.links().map(|it| (it.name.to_string(), "ours".to_owned())).collect();
    let mut observed = Observed {
        files: artifacts
            .files()
            .filter(|it| it.place.root != Root::Unit)
            .map(|it| (it.place.clone(), it.content.clone()))
            .collect(),
        networkd: Some(Networkd { version: 252, left_alone: LeftAlone::ALL, loaded, ..Networkd::default() }),
        daemons: [RoutingDaemon::Bird].into(),
        libvirt: Some(ObservedLibvirt::default()),
        kvm: true,
        ..Observed::default()
    };
    observed.links.insert("eno1".to_owned(), card());
    for entry in artifacts.iter() {
        show(&mut observed, &entry.artifact);
    }
    observed
}

/// Returns a network card with nothing on it.
pub(crate) fn card() -> ObservedLink {
    ObservedLink {
        index: 2,
        kind: None,
        data: BTreeMap::new(),
        parent: None,
        master: None,
        vlans: Vec::new(),
        neighbors: Vec::new(),
        mtu: 1500,
        mac: "3c:ec:ef:00:00:01".parse().ok(),
        permanent_mac: None,
        alias: None,
        up: true,
        carrier: true,
        addresses: Vec::new(),
        sysctls: BTreeMap::new(),
        path: None,
        functions: Some(Functions { present: 0, most: 7 }),
        virtual_functions: Vec::new(),
    }
}

fn show(observed: &mut Observed, artifact: &Artifact) {
    let libvirt = observed.libvirt.as_mut().expect("it is there");
    match artifact {
        Artifact::Link(link) => {
            let address = |it: &Address| ObservedAddress {
                address: it.address,
                broadcast: it.broadcast,
                state: AddressState::Usable,
                permanent: true,
            };
            let shown = ObservedLink {
                kind: link.device.as_ref().map(|it| it.kind.clone()),
                data: link
                    .device
                    .iter()
                    .flat_map(|it| &it.settings)
                    .filter(|it| !it.value.0.is_empty())
                    .map(|it| (it.attribute, it.value.clone()))
                    .collect(),
                parent: link.parent().map(ToString::to_string),
                vlans: link.vlans.clone().unwrap_or_default(),
                mtu: link.mtu.bytes(),
                mac: link.mac.or(card().mac),
                alias: link.alias.clone(),
                addresses: link.addresses.iter().map(address).collect(),
                ..card()
            };
            observed.links.insert(link.name.to_string(), shown);
        }
        Artifact::Unit(unit) => drop(observed.units.insert(unit.name.clone(), UnitState::Active)),
        Artifact::Network(it) => {
            let shown =
                ObservedNetwork { uuid: it.uuid.clone(), xml: it.xml.clone(), active: true, autostart: true };
            libvirt.networks.insert(it.name.clone(), shown);
        }
        Artifact::Domain(it) => {
            let xml = hostwright::xml::complete(&it.xml, None).expect("XML");
            let (live, uuid) = (Some(xml.clone()), it.uuid.clone());
            let shown = ObservedDomain {
                uuid,
                xml,
                live,
                autostart: false,
                managed_save: false,
                console_password: false,
            };
            libvirt.domains.insert(it.name.clone(), shown);
        }
        Artifact::File(_) | Artifact::Target(_) | Artifact::Absent(_) => {}
    }
}

/// Has a link be the port of a master as the artifacts say.
pub(crate) fn enslave(observed: &mut Observed, artifacts: &Artifacts) {
    for (index, shown) in (10..).zip(observed.links.values_mut()) {
        shown.index = index;
    }
    for link in artifacts.links() {
        for port in &link.ports {
            let shown = observed.links.get_mut(port.link.as_str()).expect("a port");
            let index = shown.index;
            (shown.master, shown.vlans) =
                (Some(link.name.to_string()), port.vlans.clone().unwrap_or_default());
            let master = observed.links.get_mut(link.name.as_str()).expect("a master");
            master.data.extend(port.elected.map(|it| (it, index.into())));
        }
        let shown = observed.links.get_mut(link.name.as_str()).expect("a link");
        shown.neighbors.clone_from(&link.neighbors);
        observed.routes.extend(link.routes.iter().map(|it| ObservedRoute {
            to: it.network(),
            via: it.via,
            device: Some(link.name.to_string()),
            table: it.table,
            protocol: STATIC,
            metric: it.priority(),
            rest: "unicast".to_owned(),
        }));
    }
}
