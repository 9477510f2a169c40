//! Addresses, routes, rules and neighbors to the keys of their links.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Found, links, networkd::Said};
use crate::artifact::{IPV6_METRIC, MAIN_TABLE, Neighbor, VRF_TABLE};
use crate::observed::{ObservedLink, ObservedRoute, ObservedRule, STATIC};
use crate::spec::{TableText, write::string};
use crate::value::is_link_local;

/// `RTPROT_UNSPEC`, `RTPROT_BOOT`: what `ip` and ifupdown give.
const BY_HAND: [u8; 2] = [0, 3];
const LOCAL_TABLE: u32 = 255;

/// Writes what belongs to IP on a link.
pub(super) fn write(found: &Found, name: &str, link: &ObservedLink, said: &Said, table: &mut TableText) {
    let stays =
        link.addresses.iter().filter(|it| it.permanent && (!it.is_link_local() || said.has_address(it)));
    table.list("addresses", stays.map(|it| it.address));
    for it in link.addresses.iter().filter(|it| !it.permanent) {
        table.remark(&format!("{} is leased or advertised", it.address));
    }
    let own = found.observed.routes.iter().filter(|it| it.device.as_deref() == Some(name) && is_given(it));
    let all: Vec<_> = own.chain(unreachable(found, said)).map(|it| (it, route(found, link, it))).collect();
    for (route, _) in all.iter().filter(|(_, text)| text.is_none()) {
        table.unsaid(&described(route));
    }
    table.tables("routes", &all.into_iter().filter_map(|(_, text)| text).collect::<Vec<_>>());
    let rules: Vec<_> = found
        .observed
        .rules
        .iter()
        .filter(|it| owner(found, it).as_deref() == Some(name))
        .filter_map(rule)
        .collect();
    table.tables("rules", &rules);
    neighbors(link, table);
}

/// Returns what no link says.
pub(super) fn left(found: &Found) -> Vec<String> {
    let mut lines = Vec::new();
    for it in found.observed.rules.iter().filter(|it| is_given_rule(it)) {
        if owner(found, it).is_none() || rule(it).is_none() {
            lines.push(format!("rule {it}: there is no word for it, it is left alone"));
        }
    }
    let said: Vec<_> = found.observed.links.keys().map(|it| Said::of(found, it)).collect();
    let known = |it: &ObservedRoute| said.iter().any(|said| said.has_route(it));
    for it in found.observed.routes.iter().filter(|it| is_given(it) && leads_nowhere(it) && !known(it)) {
        lines.push(format!("{}: no link brings it, it is left alone", described(it)));
    }
    lines
}

fn is_given(route: &ObservedRoute) -> bool {
    (route.protocol == STATIC || BY_HAND.contains(&route.protocol)) && route.table != LOCAL_TABLE
}

fn leads_nowhere(route: &ObservedRoute) -> bool {
    route.device.as_deref().is_none_or(|it| it == "lo")
}

/// Returns the routes without a link that a link's files bring.
fn unreachable<'a>(found: &'a Found, said: &'a Said) -> impl Iterator<Item = &'a ObservedRoute> {
    found.observed.routes.iter().filter(|it| is_given(it) && leads_nowhere(it) && said.has_route(it))
}

fn described(route: &ObservedRoute) -> String {
    let via = route.via.map_or_else(String::new, |it| format!(" via {it}"));
    format!("the route {}{via} of table {}, {}", route.to, route.table, route.rest)
}

