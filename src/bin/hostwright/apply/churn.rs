//! Routes of others, which come and go by themselves: what counts as lost is what goes beyond that.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hostwright::observed::ForeignRoute;

/// Table and protocol: routes of one daemon in one table.
type Group = (u32, u8);

/// Routes that may be gone where a table is never still, beside what its churn explains.
const SLACK: usize = 20;
/// Routes that daemons are asked for at most.
const ASKED: usize = 256;
/// Routes by which a table is known at most, and those that are looked at for it.
const KNOWN: usize = 3;
const TRIED: usize = 16;

/// What a daemon says of a route of its own that the kernel lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// It has the route and counts on the kernel to have it: somebody else took it.
    Held,
    /// It has the route no longer, or uses another for its destination.
    Withdrawn,
    /// It has the route no longer, and may have had it by a protocol that forgets what it hears of no more: where none is left in
    /// the table, that may be a step's doing.
    Forgotten,
}

/// Routes of others at a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Routes {
    /// In order; one destination may stand there more than once.
    all: Vec<ForeignRoute>,
    /// When the picture was taken.
    time: Duration,
    /// Routes that went in one second, of groups that are not still.
    churn: BTreeMap<Group, usize>,
    /// Those that the kernel lacked though their daemon held them whenever it was asked since the last picture without a loss:
    /// no churn explains them. Absent: nobody was asked since.
    held: Option<BTreeSet<ForeignRoute>>,
}

impl Routes {
    /// Makes a picture of routes at a time.
    pub(crate) fn new(mut routes: Vec<ForeignRoute>, time: Duration) -> Self {
        routes.sort_unstable();
        // Up to three pictures are held at once, in memory that is locked.
        routes.shrink_to_fit();
        Self { all: routes, time, ..Self::default() }
    }

    /// Says whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Returns the time since the boot at which the picture was taken.
    pub(crate) const fn time(&self) -> Duration {
        self.time
    }

    /// Learns from a later picture, taken while nobody changed anything, how many routes go by themselves.
    pub(crate) fn learn(&mut self, later: &Self) {
        let seconds = later.time.saturating_sub(self.time).as_secs().max(1);
        for (group, gone) in self.gone_in(later) {
            let rate = gone.len().div_ceil(usize::try_from(seconds).unwrap_or(usize::MAX));
            self.churn.insert(group, rate);
        }
    }

    /// Takes over what another picture has learned.
    pub(crate) fn churns_as(&mut self, other: Self) {
        self.churn = other.churn;
    }

    /// Returns what a later picture lacks beyond what goes by itself. That a daemon has no route left in a table no churn
    /// explains: few routes would all be within the slack. Neither does it explain what the daemon still held.
    pub(crate) fn lost_in(&self, later: &Self) -> Vec<ForeignRoute> {
        let mut lost = Vec::new();
        for (group, mut gone) in self.gone_in(later) {
            if self.explains(group, gone.len(), later) {
                gone.retain(|it| self.held.as_ref().is_some_and(|held| held.contains(it)));
            }
            lost.append(&mut gone);
        }
        lost
    }

    /// Says whether it explains that so many routes of a group are gone.
    fn explains(&self, group: Group, gone: usize, later: &Self) -> bool {
        let seconds = usize::try_from(later.time.saturating_sub(self.time).as_secs()).unwrap_or(usize::MAX);
        let most = match self.churn.get(&group) {
            Some(rate) => rate.saturating_mul(seconds + 1).saturating_mul(2) + SLACK,
            None => 0,
        };
        gone <= most && later.has(group)
    }

    /// Says whether any route of a group is there.
    fn has(&self, group: Group) -> bool {
        self.all.iter().any(|it| group_of(it) == group)
    }

    /// Returns what a later picture lacks and daemons can be asked about, for whatever reason it is gone: of the groups that
    /// lack least as many as are few together.
    pub(crate) fn doubted_in(&self, later: &Self) -> Vec<ForeignRoute> {
        let mut groups: Vec<_> = self.gone_in(later).into_values().collect();
        groups.sort_by_key(Vec::len);
        let mut doubted = Vec::new();
        for mut gone in groups {
            if doubted.len() + gone.len() <= ASKED {
                doubted.append(&mut gone);
            }
        }
        doubted
    }

