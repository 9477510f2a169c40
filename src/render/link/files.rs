//! networkd's and udev's files of a link.

use minijinja::{Value, context};

use super::settings::{Dhcp, LinkLocal, Settings};
use crate::artifact::{
    Device, Link, PortVlan, Route, RouteType, device_place, drop_in_place, link_place, network_place,
    sysctl_place,
};
use crate::render::Output;
use crate::spec::Word;

impl Output<'_> {
    pub(super) fn networkd_files(&mut self, link: &Link, settings: &Settings, ports: &[PortLines]) {
        let name = link.name.as_str();
        let context = network_context(link, settings, self.target.systemd);
        self.file(network_place(&link.name), "link.network", context);
        for (port, lines) in link.ports.iter().zip(ports) {
            let vlans = port.vlans.as_deref().unwrap_or_default();
            let context = port_context(lines, vlans, self.target.systemd);
            self.file(drop_in_place(&port.link, &link.name), "port.conf", context);
        }
        let Some(device) = &link.device else {
            return;
        };
        self.file(device_place(&link.name), "link.netdev", netdev_context(link, device));
        let alias = context! { name, alias => link.alias.clone() };
        self.file(link_place(&link.name), "alias.link", alias);
        if !link.own_sysctls.is_empty() {
            let lines = link.own_sysctls.iter().map(|(path, value)| context! { path, value });
            let context = context! { lines => lines.collect::<Vec<_>>() };
            self.file(sysctl_place(&link.name), "link.sysctl", context);
        }
        if let Some(parent) = &device.parent {
            let context = context! { name, key => device.parent_key.as_str() };
            self.file(drop_in_place(parent, &link.name), "parent.conf", context);
        }
    }
}

/// What a port's drop-in says beside its VLANs: `Bond=bond0`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PortLines {
    /// Lines of `[Network]`: key and value.
    pub network: Vec<(&'static str, String)>,
}

fn port_context(port: &PortLines, vlans: &[PortVlan], systemd: u32) -> Value {
    let lines: Vec<_> = port.network.iter().map(|(key, value)| context! { key => *key, value }).collect();
    context! { keep_master => systemd >= 250, lines, vlans => vlan_context(vlans) }
}

/// Writes VLANs of a port; adjacent numbers as one range.
fn vlan_context(vlans: &[PortVlan]) -> Vec<Value> {
    let mut ranges: Vec<(u16, u16, bool)> = Vec::new();
    for vlan in vlans {
        let id = vlan.id.number();
        match ranges.last_mut().filter(|it| !vlan.untagged && !it.2 && it.1 + 1 == id) {
            Some(range) => range.1 = id,
            None => ranges.push((id, id, vlan.untagged)),
        }
    }
    ranges
        .into_iter()
        .map(|(first, last, untagged)| {
            let ids = if first == last { first.to_string() } else { format!("{first}-{last}") };
            context! { ids, untagged }
        })
        .collect()
}

fn netdev_context(link: &Link, device: &Device) -> Value {
    let lines: Vec<_> = device
        .settings
        .iter()
        .filter_map(|it| Some(context! { key => it.key.as_str(), value => it.text.clone()? }))
        .collect();
    context! {
        name => link.name.as_str(),
        kind => device.kind.as_str(),
        // A bridge keeps one that it gets, and not one that it is made with; and from 257 on networkd gives this one to a bridge
        // that is there each time that it starts.
        mtu => (!device.is_bridge()).then(|| link.mtu.bytes()),
        mac => link.mac.map(|it| it.to_string()),
        section => device.section.as_str(),
        lines,
    }
}

fn network_context(link: &Link, settings: &Settings, systemd: u32) -> Value {
    let link_local = settings.link_local(link.is_hardware());
    let alone = waits_for_guests(link);
    context! {
        name => link.name.as_str(),
        mtu => link.mtu.bytes(),
        link_local => link_local.word(),
        accept_ra => if settings.accept_ra { "yes" } else { "no" },
        // On a root that comes over the network networkd keeps all unless it is told not to, and these then take away what
        // they keep when they read a changed file. Leases and advertised addresses are to be kept there.
        keep => !(250..257).contains(&systemd) || settings.dhcp != Dhcp::No || settings.accept_ra,
        // Switches speak it to cards. networkd keeps a socket open for each link that listens, and the kernel takes 20 ms to
        // make one: a thousand VLANs took 20 s more, and its 1,024 files.
        lldp => link.is_hardware(),
        dhcp => (settings.dhcp != Dhcp::No).then(|| settings.dhcp.word()),
        online => settings.required_for_online.unwrap_or(link_local != LinkLocal::No && !alone),
        without_carrier => alone,
        keep_master => systemd >= 250,
        dns => texts(&settings.dns),
        domains => texts(&settings.domains),
        addresses => link.addresses.iter().map(|it| {
            context! { address => it.address.to_string(), broadcast => it.broadcast.map(|it| it.to_string()) }
        }).collect::<Vec<_>>(),
        routes => link.routes.iter().map(route_context).collect::<Vec<_>>(),
        rules => link.rules.iter().map(|it| context! {
            priority => it.priority,
            table => it.table,
            from => it.from.map(|it| it.to_string()),
            to => it.to.map(|it| it.to_string()),
        }).collect::<Vec<_>>(),
        neighbors => link.neighbors.iter().map(|it| context! {
            address => it.address.to_string(),
            link_layer_address => it.link_layer_address.to_string(),
        }).collect::<Vec<_>>(),
        vlans => vlan_context(link.vlans.as_deref().unwrap_or_default()),
        raw => settings.raw.iter().map(raw_context).collect::<Vec<_>>(),
    }
}

/// Says whether a link has a carrier while guests or containers run alone: networkd would take the addresses that it was
/// given before, and a boot would wait for it.
fn waits_for_guests(link: &Link) -> bool {
    link.ports.is_empty() && link.device.as_ref().is_some_and(|it| it.kind == "bridge")
}

fn texts<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

fn route_context(route: &Route) -> Value {
    context! {
        to => route.network().to_string(),
        via => route.via.map(|it| it.to_string()),
        on_link => route.on_link,
        metric => route.metric,
        table => (route.table != crate::artifact::MAIN_TABLE).then_some(route.table),
        type => (route.kind != RouteType::Unicast).then(|| route.kind.word()),
        preferred_source => route.preferred_source.map(|it| it.to_string()),
    }
}

fn raw_context(section: &super::raw::RawSection) -> Value {
    let lines =
        section.lines.iter().map(|(key, value)| context! { key => key.as_str(), value => value.as_str() });
    context! { name => section.name.as_str(), lines => lines.collect::<Vec<_>>() }
}
