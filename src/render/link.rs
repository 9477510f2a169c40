//! Links, twice from one model: networkd's files for the boot, kernel state for the live change.

use std::collections::BTreeMap;

use minijinja::{Value, context};

use super::Output;
use crate::artifact::link::ALIAS_MARK;
use crate::artifact::{Address, Artifact, Id, Link, LinkForm, Origin, Place, Root, Route, network_place};
use crate::diagnostic::{Code, Diagnostic};
use crate::keys;
use crate::lower::{Declared, Interface, Lower};
use crate::source::Located;
use crate::spec::Namespace;
use crate::template::Template;
use crate::value::{Destination, InterfaceAddress, InterfaceName, Mac, Mtu, PciPath};

pub(super) const TEMPLATES: &[Template] = &[
    ("link.network", include_str!("link.network.j2")),
    ("link.netdev", include_str!("link.netdev.j2")),
    ("alias.link", include_str!("alias.link.j2")),
    ("parent.conf", include_str!("parent.conf.j2")),
];

keys! {
    /// Settings that all links share.
    pub struct LinkSettings {
        /// Largest payload of a frame in bytes. `MTUBytes=`, systemd.network(5).
        ///
        /// Absent: the parent's; 1500 for a network card. Always written to the files, so that no
        /// child can raise its parent's.
        optional mtu: Mtu,
        /// Addresses of the host on this link. `Address=`, systemd.network(5).
        ///
        /// IPv4 addresses are written with their `Broadcast=`: without it networkd 251 to 254 removes
        /// and adds them again at every reload. Absent: none, and no IPv6 link-local address either.
        list addresses: InterfaceAddress,
        /// Static routes over this link. `[Route]`, systemd.network(5).
        list routes: RouteSpec,
    }
}

keys! {
    /// A static route.
    pub struct RouteSpec {
        /// Network, or `default`. `Destination=`, systemd.network(5).
        required to: Destination,
        /// Gateway; it must lie in a network of the link's addresses. `Gateway=`, systemd.network(5).
        ///
        /// Absent: the destination is on the link.
        optional via: std::net::IpAddr,
        /// Priority, lower first. `Metric=`, systemd.network(5).
        ///
        /// Absent: the kernel's default.
        optional metric: u32,
    }
}

/// Valid settings of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Bytes.
    pub mtu: Mtu,
    /// Addresses in the order of their values.
    pub addresses: Vec<Address>,
    /// Static routes in the order of their destinations.
    pub routes: Vec<Route>,
}

impl LinkSettings {
    /// Says what a link gives to others.
    pub fn declare(
        &self,
        interface: Interface,
        name: &InterfaceName,
        declared: &mut Declared,
        origin: &Located<Origin>,
    ) {
        declared.interface(name, Interface { mtu: self.mtu, ..interface });
        for address in &self.addresses {
            let place = Located::new(origin.value.clone(), address.span);
            declared.claim(Namespace::Address, &address.value.ip().to_string(), &place);
        }
    }

    /// Checks the settings.
    pub fn lower(&self, name: &InterfaceName, cx: &mut Lower<'_>) -> Option<Settings> {
        let mut addresses: Vec<_> = self.addresses.iter().map(|it| Address::from(it.value)).collect();
        addresses.sort_unstable();
        let routes: Vec<_> = self.routes.iter().map(|it| self.route(it, cx)).collect();
        let mut routes: Vec<_> = routes.into_iter().collect::<Option<_>>()?;
        routes.sort_unstable();
        Some(Settings { mtu: cx.mtu(name), addresses, routes })
    }

    fn route(&self, route: &Located<RouteSpec>, cx: &mut Lower<'_>) -> Option<Route> {
        let RouteSpec { to, via, metric } = &route.value;
        if to.value == Destination::Default && via.is_none() {
            let message = "a default route needs a gateway: key `via` is missing";
            cx.push(Diagnostic::error(Code::MissingKey, route.span, message));
            return None;
        }
        if let Some(gateway) = via {
            if !same_family(to.value, gateway.value) {
                let message =
                    format!("destination `{}` and gateway `{}` are of two families", to.value, gateway.value);
                cx.push(Diagnostic::error(Code::Conflict, gateway.span, message));
                return None;
            }
            let reached = self.addresses.iter().any(|it| it.value.reaches(gateway.value));
            if !reached {
                let message =
                    format!("gateway `{}` lies in no network of this link's addresses", gateway.value);
                cx.push(Diagnostic::error(Code::Conflict, gateway.span, message));
                return None;
            }
        }
        Some(Route { to: to.value, via: via.map(|it| it.value), metric: metric.map(|it| it.value) })
    }
}

/// Says whether a gateway can lead to a destination: networkd drops a route of two families.
fn same_family(to: Destination, via: std::net::IpAddr) -> bool {
    match to {
        Destination::Default => true,
        Destination::Network(net) => net.addr().is_ipv4() == via.is_ipv4(),
    }
}

