//! What networkd gives a link by a file that it has read and that is not the one it shall read: a change of it may have been
//! accepted for the boot, and neither spec speaks of the former one.

use std::net::IpAddr;

use super::file_differs;
use crate::artifact::{Content, Link, MAIN_TABLE, Route, RouteType, Rule, network_place};
use crate::ini::{self, Section};
use crate::observed::{ObservedRoute, STATIC};
use crate::plan::draft::Draft;
use crate::value::Destination;

/// Returns the routes over a link that the kernel has by such a file, and that go with it.
pub(super) fn routes(draft: &Draft<'_>, link: &Link) -> Vec<Route> {
    let sections = going(draft, link, "Route");
    // A host may have thousands of links, and as many routes.
    if sections.is_empty() {
        return Vec::new();
    }
    let is_port = draft.observed.link(&link.name).is_some_and(|it| it.master.is_some());
    let is_over = |it: &&ObservedRoute| {
        it.device.as_deref() == Some(link.name.as_str())
            && it.protocol == STATIC
            && it.kind() == RouteType::Unicast.word()
    };
    let told = |it: &ObservedRoute| {
        let section = sections.iter().find(|section| tells(section, it, is_port))?;
        Some(Route { on_link: section.get("GatewayOnLink") == Some("yes"), ..made_of(it) })
    };
    draft.observed.routes.iter().filter(is_over).filter_map(told).collect()
}

/// Returns the rules that the kernel has by such a file, and that go with it.
pub(super) fn rules(draft: &Draft<'_>, link: &Link) -> Vec<Rule> {
    let rules = going(draft, link, "RoutingPolicyRule").iter().filter_map(rule).collect::<Vec<_>>();
    rules.into_iter().filter(|it| draft.observed.rules.iter().any(|other| other.is(it))).collect()
}

/// Returns the sections of a file that networkd has read which the new one lacks.
fn going(draft: &Draft<'_>, link: &Link, name: &str) -> Vec<Section> {
    if !draft.observed.networkd_has_loaded(&link.name) || !file_differs(draft, link) {
        return Vec::new();
    }
    let place = network_place(&link.name);
    let of = |content: Option<&Content>| match content {
        Some(Content::Text(text)) => ini::parse(text),
        _ => Vec::new(),
    };
    let wanted = of(draft.after.content(&place));
    let had = of(draft.observed.files.get(&place)).into_iter();
    had.filter(|it| it.name == name && !wanted.contains(it)).collect()
}

/// Says whether a section of a file gives a route; one of a port without a table is in its VRF's.
fn tells(section: &Section, route: &ObservedRoute, is_port: bool) -> bool {
    let number = |key| section.get(key).and_then(|it| it.parse::<u32>().ok());
    let address = |key| section.get(key).and_then(|it| it.parse::<IpAddr>().ok());
    let table = number("Table");
    section.get("Destination").is_some_and(|it| it == route.to.to_string())
        && address("Gateway") == route.via
        && address("PreferredSource") == route.source()
        && table.map_or(is_port || route.table == MAIN_TABLE, |it| it == route.table)
        && route.metric
            == number("Metric").unwrap_or_else(|| Route { metric: None, ..made_of(route) }.priority())
}

fn made_of(route: &ObservedRoute) -> Route {
    let is_default = route.to.prefix_len() == 0 && (route.via.is_some() || route.to.addr().is_ipv4());
    Route {
        to: if is_default { Destination::Default } else { Destination::Network(route.to) },
        via: route.via,
        on_link: false,
        metric: Some(route.metric),
        table: route.table,
        kind: RouteType::Unicast,
        preferred_source: route.source(),
    }
}

fn rule(section: &Section) -> Option<Rule> {
    let of = |key| section.get(key).and_then(|it| it.parse().ok());
    Some(Rule {
        priority: section.get("Priority")?.parse().ok()?,
        from: of("From"),
        to: of("To"),
        table: section.get("Table")?.parse().ok()?,
    })
}
