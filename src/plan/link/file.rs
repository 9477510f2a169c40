//! What networkd gives a link by a file that it has read and that is not the one it shall read: a change of it may have been
//! accepted for the boot, and neither spec speaks of the former one.

use std::net::IpAddr;

use super::file_differs;
use crate::artifact::{Content, Link, Route, RouteType, Rule, network_place};
use crate::ini::{self, Section};
use crate::observed::{ObservedRoute, STATIC};
use crate::plan::draft::Draft;
use crate::value::Destination;

/// Returns the routes over a link that the kernel has by such a file.
pub(super) fn routes(draft: &Draft<'_>, link: &Link) -> Vec<Route> {
    let sections = sections(draft, link);
    if sections.is_empty() {
        return Vec::new();
    }
    let told = |it: &ObservedRoute| {
        let section = sections.iter().find(|section| tells(section, it))?;
        Some(Route { on_link: section.get("GatewayOnLink") == Some("yes"), ..made_of(it) })
    };
    over(draft, link).filter_map(told).collect()
}

/// Returns the rules that the kernel has by such a file.
pub(super) fn rules(draft: &Draft<'_>, link: &Link) -> Vec<Rule> {
    let rules = sections(draft, link).iter().filter_map(rule).collect::<Vec<_>>();
    rules.into_iter().filter(|it| draft.observed.rules.iter().any(|other| other.is(it))).collect()
}

/// Returns the routes over a link that are in the place of one that it shall have.
pub(super) fn in_places(draft: &Draft<'_>, link: &Link) -> Vec<Route> {
    // A host may have thousands of links without.
    if link.routes.is_empty() {
        return Vec::new();
    }
    let in_place = |it: &&ObservedRoute| {
        link.routes.iter().any(|wanted| !it.is(wanted, &link.name) && made_of(it).excludes(wanted))
    };
    over(draft, link).filter(in_place).map(made_of).collect()
}

/// Iterates over the routes over a link that networkd gives, or we.
fn over<'a>(draft: &Draft<'a>, link: &'a Link) -> impl Iterator<Item = &'a ObservedRoute> {
    draft.observed.routes.iter().filter(|it| {
        it.device.as_deref() == Some(link.name.as_str())
            && it.protocol == STATIC
            && it.kind() == RouteType::Unicast.word()
    })
}

fn sections(draft: &Draft<'_>, link: &Link) -> Vec<Section> {
    if !draft.observed.networkd_has_loaded(&link.name) || !file_differs(draft, link) {
        return Vec::new();
    }
    match draft.observed.files.get(&network_place(&link.name)) {
        Some(Content::Text(text)) => ini::parse(text),
        _ => Vec::new(),
    }
}

/// Says whether a section of a file gives a route.
fn tells(section: &Section, route: &ObservedRoute) -> bool {
    let gateway = section.get("Gateway").and_then(|it| it.parse::<IpAddr>().ok());
    let to = section.get("Destination");
    section.name == "Route" && gateway == route.via && to.is_some_and(|it| it == route.to.to_string())
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
    let rule = Rule {
        priority: section.get("Priority")?.parse().ok()?,
        from: of("From"),
        to: of("To"),
        table: section.get("Table")?.parse().ok()?,
    };
    (section.name == "RoutingPolicyRule").then_some(rule)
}
