//! The time behind the last step.

use std::time::Duration;

use hostwright::artifact::Origin;
use hostwright::plan::{Action, Effect, Step};

use super::super::execute::execute;
use super::super::journal::{Outcome, Record};
use super::fake::{Fake, Memory};
use super::start;

/// An apply of a link that is watched, and confirmed within five minutes where that is asked for.
pub(super) fn start_watched(confirm: Option<u32>) -> (Fake, Memory) {
    let (machine, mut journal) = start();
    let Some(Record::Header(header)) = journal.records.first_mut() else { panic!("a header") };
    let up = Action::SetUp("eno1".parse().expect("a name"));
    let origin = Origin::new("nic", "eno1");
    header.plan.steps.push(Step { origin, action: up, undo: Vec::new(), effects: Vec::new() });
    header.safety.confirm = confirm;
    (machine, journal)
}

#[test]
fn what_nobody_confirms_is_taken_back_when_its_time_is_over() {
    let (mut machine, mut journal) = start_watched(Some(300));
    let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
    assert!(matches!(outcome, Outcome::TakenBack(why) if why == "nobody confirmed it within 300 s"));
    assert_eq!((machine.seconds, machine.told, machine.committed), (300, 1, false));
    assert_eq!(machine.armed, Some(Duration::from_secs(300)), "the undo has a time of its own");
    assert_eq!(machine.hurry, Some(Duration::from_secs(120)), "units do not use it up");
    assert!(machine.state.is_empty());
}

/// A daemon that stops with the machine takes its sessions along.
#[test]
fn what_is_lost_while_the_machine_goes_down_is_not_the_change_s_fault() {
    let (mut machine, mut journal) = start_watched(Some(300));
    (machine.unplugged, machine.goes_down_at) = (40..300, Some(40));
    let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
    assert!(matches!(&outcome, Outcome::TakenBack(why) if why == "the machine was shut down"), "{outcome:?}");
}

#[test]
fn everybody_is_told_at_once_of_a_window_that_is_short() {
    let (mut machine, mut journal) = start_watched(Some(30));
    machine.confirmed_at = Some(1);
    let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
    assert_eq!((outcome, machine.told), (Outcome::Applied, 1));
}

#[test]
fn what_is_confirmed_in_time_stays() {
    let (mut machine, mut journal) = start_watched(Some(300));
    machine.confirmed_at = Some(299);
    let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
    assert_eq!(outcome, Outcome::Applied);
    assert!(machine.committed);
    assert_eq!(machine.armed, Some(Duration::from_secs(325)));
}

#[test]
fn what_was_agreed_to_may_come_back_behind_the_confirm() {
    const LOST: &str = "lost: container ci-1 does not run";
    let ended = |stopped: std::ops::Range<u64>| {
        let (mut machine, mut journal) = start_watched(Some(300));
        (machine.stopped, machine.confirmed_at) = (stopped, Some(40));
        let Some(Record::Header(header)) = journal.records.first_mut() else { panic!("a header") };
        let Some(step) = header.plan.steps.last_mut() else { panic!("a step") };
        step.effects.push(Effect::Container("ci-1".parse().expect("a name")));
        let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
        let awaits = |it: &&Record| matches!(it, Record::Awaiting(what) if what == LOST);
        assert_eq!(journal.records.iter().filter(awaits).count(), 1, "it is said once");
        (outcome, machine.seconds, machine.told)
    };
    assert_eq!(ended(30..90), (Outcome::Applied, 90, 0));
    let lost = LOST.to_owned();
    let (outcome, seconds, told) = ended(30..900);
    assert_eq!((outcome, told), (Outcome::TakenBack(lost), 0));
    assert!(seconds >= 300);
}

#[test]
fn what_stops_working_while_it_is_watched_is_taken_back_at_once() {
    for confirm in [None, Some(300)] {
        let (mut machine, mut journal) = start_watched(confirm);
        machine.fails_at = Some(30);
        let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
        assert!(matches!(outcome, Outcome::TakenBack(why) if why == "lost: ping"));
        assert_eq!(machine.seconds, 30);
    }
}

#[test]
fn an_apply_that_nobody_confirms_is_watched_for_a_hold_time() {
    let (mut machine, mut journal) = start_watched(None);
    let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
    assert_eq!((outcome, machine.seconds), (Outcome::Applied, 90));
}

#[test]
fn the_first_look_at_the_whole_is_part_of_the_watch_where_it_waits_for_nothing() {
    let watched = |shows_after: u64| {
        let (mut machine, mut journal) = start_watched(None);
        machine.shows_after = Duration::from_millis(shows_after);
        let _ = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
        (machine.seconds, machine.armed.expect("a timer").as_millis())
    };
    assert_eq!(watched(0), (90, 115_000));
    assert_eq!(watched(500), (90, 114_500));
    assert_eq!(watched(15_000), (105, 115_000));
    // Whoever is to confirm has the whole time.
    let (mut machine, mut journal) = start_watched(Some(300));
    (machine.shows_after, machine.confirmed_at) = (Duration::from_millis(500), Some(299));
    let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
    assert_eq!((outcome, machine.armed), (Outcome::Applied, Some(Duration::from_secs(325))));
}