/// What a network card must be; nothing for links that are made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hardware {
    /// Permanent MAC address; absent: not asked.
    pub mac: Option<Mac>,
    /// udev's `ID_PATH`; absent: not asked.
    pub path: Option<PciPath>,
}

impl Output<'_> {
    /// Adds a link: kernel state and networkd's files.
    pub fn link(
        &mut self,
        name: &InterfaceName,
        form: LinkForm,
        mac: Option<Mac>,
        settings: &Settings,
        hardware: Hardware,
    ) {
        let link = Link {
            name: name.clone(),
            mtu: settings.mtu,
            mac,
            alias: form.parent().map(|_| format!("{ALIAS_MARK}{}]", self.origin())),
            addresses: settings.addresses.clone(),
            routes: settings.routes.clone(),
            sysctls: sysctls(name, &form, settings),
            expect_mac: hardware.mac,
            expect_path: hardware.path,
            form,
        };
        self.networkd_files(&link);
        let after = link.form.parent().map(|it| Id::Link(it.clone())).into_iter().collect();
        self.add(after, Artifact::Link(link));
    }

    fn networkd_files(&mut self, link: &Link) {
        let name = link.name.as_str();
        let context = network_context(link, self.target.systemd);
        self.file(network_place(&link.name), "link.network", context);
        let Some(child) = child_context(link) else {
            return;
        };
        self.network_place(&format!("10-hostwright-{name}.netdev"), "link.netdev", child);
        self.network_place(
            &format!("10-hostwright-{name}.link"),
            "alias.link",
            context! { name, alias => link.alias.clone() },
        );
        if let Some(parent) = link.form.parent() {
            let path = format!("10-hostwright-{parent}.network.d/{name}.conf");
            self.network_place(&path, "parent.conf", context! { name, key => parent_key(&link.form) });
        }
    }

    fn network_place(&mut self, path: &str, template: &str, context: Value) {
        self.file(Place::new(Root::Network, path), template, context);
    }
}

/// Returns the setting of the parent's `[Network]` that lists such a child.
const fn parent_key(form: &LinkForm) -> &'static str {
    match form {
        LinkForm::Physical => "",
        LinkForm::Vlan { .. } => "VLAN",
        LinkForm::Macvtap { .. } => "MACVTAP",
    }
}

fn child_context(link: &Link) -> Option<Value> {
    let common = context! { name => link.name.as_str(), mac => link.mac.map(|it| it.to_string()), mtu => link.mtu.bytes() };
    match &link.form {
        LinkForm::Physical => None,
        LinkForm::Vlan { id, .. } => Some(context! {
            kind => "vlan", section => "VLAN", key => "Id", value => id.number(), ..common
        }),
        LinkForm::Macvtap { mode, .. } => Some(context! {
            kind => "macvtap", section => "MACVTAP", key => "Mode", value => mode.to_string(), ..common
        }),
    }
}

fn network_context(link: &Link, systemd: u32) -> Value {
    let addresses: Vec<_> = link
        .addresses
        .iter()
        .map(|it| context! { address => it.address.to_string(), broadcast => it.broadcast.map(|it| it.to_string()) })
        .collect();
    let routes: Vec<_> = link
        .routes
        .iter()
        .map(|it| context! { to => destination(it), via => it.via.map(|it| it.to_string()), metric => it.metric })
        .collect();
    context! {
        name => link.name.as_str(),
        mtu => link.mtu.bytes(),
        link_local => if uses_ip(link) { "ipv6" } else { "no" },
        online => uses_ip(link),
        keep_master => systemd >= 250,
        addresses,
        routes,
    }
}

fn destination(route: &Route) -> String {
    match (route.to, route.via) {
        (Destination::Network(net), _) => net.to_string(),
        (Destination::Default, Some(std::net::IpAddr::V6(_))) => "::/0".to_owned(),
        (Destination::Default, _) => "0.0.0.0/0".to_owned(),
    }
}

/// Says whether the host speaks IP on a link: one without addresses only carries others.
fn uses_ip(link: &Link) -> bool {
    link.form == LinkForm::Physical || !link.addresses.is_empty()
}

/// Returns the sysctls that networkd sets on a link that it makes at boot.
fn sysctls(name: &InterfaceName, form: &LinkForm, settings: &Settings) -> BTreeMap<String, String> {
    if *form == LinkForm::Physical {
        return BTreeMap::new();
    }
    let generation = if settings.addresses.is_empty() { "1" } else { "0" };
    [
        (format!("ipv6/conf/{name}/accept_ra"), "0"),
        (format!("ipv6/conf/{name}/addr_gen_mode"), generation),
        (format!("ipv4/conf/{name}/promote_secondaries"), "1"),
    ]
    .into_iter()
    .map(|(path, value)| (path, value.to_owned()))
    .collect()
}
