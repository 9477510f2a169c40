//! Routes of others, which come and go by themselves: what counts as lost is what goes beyond that.

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

    /// Learns from a later picture, taken while nobody changed anything, how many routes go by themselves.
    pub(crate) fn learn(&mut self, later: &Self) {
        let seconds = later.time.saturating_sub(self.time).as_secs().max(1);
        for (group, gone) in self.gone_in(later) {
            let rate = gone.len().div_ceil(usize::try_from(seconds).unwrap_or(usize::MAX));
            self.churn.insert(group, rate);
        }
    }

    /// Returns what a later picture lacks beyond what goes by itself. That a daemon has no route left in a table no churn
    /// explains: few routes would all be within the slack. Neither does it explain what the daemon still held.
    pub(crate) fn lost_in(&self, later: &Self) -> Vec<ForeignRoute> {
        let seconds = usize::try_from(later.time.saturating_sub(self.time).as_secs()).unwrap_or(usize::MAX);
        let explained = |group: &Group| match self.churn.get(group) {
            Some(rate) => rate.saturating_mul(seconds + 1).saturating_mul(2) + SLACK,
            None => 0,
        };
        let is_empty = |group: &Group| !later.all.iter().any(|it| (it.table, it.protocol) == *group);
        let mut lost = Vec::new();
        for (group, mut gone) in self.gone_in(later) {
            if gone.len() <= explained(&group) && !is_empty(&group) {
                gone.retain(|it| self.held.as_ref().is_some_and(|held| held.contains(it)));
            }
            lost.append(&mut gone);
        }
        lost
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
        let is_beside = |it: &&ForeignRoute| {
            let same = (it.table, it.protocol) == (route.table, route.protocol);
            same && it.to.addr().is_ipv4() == route.to.addr().is_ipv4()
        };
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

    /// Takes routes out that their daemon withdrew, for nobody else took them, and notes which it holds and has held since it was
    /// first asked. What it was not asked about counts as not held.
    pub(crate) fn heed(&mut self, claims: &BTreeMap<ForeignRoute, Claim>) {
        if claims.values().any(|it| *it == Claim::Withdrawn) {
            self.all.retain(|it| claims.get(it) != Some(&Claim::Withdrawn));
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
        self.all.iter().for_each(|it| *counts.entry((it.table, it.protocol)).or_default() += 1);
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
                gone.entry((route.table, route.protocol)).or_default().push(*route);
            }
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(numbers: std::ops::Range<u32>, seconds: u64) -> Routes {
        let route = |number: u32| ForeignRoute {
            table: 254,
            protocol: 12,
            to: ipnet::Ipv4Net::new(std::net::Ipv4Addr::from_bits(number << 8), 24)
                .expect("a network")
                .into(),
        };
        Routes::new(numbers.map(route).collect(), Duration::from_secs(seconds))
    }

    #[test]
    fn in_a_still_table_each_route_counts() {
        let before = routes(0..10, 0);
        assert!(before.lost_in(&routes(0..12, 9)).is_empty());
        assert_eq!(before.lost_in(&routes(1..10, 9)).len(), 1);
    }

    #[test]
    fn churn_explains_what_goes_by_itself_and_no_step() {
        let mut before = routes(0..1000, 0);
        before.learn(&routes(50..1050, 1));
        assert!(before.lost_in(&routes(100..1100, 2)).is_empty());
        assert_eq!(before.lost_in(&routes(500..1100, 2)).len(), 500);
        before.go_on_from(&routes(100..1100, 2));
        assert!(before.lost_in(&routes(150..1150, 3)).is_empty());
    }

    /// Six routes of which one flapped while churn was learned: that all are gone is a loss.
    #[test]
    fn churn_does_not_explain_that_nothing_is_left() {
        let mut before = routes(0..6, 0);
        before.learn(&routes(1..6, 1));
        assert!(before.lost_in(&routes(1..6, 2)).is_empty());
        assert_eq!(before.lost_in(&routes(0..0, 2)).len(), 6);
    }

    #[test]
    fn a_route_is_gone_where_each_picture_lacks_it() {
        let before = routes(0..10, 0);
        let mut looks = routes(3..10, 1);
        looks.join(&routes(1..5, 2));
        assert_eq!(before.lost_in(&looks).len(), 1);
    }

    #[test]
    fn more_looks_explain_no_more_than_the_first() {
        let mut before = routes(0..3000, 0);
        before.learn(&routes(100..3000, 1));
        let mut looks = routes(2000..3000, 2);
        looks.join(&routes(2000..3000, 30));
        assert_eq!(before.lost_in(&looks).len(), 2000);
    }

    #[test]
    fn what_a_daemon_withdrew_is_not_lost() {
        let mut before = routes(0..10, 0);
        let lost = before.lost_in(&routes(1..10, 1)).into_iter();
        before.heed(&lost.map(|it| (it, Claim::Withdrawn)).collect());
        assert!(before.lost_in(&routes(1..10, 2)).is_empty());
    }

    #[test]
    fn churn_does_not_explain_what_its_daemon_holds() {
        let mut before = routes(0..6, 0);
        before.learn(&routes(1..6, 1));
        let later = routes(0..5, 2);
        let doubted = before.doubted_in(&later);
        assert_eq!((doubted.len(), before.lost_in(&later)), (1, Vec::new()));
        before.heed(&[(doubted[0], Claim::Held)].into());
        assert_eq!(before.lost_in(&later), doubted);
        assert!(before.lost_in(&routes(0..6, 3)).is_empty(), "it is back");
    }

    /// What was held once says nothing of a later look at which the same route is gone with too many others to ask.
    #[test]
    fn what_a_daemon_held_is_forgotten_where_it_is_not_held_at_each_look() {
        let mut before = routes(0..600, 0);
        before.learn(&routes(300..600, 1));
        let (one, many) = (routes(1..600, 2), routes(300..600, 3));
        let held: BTreeMap<_, _> = before.doubted_in(&one).iter().map(|it| (*it, Claim::Held)).collect();
        before.heed(&held);
        assert_eq!(before.lost_in(&one).len(), 1);
        before.heed(&BTreeMap::new());
        before.heed(&held);
        assert!(before.lost_in(&one).is_empty(), "it was not held in between");

        before.go_on_from(&routes(0..600, 2));
        before.heed(&held);
        assert_eq!(before.lost_in(&one).len(), 1, "it is asked about anew");
        before.go_on_from(&routes(0..600, 2));
        assert!(before.doubted_in(&many).is_empty() && before.lost_in(&many).is_empty());
    }

    #[test]
    fn daemons_are_asked_about_few_routes_and_of_the_least_first() {
        let both = |numbers: std::ops::Range<u32>| {
            let mut all = routes(numbers, 0).all;
            all.extend(routes(0..4, 0).all.into_iter().map(|it| ForeignRoute { table: 7, ..it }));
            Routes::new(all, Duration::ZERO)
        };
        assert_eq!(both(0..400).doubted_in(&routes(8..400, 1)).len(), 12);
        let few = both(0..400).doubted_in(&routes(253..400, 1));
        assert!(few.len() == 4 && few.iter().all(|it| it.table == 7), "{few:?}");
        assert_eq!(both(0..400).twins(&few[0]), 1);
    }
}
