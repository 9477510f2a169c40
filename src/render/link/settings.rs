//! Settings that all links share: keys, and what they come to.

use std::net::IpAddr;

use super::raw::{RawSection, RawSpec};
use super::route::{self, NeighborSpec, RouteSpec, RuleSpec};
use crate::artifact::{Address, Neighbor, Origin, Route, Rule};
use crate::lower::{Declared, Interface, Ip, Lower, Received};
use crate::source::{Located, Span};
use crate::value::{DomainName, InterfaceAddress, InterfaceName, Mtu};
use crate::{keys, words};

/// Metric of the routes that networkd takes from leases and advertisements. `RouteMetric=`, systemd.network(5).
const METRIC: u32 = 1024;

/// Which protocols a client runs for. `DHCP=`, systemd.network(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dhcp {
    /// None.
    No,
    /// `DHCPv4`.
    Ipv4,
    /// `DHCPv6`.
    Ipv6,
    /// Both.
    Yes,
}

words!(Dhcp {
    "no" => Self::No,
    "ipv4" | "v4" => Self::Ipv4,
    "ipv6" | "v6" => Self::Ipv6,
    "yes" | "both" => Self::Yes,
});

/// Which link-local addresses a link has. `LinkLocalAddressing=`, systemd.network(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkLocal {
    /// None.
    No,
    /// 169.254.0.0/16 alone.
    Ipv4,
    /// `fe80::/64` alone.
    Ipv6,
    /// Both.
    Yes,
}

words!(LinkLocal { "no" => Self::No, "ipv4" => Self::Ipv4, "ipv6" => Self::Ipv6, "yes" => Self::Yes, });

keys! {
    /// Settings that all links share.
    pub struct LinkSettings {
        /// Largest payload of a frame in bytes. `MTUBytes=`, systemd.network(5).
        ///
        /// Absent: the parent's, for a master the smallest of its ports', else 1500. Always written to the
        /// files, so that no child can raise its parent's.
        #[also("mtu-bytes")]
        optional mtu: Mtu,
        /// Addresses of the host on this link. `Address=`, systemd.network(5).
        ///
        /// The first one of a network is what the host speaks from there, where nothing else is said. IPv4 addresses are
        /// written with their `Broadcast=`: without it networkd 251 to 254 removes and adds them again at every reload.
        /// Absent: none.
        #[also("address", "ip", "ipaddr")]
        list addresses: InterfaceAddress,
        /// Static routes over this link. `[Route]`, systemd.network(5).
        #[also("route")]
        #[unlike(
            "gateway" => "write it as a route: `routes = [{ to = \"default\", via = \"…\" }]`",
            "gateway4" => "write it as a route: `routes = [{ to = \"default\", via = \"…\" }]`",
            "gateway6" => "write it as a route: `routes = [{ to = \"default\", via = \"…\" }]`",
            "default-gateway" => "write it as a route: `routes = [{ to = \"default\", via = \"…\" }]`"
        )]
        list routes: RouteSpec,
        /// Rules of policy routing that come and go with this link. `[RoutingPolicyRule]`, systemd.network(5).
        #[also("routing-policy", "routing-policy-rule")]
        list rules: RuleSpec,
        /// Stations whose hardware addresses are given. `[Neighbor]`, systemd.network(5).
        #[also("neighbours", "neighbor")]
        list neighbors: NeighborSpec,
        /// Clients that ask for addresses: `ipv4`, `ipv6`, `yes` for both. `DHCP=`, systemd.network(5).
        #[unlike(
            "dhcp4" => "write `dhcp = \"ipv4\"`, for both families `\"yes\"`",
            "dhcp6" => "write `dhcp = \"ipv6\"`, for both families `\"yes\"`"
        )]
        default dhcp: Dhcp = "\"no\"",
        /// Whether addresses and routes are taken from router advertisements. `IPv6AcceptRA=`, systemd.network(5).
        ///
        /// A default route from an advertisement may vanish when networkd restarts on a host that keeps the routes
        /// of others: BGP hosts better write it.
        #[also("accept-ra")]
        default ipv6_accept_ra: bool = "false",
        /// Link-local addresses. `LinkLocalAddressing=`, systemd.network(5).
        ///
        /// Absent: `ipv6` on network cards and on links with addresses, DHCP or advertisements, `no` on ports of bonds and
        /// bridges and on all others.
        #[also("link-local")]
        optional link_local_addressing: LinkLocal,
        /// DNS servers. `DNS=`, systemd.network(5).
        #[also("nameservers", "nameserver")]
        list dns: IpAddr,
        /// Domains that are searched; `~` before one asks the servers for it without searching it.
        /// `Domains=`, systemd.network(5).
        #[also("search")]
        list domains: DomainName,
        /// Whether the host counts as offline without the link. `RequiredForOnline=`, systemd.network(5).
        ///
        /// Absent: true where the link has link-local addresses.
        #[unlike("optional" => "it means the opposite of `required-for-online`: write `required-for-online = false`")]
        optional required_for_online: bool,
        /// Lines for networkd that hostwright does not understand.
        optional raw: RawSpec,
    }
}