    /// Counts the routes of one daemon to a destination in other tables.
    pub(crate) fn twins(&self, route: &ForeignRoute) -> usize {
        let is_twin = |it: &&ForeignRoute| {
            it.to == route.to && it.protocol == route.protocol && it.table != route.table
        };
        self.all.iter().filter(is_twin).count()
    }

    /// Returns a few routes that the table and daemon of one have and no other table does, of the same family.
    pub(crate) fn known_by(&self, route: &ForeignRoute) -> Vec<ForeignRoute> {
        let is_beside = |it: &&ForeignRoute| kin_of(it) == kin_of(route);
        let few = self.all.iter().filter(is_beside).take(TRIED);
        few.filter(|it| self.twins(it) == 0).take(KNOWN).copied().collect()
    }

    /// Adds what a later picture has: a route is gone only where each of them lacks it. The time stays, for churn explains
    /// no more than at the first of them.
    pub(crate) fn join(&mut self, later: &Self) {
        let more: Vec<_> = later.gone_in(self).into_values().flatten().collect();
        self.all.reserve_exact(more.len());
        self.all.extend(more);
        self.all.sort_unstable();
    }

    /// Takes routes out that their daemon withdrew or forgot, for nobody else took them, and notes which it holds and has held since
    /// it was first asked. What it was not asked about counts as not held.
    pub(crate) fn heed(&mut self, later: &Self, claims: &BTreeMap<ForeignRoute, Claim>) {
        let forgotten = claims.iter().filter(|it| *it.1 == Claim::Forgotten).map(|it| kin_of(it.0));
        let forgotten: BTreeSet<_> = forgotten.collect();
        let is_left = |kin: &Kin| later.all.iter().any(|it| kin_of(it) == *kin);
        let bare: BTreeSet<_> = forgotten.into_iter().filter(|it| !is_left(it)).collect();
        let is_harmless = |it: &ForeignRoute| match claims.get(it) {
            Some(Claim::Withdrawn) => true,
            Some(Claim::Forgotten) => !bare.contains(&kin_of(it)),
            Some(Claim::Held) | None => false,
        };
        if claims.keys().any(is_harmless) {
            self.all.retain(|it| !is_harmless(it));
        }
        let known = self.held.take();
        let is_held = |it: &ForeignRoute| known.as_ref().is_none_or(|known| known.contains(it));
        let held = claims.iter().filter(|it| *it.1 == Claim::Held && is_held(it.0));
        self.held = Some(held.map(|it| *it.0).collect());
    }

    /// Goes on from a later picture in which nothing is lost: what went by itself meanwhile is forgotten.
    pub(crate) fn go_on_from(&mut self, later: &Self) {
        self.held = None;
        if !self.churn.is_empty() {
            self.all.clone_from(&later.all);
            self.time = later.time;
        }
    }

    /// Says in words how many there are.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut counts: BTreeMap<Group, usize> = BTreeMap::new();
        self.all.iter().for_each(|it| *counts.entry(group_of(it)).or_default() += 1);
        let line =
            |((table, protocol), count)| format!("{count} routes of protocol {protocol} in table {table}");
        counts.into_iter().map(line).collect()
    }

    /// Returns what a later picture lacks, by group. Both are in order: one walk finds it.
    fn gone_in(&self, later: &Self) -> BTreeMap<Group, Vec<ForeignRoute>> {
        let mut gone: BTreeMap<Group, Vec<ForeignRoute>> = BTreeMap::new();
        let mut rest = later.all.iter().peekable();
        for route in &self.all {
            while rest.next_if(|it| *it < route).is_some() {}
            if rest.next_if_eq(&route).is_none() {
                gone.entry(group_of(route)).or_default().push(*route);
            }
        }
        gone
    }
}

fn group_of(route: &ForeignRoute) -> Group {
    (route.table, route.protocol)
}

/// Routes of one daemon, in one table, of one family: what it hears of IPv4 and of IPv6 comes by neighbors of their own.
type Kin = (Group, bool);

fn kin_of(route: &ForeignRoute) -> Kin {
    (group_of(route), route.to.addr().is_ipv4())
}
