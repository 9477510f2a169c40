//! Neighbours that answer echo requests, and many that do not.

use std::time::{Duration, Instant};

use super::{Netlink, in_namespace, ip};
use crate::machine::probe::{Attempt, Reach, Surroundings, all};

fn tried(neighbours: &[(&str, &str)]) -> Vec<bool> {
    let reach = |(from, to): &(&str, &str)| {
        let [from, to] = [from, to].map(|it| it.parse().expect("an address"));
        Attempt::Reach(Reach::new([from, to], None, "one".to_owned()))
    };
    let mut attempts: Vec<_> = neighbours.iter().map(reach).collect();
    let attempts: Vec<_> = attempts.iter_mut().collect();
    all(&attempts, &Surroundings { sessions: &[], target: &|_| None, is_stalled: false })
}

/// Each dead one alone costs three seconds.
#[test]
fn many_dead_neighbours_cost_as_much_as_one() {
    in_namespace(|_: &Netlink| {
        assert!(ip("address add 192.0.2.2/24 dev one") && ip("address add 192.0.2.9/24 dev two"));
        assert!(
            ip("address add 2001:db8::2/64 dev one nodad") && ip("address add 2001:db8::9/64 dev two nodad")
        );
        let dead: Vec<_> = (100..116).map(|it| format!("192.0.2.{it}")).collect();
        let mut neighbours: Vec<_> = dead.iter().map(|it| ("192.0.2.2", it.as_str())).collect();
        neighbours.insert(5, ("192.0.2.2", "192.0.2.9"));
        neighbours.push(("2001:db8::2", "2001:db8::9"));
        neighbours.push(("2001:db8::2", "2001:db8::77"));
        let begin = Instant::now();
        let works = tried(&neighbours);
        assert!(begin.elapsed() < Duration::from_secs(6), "{:?}", begin.elapsed());
        let answered: Vec<_> = (0..works.len()).filter(|it| works[*it]).collect();
        assert_eq!(answered, [5, 17], "the order is that of the attempts");
    });
}

/// A session from `lo` leaves over another link, which says how long its packets may be.
#[test]
fn packets_from_lo_leave_over_another_link() {
    in_namespace(|netlink: &Netlink| {
        assert!(ip("address add 192.0.2.2/24 dev one") && ip("address add 198.51.100.1/32 dev lo"));
        let flow = |to: &str| {
            let ends = ["198.51.100.1", to].map(|it| it.parse().expect("an address"));
            Reach::new(ends, None, "lo".to_owned()).flow()
        };
        let found = netlink.leave_over(&["192.0.2.9", "203.0.113.1"].map(flow));
        assert_eq!(found, Ok(vec![["one".to_owned()].into(), [].into()]), "no route leads to the other");
    });
}