/// Writes a route; absent: it has something that there is no word for.
fn route(found: &Found, link: &ObservedLink, route: &ObservedRoute) -> Option<String> {
    let rest = Rest::read(&route.rest)?;
    let default = route.to.prefix_len() == 0;
    if default && rest.kind == "unicast" && route.via.is_none() {
        return None;
    }
    // A default route without gateway is one of IPv4.
    let named = default && (route.via.is_some() || route.to.addr().is_ipv4());
    let mut keys = vec![format!("to = {}", if named { string("default") } else { string(route.to) })];
    keys.extend(route.via.map(|it| format!("via = {}", string(it))));
    let on_link = rest.on_link || route.via.is_some_and(|it| !reached(link, it));
    keys.extend(on_link.then(|| "on-link = true".to_owned()));
    let metric = if route.to.addr().is_ipv4() { 0 } else { IPV6_METRIC };
    keys.extend((route.metric != metric).then(|| format!("metric = {}", route.metric)));
    keys.extend((route.table != own_table(found, link)).then(|| format!("table = {}", route.table)));
    keys.extend((rest.kind != "unicast").then(|| format!("type = {}", string(rest.kind))));
    keys.extend(rest.source.map(|it| format!("preferred-source = {}", string(it))));
    Some(keys.join(", "))
}

/// What else is told of a route.
struct Rest<'a> {
    kind: &'a str,
    source: Option<&'a str>,
    on_link: bool,
}

impl<'a> Rest<'a> {
    /// Reads it; absent: something in it has no key.
    fn read(text: &'a str) -> Option<Self> {
        let mut words = text.split(' ');
        let mut rest = Self { kind: words.next()?, source: None, on_link: false };
        while let Some(word) = words.next() {
            match word {
                "scope" | "pref" => drop(words.next()),
                "src" => rest.source = words.next(),
                "onlink" => rest.on_link = true,
                _ => return None,
            }
        }
        Some(rest)
    }
}

fn own_table(found: &Found, link: &ObservedLink) -> u32 {
    let master = link.master.as_ref();
    let vrf = master.and_then(|it| found.observed.link_of_kind(it, "vrf"));
    vrf.and_then(|it| it.number(VRF_TABLE)).unwrap_or(MAIN_TABLE)
}

fn reached(link: &ObservedLink, station: IpAddr) -> bool {
    is_link_local(station) || link.addresses.iter().any(|it| it.address.reaches(station))
}

fn is_given_rule(rule: &ObservedRule) -> bool {
    let of_kernel = matches!(rule.priority, 0 | 32766 | 32767);
    (rule.protocol == STATIC || BY_HAND.contains(&rule.protocol)) && !of_kernel
}

/// Returns the link whose files bring a rule, else the first one with addresses.
fn owner(found: &Found, rule: &ObservedRule) -> Option<String> {
    is_given_rule(rule).then_some(())?;
    let all =
        || found.observed.links.iter().filter(|(name, link)| *name != "lo" && !links::is_port(found, link));
    let brings = all().find(|(name, _)| Said::of(found, name).has_rule(rule));
    let addressed =
        |(_, it): &(&String, &ObservedLink)| it.kind.is_none() && it.addresses.iter().any(|it| it.permanent);
    brings.or_else(|| all().find(addressed)).map(|(name, _)| name.clone())
}

fn rule(rule: &ObservedRule) -> Option<String> {
    matches!(rule.rest.as_str(), "inet lookup" | "inet6 lookup").then_some(())?;
    rule.from.or(rule.to)?;
    let end =
        |key: &str, it: Option<IpNet>| it.map(|it| format!(", {key} = {}", string(it))).unwrap_or_default();
    Some(format!(
        "priority = {}, table = {}{}{}",
        rule.priority,
        rule.table,
        end("from", rule.from),
        end("to", rule.to)
    ))
}

fn neighbors(link: &ObservedLink, table: &mut TableText) {
    let (near, far): (Vec<_>, Vec<_>) = link.neighbors.iter().partition(|it| reached(link, it.address));
    let written = near.iter().map(|it: &&Neighbor| {
        format!("address = {}, link-layer-address = {}", string(it.address), string(it.link_layer_address))
    });
    table.tables("neighbors", &written.collect::<Vec<_>>());
    for it in far {
        table.unsaid(&format!("the neighbor {}, which no address reaches", it.address));
    }
}
