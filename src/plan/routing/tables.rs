//! Tables of routes, and the rules that say which is looked up.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use ipnet::IpNet;

use super::{Lane, Part, Turn};
use crate::artifact::{IPV6_CONNECTED_METRIC, MAIN_TABLE};
use crate::observed::{Flow, KERNEL, Observed, ObservedRoute, ObservedRule};
use crate::value::InterfaceAddress;

/// Numbers of the tables `local` and `default`.
const LOCAL_TABLE: u32 = 255;
const DEFAULT_TABLE: u32 = 253;
/// Priorities and tables of the rules that a host has from the beginning.
const FIRST_RULES: [(u32, u32); 3] = [(0, LOCAL_TABLE), (32766, MAIN_TABLE), (32767, DEFAULT_TABLE)];

/// Routes, rules, and addresses of links.
#[derive(Debug, Clone, Default)]
pub(super) struct Tables {
    routes: BTreeMap<u32, Vec<ObservedRoute>>,
    /// In the order in which they are asked.
    rules: Vec<ObservedRule>,
    addresses: BTreeMap<String, Vec<InterfaceAddress>>,
}

/// What a change touched.
#[derive(Debug, Default)]
pub(super) struct Touched {
    networks: Vec<IpNet>,
    rules: bool,
    addresses: bool,
}

impl Touched {
    /// Says whether a flow may go another way.
    pub(super) fn concerns(&self, lane: &Lane, link: &str) -> bool {
        self.rules
            || self.networks.iter().any(|it| it.contains(&lane.flow.peer))
            || self.addresses && lane.start.device.as_deref() == Some(link)
    }
}

impl Tables {
    /// Takes what a host has, with the entries that carry flows: those of routing daemons are not in its list.
    pub(super) fn new<'a>(observed: &'a Observed, carriers: impl Iterator<Item = &'a ObservedRoute>) -> Self {
        let mut routes: BTreeMap<u32, Vec<ObservedRoute>> = BTreeMap::new();
        for route in carriers.chain(&observed.routes) {
            let table = routes.entry(route.table).or_default();
            // Carriers come first, and only they come twice.
            if !table.iter().take(observed.flows.len()).any(|it| it == route) {
                table.push(route.clone());
            }
        }
        let mut rules: Vec<_> = observed.rules.iter().cloned().collect();
        if rules.is_empty() {
            rules = FIRST_RULES.into_iter().flat_map(first_rules).collect();
        }
        rules.sort_by_key(|it| it.priority);
        let of = |link: &crate::observed::ObservedLink| link.addresses.iter().map(|it| it.address).collect();
        let addresses = observed.links.iter().map(|(name, it)| (name.clone(), of(it))).collect();
        Self { routes, rules, addresses }
    }

    /// Iterates over the rules that may hold for a flow.
    pub(super) fn rules_for<'a>(&'a self, flow: &'a Flow) -> impl Iterator<Item = &'a ObservedRule> {
        self.rules.iter().filter(|it| may_hold(it, flow))
    }

    /// Finds what carries a flow.
    pub(super) fn find(&self, lane: &Lane) -> Option<&ObservedRoute> {
        let first = (!lane.by_rule).then(|| self.best(lane.start.table, lane)).flatten();
        let heard = |it: &&ObservedRule| !lane.deaf.contains(&(it.priority, it.table));
        let by_rules = || self.rules_for(&lane.flow).filter(heard).find_map(|it| self.best(it.table, lane));
        first.or_else(by_rules)
    }

    /// Finds the entry of a table that carries a flow; absent: the next rule decides.
    pub(super) fn best(&self, table: u32, lane: &Lane) -> Option<&ObservedRoute> {
        let all = self.routes.get(&table)?.iter().filter(|it| lane.takes(it));
        all.min_by_key(|it| order(it)).filter(|it| it.kind() != "throw")
    }

    /// Returns the entries of a route's table that a flow would rather go by.
    pub(super) fn before(&self, route: &ObservedRoute, lane: &Lane) -> Vec<ObservedRoute> {
        let all = self.routes.get(&route.table).into_iter().flatten();
        let comes_first = |it: &&ObservedRoute| *it != route && order(it) <= order(route);
        all.filter(|it| lane.takes(it)).filter(comes_first).cloned().collect()
    }

    /// Says whether an address of the link that a route leaves over reaches its gateway; one without a gateway needs none.
    pub(super) fn reaches(&self, route: &ObservedRoute) -> bool {
        let own = route.device.as_ref().and_then(|it| self.addresses.get(it));
        route.via.is_none_or(|via| own.into_iter().flatten().any(|it| it.reaches(via)))
    }

    /// Takes a change in.
    pub(super) fn advance(&mut self, turn: &Turn<'_>) -> Touched {
        let mut touched = Touched::default();
        self.change_addresses(turn, &mut touched);
        self.remove(turn, &mut touched);
        for part in &turn.comes {
            match part {
                Part::Address(it) => self.add(connected(turn, it.address), &mut touched),
                Part::Route(it) => self.add(Some(ObservedRoute::made_of(it, turn.link)), &mut touched),
                Part::Rule(it) => self.rules.push(ObservedRule::made_of(it)),
            }
        }
        self.rules.sort_by_key(|it| it.priority);
        touched.rules = turn.goes.iter().chain(&turn.comes).any(|it| matches!(it, Part::Rule(_)));
        touched
    }

    fn change_addresses(&mut self, turn: &Turn<'_>, touched: &mut Touched) {
        let own = self.addresses.entry(turn.link.to_string()).or_default();
        let gone: Vec<_> = addresses(&turn.goes).collect();
        own.retain(|it| !turn.vanishes && !gone.contains(it));
        own.extend(addresses(&turn.comes));
        touched.addresses = turn.vanishes || !gone.is_empty();
    }

    fn remove(&mut self, turn: &Turn<'_>, touched: &mut Touched) {
        if turn.goes.is_empty() && !turn.vanishes {
            return;
        }
        let link = turn.link.as_str();
        let left = self.addresses.get(link).map_or(&[][..], Vec::as_slice);
        let goes = |it: &ObservedRoute| {
            turn.vanishes && it.device.as_deref() == Some(link)
                || turn.goes.iter().any(|part| takes_along(part, turn, left, it))
        };
        for table in self.routes.values_mut() {
            touched.networks.extend(table.extract_if(.., |it| goes(it)).map(|it| it.to));
        }
        let is = |it: &ObservedRule, part: &Part<'_>| matches!(part, Part::Rule(rule) if it.is(rule));
        self.rules.retain(|it| !turn.goes.iter().any(|part| is(it, part)));
    }

    fn add(&mut self, route: Option<ObservedRoute>, touched: &mut Touched) {
        let Some(route) = route else { return };
        touched.networks.push(route.to);
        self.routes.entry(route.table).or_default().push(route);
    }
}