/// Valid settings of a link.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Bytes.
    pub mtu: Mtu,
    /// Addresses in their order: the first one of a network is what speaks there where nothing else is said.
    pub addresses: Vec<Address>,
    /// Static routes in the order of their destinations.
    pub routes: Vec<Route>,
    /// Rules in the order of their priorities.
    pub rules: Vec<Rule>,
    /// Static neighbors in the order of their addresses.
    pub neighbors: Vec<Neighbor>,
    /// DHCP clients.
    pub dhcp: Dhcp,
    /// Whether router advertisements are taken.
    pub accept_ra: bool,
    /// Link-local addressing, written or a port's; absent: by the link's use.
    pub link_local: Option<LinkLocal>,
    /// DNS servers, in their order.
    pub dns: Vec<IpAddr>,
    /// Domains, in their order.
    pub domains: Vec<DomainName>,
    /// Written need for being online; absent: by the link's use.
    pub required_for_online: Option<bool>,
    /// Raw sections.
    pub raw: Vec<RawSection>,
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
        let raw = self.raw.as_ref();
        let raw_mac = raw.filter(|it| it.value.says("Link", "MACAddress").is_some()).map(|it| it.span);
        declared.interface(name, Interface { mtu: self.mtu, ip: self.ip(), raw_mac, ..interface }, origin);
    }

    fn ip(&self) -> Ip {
        let accept = self.ipv6_accept_ra;
        let dhcp = self.dhcp;
        let asks = |words: [Dhcp; 2]| words.contains(&dhcp.value).then_some(dhcp.span);
        let address = self.addresses.iter().find(|it| it.value.ip().is_ipv6()).map(|it| it.span);
        let advertised = accept.value.then_some(accept.span);
        Ip {
            addresses: self.addresses.clone(),
            routes: self.routes.iter().map(route::declared).collect(),
            sources: self.rules.iter().filter_map(|it| it.value.from.as_ref()).map(|it| it.value).collect(),
            advertised: advertised.and_then(|it| self.received("IPv6AcceptRA", it)),
            leased: asks([Dhcp::Ipv4, Dhcp::Yes]).and_then(|it| self.received("DHCPv4", it)),
            ipv6: address.or(advertised).or(asks([Dhcp::Ipv6, Dhcp::Yes])),
            dynamic: accept.value || dhcp.value != Dhcp::No,
        }
    }

    /// Returns the default route that a client takes, where raw lines of its section do not say otherwise.
    fn received(&self, section: &str, place: Span) -> Option<Located<Received>> {
        let says = |key| self.raw.as_ref().and_then(|it| it.value.says(section, key));
        let refused = |key| matches!(says(key), Some("no" | "false" | "off" | "0"));
        let metric = says("RouteMetric").map_or(Some(METRIC), |it| it.parse().ok());
        let taken = !["UseRoutes", "UseGateway"].into_iter().any(refused);
        taken.then_some(Located::new(Received { metric }, place))
    }

    /// Checks the settings.
    pub fn lower(&self, name: &InterfaceName, cx: &mut Lower<'_>) -> Option<Settings> {
        let table = cx.table(name);
        let written = self.link_local_addressing.as_ref().map(|it| it.value);
        let routes = all(&self.routes, |it| route::route(it, &self.addresses, table, cx));
        let rules = all(&self.rules, |it| route::rule(it, cx));
        let neighbors = all(&self.neighbors, |it| route::neighbor(it, &self.addresses, cx));
        let addresses = self.addresses.iter().map(|it| Address::from(it.value)).collect();
        Some(Settings {
            mtu: cx.mtu(name),
            addresses,
            routes: routes?,
            rules: rules?,
            neighbors: neighbors?,
            dhcp: self.dhcp.value,
            accept_ra: self.ipv6_accept_ra.value,
            link_local: written.or(cx.gives_frames(name).then_some(LinkLocal::No)),
            dns: self.dns.iter().map(|it| it.value).collect(),
            domains: self.domains.iter().map(|it| it.value.clone()).collect(),
            required_for_online: self.required_for_online.as_ref().map(|it| it.value),
            raw: self.raw.as_ref().map(|it| it.value.sections()).unwrap_or_default(),
        })
    }
}

/// Lowers every item before one can fail the whole; in order.
fn all<S, T: Ord>(items: &[Located<S>], mut lower: impl FnMut(&Located<S>) -> Option<T>) -> Option<Vec<T>> {
    let lowered: Vec<_> = items.iter().map(&mut lower).collect();
    let mut lowered: Vec<_> = lowered.into_iter().collect::<Option<_>>()?;
    lowered.sort_unstable();
    Some(lowered)
}

impl Settings {
    /// Names what only networkd can give a link.
    #[must_use]
    pub fn by_networkd(&self) -> Vec<String> {
        let ipv4_link_local = matches!(self.link_local, Some(LinkLocal::Ipv4 | LinkLocal::Yes));
        [
            ("DHCP", self.dhcp != Dhcp::No),
            ("router advertisements", self.accept_ra),
            ("an IPv4 link-local address", ipv4_link_local),
            ("DNS", !self.dns.is_empty() || !self.domains.is_empty()),
            ("raw lines", !self.raw.is_empty()),
        ]
        .into_iter()
        .filter(|(_, it)| *it)
        .map(|(what, _)| what.to_owned())
        .collect()
    }

    /// Returns the link-local addressing: written, or by whether the host speaks IP on the link.
    #[must_use]
    pub fn link_local(&self, hardware: bool) -> LinkLocal {
        let speaks = hardware || !self.addresses.is_empty() || self.accept_ra || self.dhcp != Dhcp::No;
        self.link_local.unwrap_or(if speaks { LinkLocal::Ipv6 } else { LinkLocal::No })
    }
}
