//! Routes, rules and neighbors of a link: keys, and what they come to.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::artifact::{IPV6_METRIC, Neighbor, Route, RouteType, Rule};
use crate::diagnostic::{Code, Diagnostic};
use crate::lower::{Lower, StaticRoute};
use crate::source::Located;
use crate::value::{Destination, InterfaceAddress, Mac, is_link_local};
use crate::{keys, words};

words!(RouteType {
    "unicast" => Self::Unicast,
    "blackhole" => Self::Blackhole,
    "unreachable" => Self::Unreachable,
    "prohibit" => Self::Prohibit,
    "throw" => Self::Throw,
});

keys! {
    /// A static route.
    pub struct RouteSpec {
        /// Network, or `default`. `Destination=`, systemd.network(5).
        #[also("destination", "dst")]
        required to: Destination,
        /// Gateway; it must lie in a network of the link's addresses, unless `on-link` says otherwise.
        /// `Gateway=`, systemd.network(5).
        ///
        /// Absent: the destination is on the link.
        #[also("gateway", "gw", "next-hop")]
        optional via: IpAddr,
        /// Whether the gateway is on the link although no address of the link reaches it.
        /// `GatewayOnLink=`, systemd.network(5).
        #[also("gateway-on-link")]
        default on_link: bool = "false",
        /// Priority, lower first. `Metric=`, systemd.network(5).
        ///
        /// Absent: the kernel's default.
        #[also("priority")]
        optional metric: u32,
        /// Number of the table. `Table=`, systemd.network(5).
        ///
        /// Absent: that of the VRF whose port the link is, else 254, `main`.
        optional table: u32,
        /// What becomes of packets; all but `unicast` lead over no link. `Type=`, systemd.network(5).
        default kind: RouteType as "type" = "\"unicast\"",
        /// Source address of packets that the host itself sends over the route. `PreferredSource=`, systemd.network(5).
        ///
        /// Absent: the kernel chooses.
        #[also("src", "source")]
        optional preferred_source: IpAddr,
    }
}

keys! {
    /// A rule of policy routing; `from`, `to` or both. `[RoutingPolicyRule]`, systemd.network(5).
    pub struct RuleSpec {
        /// Order among all rules of the host, lower first. `Priority=`, systemd.network(5).
        required priority: u32,
        /// Table that is looked up. `Table=`, systemd.network(5).
        required table: u32,
        /// Source that it holds for. `From=`, systemd.network(5).
        ///
        /// Absent: all.
        #[also("src", "source")]
        optional from: IpNet,
        /// Destination that it holds for. `To=`, systemd.network(5).
        ///
        /// Absent: all.
        #[also("destination", "dst")]
        optional to: IpNet,
    }
}

keys! {
    /// A station whose hardware address is given instead of asked for. `[Neighbor]`, systemd.network(5).
    pub struct NeighborSpec {
        /// Its address, in a network of the link's addresses. `Address=`, systemd.network(5).
        required address: IpAddr,
        /// Its MAC address. `LinkLayerAddress=`, systemd.network(5).
        #[also("mac", "lladdr")]
        required link_layer_address: Mac,
    }
}

/// Says what others must know of a route.
pub(super) fn declared(route: &Located<RouteSpec>) -> Located<StaticRoute> {
    let spec = &route.value;
    let station = spec.via.as_ref().or(spec.preferred_source.as_ref());
    let ipv6 = match spec.to.value {
        Destination::Network(net) => net.addr().is_ipv6(),
        Destination::Default => station.is_some_and(|it| it.value.is_ipv6()),
    };
    let metric = spec.metric.as_ref().map_or(if ipv6 { IPV6_METRIC } else { 0 }, |it| it.value);
    let table = spec.table.as_ref().map(|it| it.value);
    Located::new(StaticRoute { to: spec.to.value, via: spec.via, ipv6, table, metric }, route.span)
}

/// Checks a route against the addresses of its link.
pub(super) fn route(
    route: &Located<RouteSpec>,
    addresses: &[Located<InterfaceAddress>],
    table: u32,
    cx: &mut Lower<'_>,
) -> Option<Route> {
    let spec = &route.value;
    check_kind(route, cx)?;
    if let Some(gateway) = &spec.via {
        check_gateway(spec, gateway, addresses, cx)?;
    }
    if let Some(source) = &spec.preferred_source {
        check_family(spec.to.value, source, "source", cx)?;
    }
    Some(Route {
        to: spec.to.value,
        via: spec.via.as_ref().map(|it| it.value),
        on_link: spec.on_link.value,
        metric: spec.metric.as_ref().map(|it| it.value),
        table: spec.table.as_ref().map_or(table, |it| it.value),
        kind: spec.kind.value,
        preferred_source: spec.preferred_source.as_ref().map(|it| it.value),
    })
}

