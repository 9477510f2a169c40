//! Routes that go, by themselves and otherwise.

use super::*;

fn routes(numbers: std::ops::Range<u32>, seconds: u64) -> Routes {
    let route = |number: u32| ForeignRoute {
        table: 254,
        protocol: 12,
        to: ipnet::Ipv4Net::new(std::net::Ipv4Addr::from_bits(number << 8), 24).expect("a network").into(),
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
    before.heed(&routes(1..10, 1), &lost.map(|it| (it, Claim::Withdrawn)).collect());
    assert!(before.lost_in(&routes(1..10, 2)).is_empty());
}

/// A neighbor of OSPF was lost: what is left in the table came by others, and nothing left is what cuts the host off.
#[test]
fn what_a_daemon_forgot_is_lost_where_it_was_the_last() {
    for (claim, lost) in [(Claim::Withdrawn, 0), (Claim::Forgotten, 3)] {
        let mut before = routes(0..10, 0);
        let (some, none) = (routes(3..10, 1), routes(0..0, 3));
        let said = |gone: Vec<ForeignRoute>| gone.into_iter().map(|it| (it, claim)).collect();
        before.heed(&some, &said(before.doubted_in(&some)));
        assert!(before.lost_in(&some).is_empty());
        before.go_on_from(&some);
        let few = routes(7..10, 2);
        before.heed(&few, &said(before.doubted_in(&few)));
        before.heed(&none, &said(before.doubted_in(&none)));
        assert_eq!(before.lost_in(&none).len(), lost);
    }
}

#[test]
fn churn_does_not_explain_what_its_daemon_holds() {
    let mut before = routes(0..6, 0);
    before.learn(&routes(1..6, 1));
    let later = routes(0..5, 2);
    let doubted = before.doubted_in(&later);
    assert_eq!((doubted.len(), before.lost_in(&later)), (1, Vec::new()));
    before.heed(&later, &[(doubted[0], Claim::Held)].into());
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
    before.heed(&one, &held);
    assert_eq!(before.lost_in(&one).len(), 1);
    before.heed(&one, &BTreeMap::new());
    before.heed(&one, &held);
    assert!(before.lost_in(&one).is_empty(), "it was not held in between");

    before.go_on_from(&routes(0..600, 2));
    before.heed(&one, &held);
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