/// Order in which the kernel takes entries of a table.
fn order(route: &ObservedRoute) -> (Reverse<u8>, u32) {
    (Reverse(route.to.prefix_len()), route.metric)
}

fn first_rules((priority, table): (u32, u32)) -> [ObservedRule; 2] {
    let rule = |rest: &str| ObservedRule {
        priority,
        from: None,
        to: None,
        table,
        protocol: KERNEL,
        rest: rest.to_owned(),
    };
    [rule("inet lookup"), rule("inet6 lookup")]
}

/// Says whether a rule may hold for a flow, by what can be judged of it.
fn may_hold(rule: &ObservedRule, flow: &Flow) -> bool {
    let mut words = rule.rest.split(' ');
    let family = if flow.peer.is_ipv4() { "inet" } else { "inet6" };
    if words.next() != Some(family) || !words.clone().any(|it| it == "lookup") {
        return false;
    }
    let inverted = words.next() == Some("not");
    let from = rule.from.is_none_or(|it| flow.local.is_unspecified() || it.contains(&flow.local));
    inverted || from && rule.to.is_none_or(|it| it.contains(&flow.peer))
}

fn addresses<'a>(parts: &'a [Part<'a>]) -> impl Iterator<Item = InterfaceAddress> {
    parts.iter().filter_map(|it| match it {
        Part::Address(it) => Some(it.address),
        Part::Route(_) | Part::Rule(_) => None,
    })
}

/// Says whether a route goes with a part of its link, which has these addresses left.
fn takes_along(part: &Part<'_>, turn: &Turn<'_>, left: &[InterfaceAddress], route: &ObservedRoute) -> bool {
    match part {
        Part::Route(it) => route.is(it, turn.link),
        Part::Rule(_) => false,
        Part::Address(it) => {
            let network = it.address.network();
            let own = route.device.as_deref() == Some(turn.link.as_str()) && route.via.is_none();
            let of_network = own && route.protocol == KERNEL && route.to == network;
            let another = left.iter().any(|it| it.network() == network);
            // The kernel takes routes of IPv4 along whose source goes.
            let from_it = it.address.ip().is_ipv4()
                && route.protocol != KERNEL
                && route.source() == Some(it.address.ip());
            of_network && !another || from_it
        }
    }
}

/// Returns the route to its network that an address brings; absent: it is alone in it.
fn connected(turn: &Turn<'_>, address: InterfaceAddress) -> Option<ObservedRoute> {
    let to = address.network();
    if to.prefix_len() == to.max_prefix_len() {
        return None;
    }
    let metric = if to.addr().is_ipv4() { 0 } else { IPV6_CONNECTED_METRIC };
    Some(ObservedRoute {
        table: turn.table,
        protocol: KERNEL,
        device: Some(turn.link.to_string()),
        to,
        via: None,
        metric,
        rest: "unicast".to_owned(),
    })
}
