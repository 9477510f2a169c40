//! Waiting by scripts of what links show, on a clock of its own.

use std::cell::{Cell, RefCell};

use super::*;

/// States of links that come one after the other, the last for ever: those that networkd tells at each look, and those that
/// are glimpsed, if any; and the looks, in turn, that find all links detecting.
struct Script {
    told: &'static [&'static [&'static str]],
    glimpsed: &'static [&'static [&'static str]],
    detecting: &'static [bool],
    /// What was asked: `look`, `glimpse`, `answer`.
    asked: RefCell<Vec<&'static str>>,
    begun: Instant,
    time: Cell<Duration>,
}

impl Script {
    fn new(told: &'static [&'static [&'static str]]) -> Self {
        let (asked, time) = (RefCell::new(Vec::new()), Cell::new(Duration::ZERO));
        Self { told, glimpsed: &[], detecting: &[false], asked, begun: Instant::now(), time }
    }

    /// Returns how long is waited behind links with the states of one look.
    fn waits(&self, before: &[&str]) -> Duration {
        settled(self, &links(before)).expect("links");
        self.time.get()
    }

    fn count(&self, what: &'static str) -> usize {
        self.asked.borrow().iter().filter(|it| **it == what).count()
    }

    /// Notes a question and returns the states of its turn.
    fn next(&self, states: &[&[&'static str]], what: &'static str) -> Option<Vec<Link>> {
        let turn = self.count(what);
        self.asked.borrow_mut().push(what);
        states.get(turn).or(states.last()).map(|it| links(it))
    }
}

impl Links for Script {
    fn described(&self) -> Result<Vec<Link>, Failure> {
        Ok(self.next(self.told, "look").expect("a state"))
    }

    fn glimpsed(&self) -> Option<Vec<Link>> {
        self.next(self.glimpsed, "glimpse")
    }

    fn answers(&self) -> Result<(), Failure> {
        self.asked.borrow_mut().push("answer");
        Ok(())
    }

    fn detecting(&self) -> Result<BTreeSet<u32>, Failure> {
        let detects = self.detecting[self.count("look") % self.detecting.len()];
        Ok(if detects { (0..9).collect() } else { BTreeSet::new() })
    }

    fn now(&self) -> Instant {
        self.begun + self.time.get()
    }

    fn pause(&self, time: Duration) {
        self.time.set(self.time.get() + time);
    }
}

/// Links with states, numbered from 0.
fn links(states: &[&str]) -> Vec<Link> {
    let link = |(index, state): (u32, &&str)| Link {
        index,
        name: format!("eno{index}"),
        state: (*state).to_owned(),
        carrier: "carrier".to_owned(),
        file: None,
    };
    (0..).zip(states).map(link).collect()
}

const DONE: &[&str] = &["configured"];
const BUSY: &[&str] = &["configuring"];

#[test]
fn networkd_is_asked_when_a_glimpse_says_that_it_is_done_and_has_the_last_word() {
    let asked = |told| {
        let script = Script { glimpsed: &[DONE, BUSY, BUSY, DONE], ..Script::new(told) };
        script.waits(DONE);
        script.count("look")
    };
    assert_eq!(asked(&[DONE]), 1);
    assert_eq!(asked(&[BUSY, BUSY, DONE]), 3);
}

#[test]
fn calm_counts_from_an_answer_of_networkd() {
    let script = Script { glimpsed: &[DONE], ..Script::new(&[DONE]) };
    script.waits(DONE);
    assert_eq!(script.asked.borrow()[..2], ["glimpse", "answer"]);
    assert_eq!(script.count("answer"), 1);
}

#[test]
fn a_state_that_a_link_left_behind_is_not_awaited_for_long() {
    let script = Script { glimpsed: &[&["configured", "configuring"]], ..Script::new(&[DONE]) };
    let time = script.waits(DONE);
    assert!(time > GLIMPSES && time < CARRIER_LIMIT, "{time:?}");
}

#[test]
fn where_no_work_was_seen_it_must_stay_calm_for_longer() {
    assert!(Script::new(&[DONE]).waits(DONE) >= CALM);
    let of_before = Script::new(&[BUSY, DONE]).waits(BUSY);
    assert!(of_before >= CALM + SHORT_PAUSE, "that was work of before");
}

#[test]
fn where_work_was_seen_and_ended_it_has_begun_with_all() {
    for (before, told) in
        [(DONE, &[DONE, BUSY, DONE] as &[_]), (&["unmanaged"], &[&["unmanaged"] as &[_], DONE])]
    {
        let time = Script::new(told).waits(before);
        assert!(time >= SHORT_CALM && time < CALM, "{before:?}: {time:?}");
    }
}

#[test]
fn duplicate_detection_of_a_link_local_address_is_not_awaited() {
    for (state, detecting) in [(BUSY, &[true] as &[_]), (BUSY, &[true, false]), (&["initialized"], &[true])] {
        let told: &'static [_] = Box::leak(Box::new([state]));
        let time = Script { detecting, ..Script::new(told) }.waits(DONE);
        assert!(time >= CALM && time < CARRIER_LIMIT, "{state:?}, {detecting:?}: {time:?}");
    }
}

#[test]
fn links_that_detect_are_awaited_for_less_when_it_has_begun_with_all() {
    const BEGUN: &[&str] = &["configuring", "configuring"];
    const ONE_DONE: &[&str] = &["configured", "configuring"];
    let before = ["unmanaged", "unmanaged"];
    let waits = |told| Script { detecting: &[true], ..Script::new(told) }.waits(&before);
    assert!(waits(&[BEGUN, ONE_DONE]) < CALM);
    // Each that it begins with shows that it is still at it.
    let in_turn: &[&[_]] = &[&["configuring", "unmanaged"], &["configuring", "unmanaged"], BEGUN];
    assert!(waits(in_turn) >= CALM + 2 * SHORT_PAUSE);
}
