//! The executor against a machine in memory, with each step failing, and each step killed, in turn.

use std::collections::BTreeSet;
use std::panic;

use hostwright::artifact::{Artifacts, Origin, Safety};
use hostwright::host::Target;
use hostwright::observed::Observed;
use hostwright::plan::{Action, Deferral, Plan, Reach, Step, plan};

use crate::spec::compile_text;

use super::execute::execute;
use super::journal::{Header, Outcome, Record, Story};
use super::undo::recover;
use fake::{Fake, Memory};

mod fake;
mod hanging;
mod nexthops;
mod routes;
mod watching;

/// Lines behind the header of an apply that succeeds: two for each step, and before, drift, after, verified, outcome.
const LINES: usize = 2 * NAMES.len() + 5;

const NAMES: [&str; 4] = ["a.mount", "b.mount", "c.mount", "d.mount"];

pub(crate) fn empty_plan() -> Plan {
    let none = Artifacts::default();
    let mut plan = plan(&none, &none, &Observed::default(), Reach::Directory, Deferral::Stop);
    plan.reach = Reach::Machine;
    plan.steps.clear();
    plan
}

/// Makes the first record of an apply of a plan.
pub(crate) fn header(plan: Plan) -> Header {
    Header {
        caller: None,
        format_version: 1,
        generation: 1,
        author: "root".to_owned(),
        time: 0,
        boot: String::new(),
        reason: "apply".to_owned(),
        message: None,
        spec: String::new(),
        former: None,
        plan,
        safety: Safety::default(),
    }
}

fn start() -> (Fake, Memory) {
    let mut plan = empty_plan();
    for name in NAMES {
        let name = || name.parse().expect("a unit name");
        let (action, undo) = (Action::StartUnit(name()), vec![Action::StopUnit(name())]);
        plan.steps.push(Step { origin: Origin::new("mount", "x"), action, undo, effects: Vec::new() });
    }
    let wanted = NAMES.iter().map(|it| (*it).to_owned()).collect();
    let machine = Fake { wanted, ..Fake::default() };
    (machine, Memory { records: vec![Record::Header(Box::new(header(plan)))], ..Memory::default() })
}

#[test]
fn all_steps_make_the_host_new() {
    let (mut machine, mut journal) = start();
    let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
    assert_eq!(outcome, Outcome::Applied);
    assert!(machine.committed);
    assert_eq!(machine.state, machine.wanted);
}

#[test]
fn a_link_that_somebody_made_behind_the_plan_is_not_begun() {
    let (mut machine, mut journal) = start();
    let text = "[host]\nname = \"hv1\"\n[dummy.d0]\n";
    let artifacts = compile_text("spec", text, &Target { systemd: 252, binaries: "/usr/bin".to_owned() })
        .artifacts
        .expect("artifacts");
    let link = artifacts.links().next().expect("a link").clone();
    let Some(Record::Header(header)) = journal.records.first_mut() else { panic!("a header") };
    let undo = vec![Action::DeleteLink(link.name.clone())];
    machine.strange = Some(link.name.clone());
    let (origin, action) = (Origin::new("dummy", "d0"), Action::CreateLink(link));
    header.plan.steps.push(Step { origin, action, undo, effects: Vec::new() });
    let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
    assert_eq!(outcome, Outcome::TakenBack("somebody made a link `d0` since the plan".to_owned()));
    assert!(!journal.records.contains(&Record::Begun(NAMES.len())) && machine.state.is_empty());
}

#[test]
fn each_step_that_fails_leaves_the_host_old() {
    for name in NAMES {
        let (mut machine, mut journal) = start();
        machine.refuses = Some(name.to_owned());
        let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
        assert!(matches!(outcome, Outcome::TakenBack(why) if why.contains(name)));
        assert!(machine.state.is_empty() && !machine.committed);
    }
}

#[test]
fn each_step_that_takes_something_from_others_is_taken_back() {
    for name in NAMES {
        let (mut machine, mut journal) = start();
        machine.disturbs = Some(name.to_owned());
        let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
        assert!(matches!(outcome, Outcome::TakenBack(why) if why.contains("lost: nexthop id 8 ")));
        assert!(machine.state.is_empty() && !machine.committed);
    }
}

#[test]
fn an_executor_killed_at_any_line_leaves_the_host_wholly_old_or_new() {
    for killed_at in 0..=LINES {
        let (mut machine, mut journal) = start();
        journal.killed_at = Some(killed_at);
        let end = panic::AssertUnwindSafe(|| execute(&mut machine, &mut journal, &mut |_| {}));
        assert_eq!(panic::catch_unwind(end).is_err(), killed_at < LINES, "{killed_at}");
        journal.killed_at = None;
        let outcome = recover(&mut machine, &mut journal, "killed").expect("a journal");
        match outcome {
            Outcome::Applied => assert!(machine.committed && machine.state == machine.wanted, "{killed_at}"),
            Outcome::TakenBack(_) => assert!(!machine.committed && machine.state.is_empty(), "{killed_at}"),
            Outcome::Broken(left) => panic!("{killed_at}: {left:?}"),
        }
        assert_eq!(recover(&mut machine, &mut journal, "again").ok(), journal.outcome().cloned());
    }
}

