//! Routes of all links together.

use std::collections::BTreeMap;

use super::super::Declared;
use super::super::interfaces::StaticRoute;
use super::{Finding, View};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Located;
use crate::value::Destination;

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
        let Some((other, span)) = first.get(&(to, ipv6, table, metric)) else {
            first.insert((to, ipv6, table, metric), (link, route.span));
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
        let message = format!("{what} is given {over} with metric {metric} in table {table}");
        let diagnostic = Diagnostic::error(Code::RouteConflict, route.span, message);
        let hint = "the one with the lower `metric` is used: give them different ones";
        diagnostics.push(diagnostic.also(*span, "first here").hint(hint));
    }
}

/// Warns of IPv6 default routes that come from router advertisements alone.
pub(in super::super) fn advertised(view: &View<'_>) -> Vec<Finding> {
    let declared = view.declared;
    let written = |table: u32| {
        let default = |it: &StaticRoute| it.ipv6 && it.to == Destination::Default;
        all(declared).iter().any(|(_, of, route)| *of == table && default(&route.value))
    };
    let mut found = Vec::new();
    for (link, entry) in declared.interfaces.iter() {
        let Some(span) = entry.interface.ip.advertised.filter(|_| !written(declared.interfaces.table(link)))
        else {
            continue;
        };
        let message = format!(
            "the IPv6 default route over `{link}` comes from advertisements alone: a restart of networkd may lose it"
        );
        let diagnostic = Diagnostic::warning(Code::RaDefaultRoute, span, message);
        let hint = "write it: `{ to = \"default\", via = \"fe80::…\" }` with the router's address";
        found.push(Finding { diagnostic: diagnostic.hint(hint), tables: vec![entry.origin.value.clone()] });
    }
    found
}
