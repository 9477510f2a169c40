//! Routes of others that are gone while an apply is watched.

use super::super::churn::Claim;
use super::super::execute::execute;
use super::super::journal::Outcome;
use super::watching::start_watched;

/// Watches a table in which route 0 flaps and route 3 is gone for a time; its daemon says something of them.
fn watched(gone: std::ops::Range<u64>, claim: Option<Claim>) -> Outcome {
    let (mut machine, mut journal) = start_watched(None);
    (machine.flaps, machine.claim) = (Some(0), claim);
    machine.lacking = [(0, 10..11), (3, gone)].into();
    execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal")
}

#[test]
fn a_route_that_its_daemon_holds_is_lost_though_churn_would_explain_it() {
    let lost = "lost: route 0.0.3.0/24, table 254, protocol 12".to_owned();
    assert_eq!(watched(30..33, Some(Claim::Held)), Outcome::TakenBack(lost));
    assert_eq!(watched(30..32, Some(Claim::Held)), Outcome::Applied, "it comes back");
    assert_eq!(watched(30..60, Some(Claim::Withdrawn)), Outcome::Applied);
    assert_eq!(watched(30..60, None), Outcome::Applied, "nobody tells");
}
