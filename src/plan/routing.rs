//! Which way flows go by the routes and rules that a host has when what is planned so far is done.
//!
//! The kernel said which entry of its tables carries each flow; from there a change is followed: the longest prefix, then
//! the lowest metric, in the tables that rules look up in their order. Of a rule, source and destination are judged. One
//! that asks for more, like a mark or a user, counts as one that does not hold where its table had an answer all along
//! that the kernel did not take, and else as one that holds. Routes of routing daemons that carry nothing now are not
//! known: where one of them would step in, the flow counts as one without a route.

mod tables;

use std::collections::BTreeSet;

use crate::artifact::{Address, Link, Route, Rule};
use crate::observed::{Flow, Observed, ObservedRoute};
use crate::value::InterfaceName;
use tables::Tables;

/// Something of a link that routing depends on.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part<'a> {
    /// An address, which brings a route to its network.
    Address(&'a Address),
    /// A static route.
    Route(&'a Route),
    /// A rule of policy routing.
    Rule(&'a Rule),
}

/// What becomes of a link's part in routing.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    /// The link.
    pub(super) link: &'a InterfaceName,
    /// Number of the table that its networks are in.
    pub(super) table: u32,
    /// What goes.
    pub(super) goes: Vec<Part<'a>>,
    /// What comes.
    pub(super) comes: Vec<Part<'a>>,
    /// Whether the link itself goes, and with it whatever leads over it.
    pub(super) vanishes: bool,
}

impl<'a> Part<'a> {
    /// Returns those of a link.
    pub(super) fn all(link: &'a Link) -> Vec<Self> {
        let addresses = link.addresses.iter().map(Part::Address);
        let routes = link.routes.iter().map(Part::Route);
        addresses.chain(routes).chain(link.rules.iter().map(Part::Rule)).collect()
    }
}

/// A flow that would go another way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moved {
    /// The flow, with the route that carries it now.
    pub(super) flow: Flow,
    /// What would carry it; absent: nothing.
    pub(super) to: Option<ObservedRoute>,
}

impl Moved {
    /// Says whether its route stays and what leads to the route's gateway goes.
    pub(super) fn loses_gateway(&self) -> bool {
        matches!((&self.to, &self.flow.route), (Some(to), Some(from)) if to.leads_as(from))
    }
}

/// Routes and rules in the making, and where each flow goes by them.
#[derive(Debug, Clone, Default)]
pub(super) struct Routing {
    tables: Tables,
    lanes: Vec<Lane>,
}

impl Routing {
    /// Begins with what a host has; nothing is kept where no flow depends on it.
    pub(super) fn new(observed: &Observed) -> Self {
        let routed: Vec<_> = observed.flows.iter().filter_map(|it| Some((it, it.route.as_ref()?))).collect();
        if routed.is_empty() {
            return Self::default();
        }
        let tables = Tables::new(observed, routed.iter().map(|it| it.1));
        let lanes =
            routed.into_iter().map(|(flow, route)| Lane::new(observed, &tables, flow, route)).collect();
        Self { tables, lanes }
    }

    /// Says whether any flow depends on it.
    pub(super) fn matters(&self) -> bool {
        !self.lanes.is_empty()
    }

    /// Takes a change in, and returns the flows that it has go another way, or none.
    pub(super) fn advance(&mut self, turn: &Turn<'_>) -> Vec<Moved> {
        if !self.matters() {
            return Vec::new();
        }
        let touched = self.tables.advance(turn);
        let tables = &self.tables;
        let concerns = |it: &&mut Lane| touched.concerns(it, turn.link.as_str());
        self.lanes.iter_mut().filter(concerns).filter_map(|it| it.follow(tables)).collect()
    }
}

/// A flow, and where it goes so far.
#[derive(Debug, Clone)]
struct Lane {
    flow: Flow,
    /// Entry that carries it at first.
    start: ObservedRoute,
    /// Whether an address of the link reached the gateway at first.
    near: bool,
    /// Link that its socket is bound to, where it uses no other.
    bound: Option<String>,
    /// Whether a rule names the table of the first entry; else that is looked up before all: a VRF's.
    by_rule: bool,
    /// Rules, by priority and table, that do not hold for it: their tables had an answer that the kernel did not take.
    deaf: BTreeSet<(u32, u32)>,
    /// Entries of the first one's table that the kernel did not take though they come before it.
    unused: Vec<ObservedRoute>,
    /// What carries it now.
    now: Option<ObservedRoute>,
    /// Whether an address of the link reaches the gateway now.
    reached: bool,
}

impl Lane {
    fn new(observed: &Observed, tables: &Tables, flow: &Flow, start: &ObservedRoute) -> Self {
        let named = observed.links.iter().find(|it| flow.device != 0 && it.1.index == flow.device);
        let bound = named.filter(|it| observed.vrf(it.0).is_none()).map(|it| it.0.clone());
        let near = tables.reaches(start);
        let mut lane = Self {
            flow: flow.clone(),
            start: start.clone(),
            near,
            bound,
            by_rule: false,
            deaf: BTreeSet::new(),
            unused: Vec::new(),
            now: Some(start.clone()),
            reached: near,
        };
        lane.by_rule = tables.rules_for(flow).any(|it| it.table == start.table);
        let before = tables.rules_for(flow).take_while(|it| it.table != start.table);
        let silent = |table: u32| tables.best(table, &lane).is_none();
        let deaf = before.filter(|it| !silent(it.table)).map(|it| (it.priority, it.table)).collect();
        let unused = tables.before(start, &lane);
        Self { deaf, unused, ..lane }
    }

    /// Says whether an entry may carry it.
    fn takes(&self, route: &ObservedRoute) -> bool {
        let bound = self.bound.as_deref();
        route.to.contains(&self.flow.peer)
            && bound.is_none_or(|it| route.devices().contains(it))
            && !self.unused.contains(route)
    }

    fn follow(&mut self, tables: &Tables) -> Option<Moved> {
        let found = tables.find(self);
        let leads = |a: Option<&ObservedRoute>, b: Option<&ObservedRoute>| match (a, b) {
            (Some(a), Some(b)) => a.leads_as(b),
            (a, b) => a.is_none() && b.is_none(),
        };
        let reached = !self.near || found.is_none_or(|it| tables.reaches(it));
        let as_at_first = reached && leads(found, Some(&self.start));
        let as_before = reached == self.reached && leads(found, self.now.as_ref());
        self.now = found.cloned();
        self.reached = reached;
        (!as_at_first && !as_before).then(|| Moved { flow: self.flow.clone(), to: self.now.clone() })
    }
}