#[test]
fn an_apply_is_watched_for_as_long_as_its_header_says() {
    let (mut machine, mut journal) = start_watched(None);
    let Some(Record::Header(header)) = journal.records.first_mut() else { panic!("a header") };
    header.safety.watch = Some(240);
    let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
    assert_eq!((outcome, machine.seconds), (Outcome::Applied, 240));
}

#[test]
fn a_disk_that_does_not_take_the_spec_leaves_the_host_old() {
    let (mut machine, mut journal) = start();
    machine.full = true;
    let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
    assert!(matches!(outcome, Outcome::TakenBack(why) if why.contains("no space left")));
    assert!(machine.state.is_empty());
}

/// A full table of routes: the timer must not take back what is still looked at.
#[test]
fn the_timer_waits_for_slow_looks() {
    let (mut machine, mut journal) = start_watched(Some(300));
    machine.look = 20;
    machine.confirmed_at = Some(200);
    let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
    assert_eq!(outcome, Outcome::Applied);
    assert_eq!(machine.armed, Some(Duration::from_secs(300 + 25 + 3 * 20)));
}

#[test]
fn the_timer_waits_longer_where_looks_become_slow() {
    let (mut machine, mut journal) = start_watched(Some(300));
    (machine.slow_from, machine.confirmed_at) = (Some(100), Some(290));
    let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
    assert_eq!(outcome, Outcome::Applied);
    assert_eq!(machine.armed, Some(Duration::from_secs(300 - 120 + 25 + 3 * 20)));
}

#[test]
fn a_carrier_that_is_back_at_another_look_is_no_loss_and_one_that_stays_away_is() {
    let applied = |unplugged: std::ops::Range<u64>| {
        let (mut machine, mut journal) = start_watched(None);
        machine.unplugged = unplugged;
        execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal")
    };
    assert_eq!(applied(30..32), Outcome::Applied);
    assert_eq!(applied(30..33), Outcome::TakenBack("lost: carrier of eno7".to_owned()));
}

/// Nobody waits two seconds for a carrier where something else is lost, and the report has both.
#[test]
fn a_carrier_is_not_waited_for_where_something_else_is_lost() {
    let (mut machine, mut journal) = start_watched(None);
    (machine.unplugged, machine.fails_at) = (30..32, Some(30));
    let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
    assert_eq!(outcome, Outcome::TakenBack("lost: carrier of eno7; ping".to_owned()));
    assert_eq!(machine.seconds, 30);
}

#[test]
fn a_guest_that_ends_by_itself_is_no_loss_and_any_other_is() {
    for (by_itself, expected) in
        [(true, Outcome::Applied), (false, Outcome::TakenBack("lost: domain db1 does not run".to_owned()))]
    {
        let (mut machine, mut journal) = start_watched(None);
        (machine.ends_at, machine.by_itself) = (Some(30), by_itself);
        assert_eq!(execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal"), expected);
    }
}

#[test]
fn a_container_that_boots_anew_is_no_loss_and_one_that_stays_away_is() {
    let applied = |stopped: std::ops::Range<u64>| {
        let (mut machine, mut journal) = start_watched(None);
        machine.stopped = stopped;
        execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal")
    };
    assert_eq!(applied(30..32), Outcome::Applied);
    assert_eq!(applied(30..33), Outcome::TakenBack("lost: container ci-1 does not run".to_owned()));
}

#[test]
fn a_guest_that_was_started_anew_between_two_looks_is_lost_unless_that_was_agreed_to() {
    let (mut machine, mut journal) = start_watched(None);
    machine.anew_at = Some(30);
    let mut agreed = journal.clone();
    let outcome = execute(&mut machine.clone(), &mut journal, &mut |_| {}).expect("a journal");
    assert_eq!(outcome, Outcome::TakenBack("lost: domain db1 was started anew".to_owned()));

    let Some(Record::Header(header)) = agreed.records.first_mut() else { panic!("a header") };
    let Some(step) = header.plan.steps.last_mut() else { panic!("a step") };
    step.effects.push(Effect::Guest("db1".parse().expect("a name")));
    let outcome = execute(&mut machine, &mut agreed, &mut |_| {}).expect("a journal");
    assert_eq!(outcome, Outcome::Applied);
}

#[test]
fn what_no_other_look_finds_back_is_said_without_one() {
    let (mut machine, mut journal) = start_watched(None);
    (machine.stopped, machine.fails_at) = (30..90, Some(30));
    let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
    assert_eq!((outcome, machine.seconds), (Outcome::TakenBack("lost: ping".to_owned()), 30));
}
