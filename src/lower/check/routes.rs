//! Routes of all links together.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Declared;
use super::super::interfaces::{Entry, StaticRoute};
use super::{Finding, View};
use crate::artifact::MAIN_TABLE;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{Located, Span};
use crate::value::{Destination, is_link_local};

/// Returns all static routes in the order of the text, with link and table.
fn all(declared: &Declared) -> Vec<(&str, u32, &Located<StaticRoute>)> {
    let mut routes = Vec::new();
    for (link, entry) in declared.interfaces.iter() {
        let own = declared.interfaces.table(link);
        let of_link = entry.interface.ip.routes.iter();
        routes.extend(of_link.map(|it| (link, it.value.table.unwrap_or(own), it)));
    }
    routes.sort_by_key(|(.., route)| route.span);
    routes
}

/// Refuses routes to the same network of which none comes first.
pub(in super::super) fn conflicts(declared: &Declared, diagnostics: &mut Diagnostics) {
    let mut first = BTreeMap::new();
    for (link, table, route) in all(declared) {
        let StaticRoute { to, ipv6, metric, .. } = route.value;
        let key = (to, ipv6, table, metric);
        let Some((other, span)) = first.get(&key) else {
            first.insert(key, (link, route.span));
            continue;
        };
        let what = match to {
            Destination::Default if ipv6 => "the IPv6 default route".to_owned(),
            Destination::Default => "the IPv4 default route".to_owned(),
            Destination::Network(net) => format!("the route to `{net}`"),
        };
        let over = if *other == link {
            format!("twice over `{link}`")
        } else {
            format!("over both `{other}` and `{link}`")
        };
        let table = table_words(table);
        let message = format!("{what} is given {over} with metric {metric} in {table}");
        let diagnostic = Diagnostic::error(Code::RouteConflict, route.span, message);
        let hint = "the one with the lower `metric` is used: give them different ones";
        diagnostics.push(diagnostic.also(*span, "first here").hint(hint));
    }
}

fn table_words(table: u32) -> String {
    if table == MAIN_TABLE { "the main table".to_owned() } else { format!("table {table}") }
}

/// Refuses gateways that are the host itself.
pub(in super::super) fn own_gateways(declared: &Declared, diagnostics: &mut Diagnostics) {
    let mut own = BTreeMap::new();
    for (link, entry) in declared.interfaces.iter() {
        let table = declared.interfaces.table(link);
        for address in &entry.interface.ip.addresses {
            let first = own.entry((table, address.value.ip())).or_insert(address.span);
            *first = address.span.min(*first);
        }
    }
    for (link, _, route) in all(declared) {
        let Some(via) = route.value.via.filter(|it| !is_link_local(it.value)) else { continue };
        let Some(span) = own.get(&(declared.interfaces.table(link), via.value)) else { continue };
        let message = format!("gateway `{}` is an address of this host itself, not its router's", via.value);
        let diagnostic = Diagnostic::error(Code::UnreachableGateway, via.span, message);
        diagnostics.push(diagnostic.also(*span, "the host has it from here"));
    }
}

/// Warns of IPv6 default routes that come from router advertisements alone.
pub(in super::super) fn advertised(view: &View<'_>) -> Vec<Finding> {
    let declared = view.declared;
    let default = |it: &StaticRoute| it.ipv6 && it.to == Destination::Default;
    let written = all(declared).into_iter().filter(|(.., it)| default(&it.value));
    let written: BTreeSet<_> = written.map(|(_, table, _)| table).collect();
    let mut found = Vec::new();
    for (link, entry) in declared.interfaces.iter() {
        let alone = !written.contains(&declared.interfaces.table(link));
        let Some(span) = entry.interface.ip.advertised.filter(|_| alone).map(|it| it.span) else { continue };
        let message = format!(
            "the IPv6 default route over `{link}` comes from advertisements alone: a restart of networkd may lose it"
        );
        let diagnostic = Diagnostic::warning(Code::RaDefaultRoute, span, message);
        let hint = "write it: `{ to = \"default\", via = \"fe80::…\" }` with the router's address";
        found.push(Finding { diagnostic: diagnostic.hint(hint), tables: vec![entry.origin.value.clone()] });
    }
    found
}

/// A default route: its link with the link's table, where it is said, and whether others give it.
struct Default<'a> {
    link: &'a str,
    entry: &'a Entry,
    place: Span,
    is_received: bool,
}

/// Warns of default routes that others give over two links, or over one beside a written one of another, and of which
/// none comes first.
pub(in super::super) fn received(view: &View<'_>) -> Vec<Finding> {
    let mut routes: BTreeMap<_, Vec<Default<'_>>> = BTreeMap::new();
    for (link, entry) in view.declared.interfaces.iter() {
        let own = view.declared.interfaces.table(link);
        let ip = &entry.interface.ip;
        let written = ip.routes.iter().filter(|it| it.value.to == Destination::Default);
        let written =
            written.map(|it| (it.value.table.unwrap_or(own), it.value.ipv6, it.value.metric, it.span, false));
        let given = [(&ip.leased, false), (&ip.advertised, true)].into_iter();
        let given = given
            .filter_map(|(it, ipv6)| Some((own, ipv6, it.as_ref()?.value.metric?, it.as_ref()?.span, true)));
        for (table, ipv6, metric, place, is_received) in written.chain(given) {
            routes.entry((table, ipv6, metric)).or_default().push(Default {
                link,
                entry,
                place,
                is_received,
            });
        }
    }
    let mut found = Vec::new();
    for ((table, ipv6, metric), mut routes) in routes {
        routes.sort_by_key(|it| it.place);
        let pairs =
            routes.windows(2).filter(|it| it[0].link != it[1].link && it.iter().any(|it| it.is_received));
        found.extend(pairs.map(|it| competing(&it[0], &it[1], (table, ipv6, metric))));
    }
    found
}

fn competing(first: &Default<'_>, second: &Default<'_>, (table, ipv6, metric): (u32, bool, u32)) -> Finding {
    let family = if ipv6 { "IPv6" } else { "IPv4" };
    let message = format!(
        "the {family} default routes over `{}` and `{}` both have metric {metric} in {}: chance has it which is used",
        first.link,
        second.link,
        table_words(table)
    );
    let diagnostic = Diagnostic::warning(Code::CompetingDefaults, second.place, message);
    let diagnostic = diagnostic.also(first.place, format!("over `{}`", first.link));
    let section = if ipv6 { "IPv6AcceptRA" } else { "DHCPv4" };
    let hint = format!(
        "`raw.network.{section} = {{ RouteMetric = \"2048\" }}` on the link that comes second, or `UseGateway = \"no\"`"
    );
    let tables = [first, second].map(|it| it.entry.origin.value.clone()).into();
    Finding { diagnostic: diagnostic.hint(hint), tables }
}