fn check_kind(route: &Located<RouteSpec>, cx: &mut Lower<'_>) -> Option<()> {
    let RouteSpec { to, via, kind, .. } = &route.value;
    let unicast = kind.value == RouteType::Unicast;
    if unicast && to.value == Destination::Default && via.is_none() {
        let message = "a default route needs a gateway: key `via` is missing";
        let hint = "write `{ to = \"default\", via = \"…\" }`";
        cx.push(Diagnostic::error(Code::MissingKey, route.span, message).hint(hint));
        return None;
    }
    if let Some(via) = via.as_ref().filter(|_| !unicast) {
        let message = format!("a route of type `{}` has no gateway", kind.value.word());
        cx.push(
            Diagnostic::error(Code::Conflict, via.span, message)
                .also(kind.span, "the type")
                .hint("take `via` out"),
        );
        return None;
    }
    Some(())
}

fn check_gateway(
    spec: &RouteSpec,
    gateway: &Located<IpAddr>,
    addresses: &[Located<InterfaceAddress>],
    cx: &mut Lower<'_>,
) -> Option<()> {
    check_family(spec.to.value, gateway, "gateway", cx)?;
    if spec.on_link.value || reached(addresses, gateway.value) {
        return Some(());
    }
    let message = format!("gateway `{}` lies in no network of this link's addresses", gateway.value);
    let hint = "mend the gateway or the address; `on-link = true` says that it is on the link all the same";
    let diagnostic = Diagnostic::error(Code::UnreachableGateway, gateway.span, message);
    cx.push(beside(diagnostic, addresses).hint(hint));
    None
}

/// Shows where the addresses of the link stand.
fn beside(diagnostic: Diagnostic, addresses: &[Located<InterfaceAddress>]) -> Diagnostic {
    match addresses.first() {
        Some(address) => diagnostic.also(address.span, "the link's address"),
        None => diagnostic,
    }
}

fn reached(addresses: &[Located<InterfaceAddress>], station: IpAddr) -> bool {
    is_link_local(station) || addresses.iter().any(|it| it.value.reaches(station))
}

/// Refuses a route of two families: networkd would drop it.
const fn family(ip: IpAddr) -> &'static str {
    if ip.is_ipv4() { "IPv4" } else { "IPv6" }
}

fn check_family(to: Destination, ip: &Located<IpAddr>, what: &str, cx: &mut Lower<'_>) -> Option<()> {
    match to {
        Destination::Network(net) if net.addr().is_ipv4() != ip.value.is_ipv4() => {
            let message = format!(
                "destination `{to}` is {}, {what} `{}` is {}: a route is of one family",
                family(net.addr()),
                ip.value,
                family(ip.value)
            );
            cx.push(Diagnostic::error(Code::MixedFamilies, ip.span, message));
            None
        }
        _ => Some(()),
    }
}

/// Checks a rule.
pub(super) fn rule(rule: &Located<RuleSpec>, cx: &mut Lower<'_>) -> Option<Rule> {
    let RuleSpec { priority, table, from, to } = &rule.value;
    match (from, to) {
        (None, None) => {
            let message = "a rule needs `from`, `to` or both: without them it would take all packets";
            cx.push(Diagnostic::error(Code::MissingKey, rule.span, message));
            return None;
        }
        (Some(from), Some(to)) if from.value.addr().is_ipv4() != to.value.addr().is_ipv4() => {
            let message = format!(
                "source `{}` is {}, destination `{}` is {}: a rule is of one family",
                from.value,
                family(from.value.addr()),
                to.value,
                family(to.value.addr())
            );
            cx.push(Diagnostic::error(Code::MixedFamilies, to.span, message).also(from.span, "the source"));
            return None;
        }
        _ => {}
    }
    Some(Rule {
        priority: priority.value,
        from: from.as_ref().map(|it| it.value),
        to: to.as_ref().map(|it| it.value),
        table: table.value,
    })
}

/// Checks a static neighbor against the addresses of its link.
pub(super) fn neighbor(
    neighbor: &Located<NeighborSpec>,
    addresses: &[Located<InterfaceAddress>],
    cx: &mut Lower<'_>,
) -> Option<Neighbor> {
    let NeighborSpec { address, link_layer_address } = &neighbor.value;
    if !reached(addresses, address.value) {
        let message = format!("neighbor `{}` lies in no network of this link's addresses", address.value);
        cx.push(beside(Diagnostic::error(Code::UnreachableGateway, address.span, message), addresses));
        return None;
    }
    Some(Neighbor { address: address.value, link_layer_address: link_layer_address.value })
}