/// What a reset does not take back must be known behind it, whatever record was the last that came to the disk.
#[test]
fn what_outlives_a_reset_is_on_disk_before_it_begins() {
    for killed_at in 0..LINES {
        let (mut machine, mut journal) = start();
        let Some(Record::Header(header)) = journal.records.first_mut() else { panic!("a header") };
        header.plan.steps[1].action = Action::StopNetwork("default".parse().expect("a name"));
        header.plan.steps[3].action = Action::StopNetwork("other".parse().expect("a name"));
        let plan = header.plan.clone();
        journal.killed_at = Some(killed_at);
        let end = panic::AssertUnwindSafe(|| execute(&mut machine, &mut journal, &mut |_| {}));
        assert!(panic::catch_unwind(end).is_err(), "{killed_at}");
        journal.records.truncate(journal.synced);
        let begun: Vec<_> = journal.begun().into_iter().map(|it| &plan.steps[it].action).collect();
        assert!(machine.lasting.iter().all(|it| begun.contains(&it)), "{killed_at}");
    }
}

#[test]
fn an_undo_that_fails_says_what_is_left() {
    let (mut machine, mut journal) = start();
    machine.refuses = Some("d.mount".to_owned());
    machine.sticks = Some("b.mount".to_owned());
    let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
    let Outcome::Broken(left) = outcome else { panic!("{outcome:?}") };
    assert!(left.iter().any(|it| it.contains("b.mount: busy")), "{left:?}");
    assert_eq!(machine.state, BTreeSet::from(["b.mount".to_owned()]));
}

/// A route on the place that another one leaves comes back when that one is gone.
#[test]
fn an_inverse_that_counts_on_a_later_one_is_tried_again() {
    let undone = |rival: &str| {
        let (mut machine, mut journal) = start();
        let Some(Record::Header(header)) = journal.records.first_mut() else { panic!("a header") };
        header.plan.steps[2].undo.push(Action::SetUp("eno1".parse().expect("a name")));
        machine.refuses = Some(NAMES[3].to_owned());
        machine.rival = Some(rival.to_owned());
        machine.state.insert("always.mount".to_owned());
        execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal")
    };
    assert!(matches!(undone(NAMES[0]), Outcome::TakenBack(_)));
    assert!(matches!(undone("always.mount"), Outcome::Broken(left) if left[0].contains("in the way")));
}

/// Somebody took `x.mount` away long ago: that the undo does not bring it back is no failure of it.
#[test]
fn an_undo_owes_nothing_that_was_gone_before() {
    let (mut machine, mut journal) = start();
    machine.former.insert("x.mount".to_owned());
    machine.refuses = Some("c.mount".to_owned());
    let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
    assert!(matches!(outcome, Outcome::TakenBack(_)), "{outcome:?}");
    assert_eq!(machine.settled, 0, "nobody waits for what cannot come");
}

/// The executor ended before it could say what was gone before, and before the first step.
#[test]
fn an_undo_of_nothing_owes_nothing() {
    let (mut machine, mut journal) = start();
    machine.former.insert("x.mount".to_owned());
    let outcome = recover(&mut machine, &mut journal, "killed").expect("a journal");
    assert_eq!(outcome, Outcome::TakenBack("killed".to_owned()));
}

/// Stopping an automount detaches a busy file system: it must not be reached when the mount's stop failed.
#[test]
fn an_inverse_ends_where_it_fails() {
    let (mut machine, mut journal) = start();
    let Some(Record::Header(header)) = journal.records.first_mut() else { panic!("a header") };
    let stop = |name: &str| Action::StopUnit(name.parse().expect("a unit name"));
    header.plan.steps[1].undo = vec![stop("b.mount"), stop("a.mount")];
    header.plan.steps[0].undo.clear();
    machine.refuses = Some("c.mount".to_owned());
    machine.sticks = Some("b.mount".to_owned());
    let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
    assert!(matches!(outcome, Outcome::Broken(_)));
    assert!(machine.state.contains("a.mount"), "{:?}", machine.state);
}

#[test]
fn a_machine_that_does_not_show_it_is_taken_back() {
    let (mut machine, mut journal) = start();
    machine.wanted.insert("never.mount".to_owned());
    let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
    assert!(matches!(outcome, Outcome::TakenBack(why) if why.contains("never.mount")));
    assert!(machine.state.is_empty() && !machine.committed);
}
