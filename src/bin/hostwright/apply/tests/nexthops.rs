//! Nexthop objects that are gone behind a step.

use super::super::execute::execute;
use super::super::guard::Fate;
use super::super::journal::Outcome;
use super::fake::Fake;
use super::start;

/// Applies what makes a nexthop object go; returns the machine behind it. The last look waits a second.
fn applied(fate: Option<Fate>, back_at: Option<u64>) -> (Fake, Outcome) {
    let (mut machine, mut journal) = start();
    machine.disturbs = Some("b.mount".to_owned());
    (machine.fate, machine.back_at) = (fate, back_at);
    let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
    (machine, outcome)
}

#[test]
fn what_its_daemon_retired_is_no_loss_and_not_asked_for_again() {
    let (machine, outcome) = applied(Some(Fate::Retired), None);
    assert_eq!((outcome, machine.seconds, machine.asked), (Outcome::Applied, 1, 1));
}

#[test]
fn what_its_daemon_does_not_count_on_is_no_loss_where_it_stays_away() {
    let (machine, outcome) = applied(Some(Fate::Waits), None);
    assert_eq!((outcome, machine.seconds, machine.asked), (Outcome::Applied, 3, 3));
}

#[test]
fn what_comes_back_by_itself_is_no_loss() {
    let (machine, outcome) = applied(None, Some(2));
    assert_eq!((outcome, machine.seconds), (Outcome::Applied, 3));
}

#[test]
fn what_its_daemon_counts_on_is_lost_and_what_nobody_tells_of_too() {
    let (machine, outcome) = applied(None, Some(3));
    let why = "start b.mount: lost: nexthop id 8 family 2 scope global protocol 11 dev eno1";
    assert_eq!((outcome, machine.seconds), (Outcome::TakenBack(why.to_owned()), 2));
    assert!(machine.state.is_empty());
}
