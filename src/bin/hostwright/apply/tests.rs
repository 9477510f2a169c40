//! The executor against a machine in memory, with each step failing, and each step killed, in turn.

use std::collections::{BTreeMap, BTreeSet};
use std::panic;
use std::time::Duration;

use hostwright::artifact::{Artifacts, Origin, Safety};
use hostwright::observed::{ForeignRoute, Nexthop, Observed};
use hostwright::plan::{Action, Deferral, Plan, Reach, Step, plan};

use super::churn::Routes;
use super::execute::execute;
use super::guard::{Baseline, Fate, Verdict};
use super::journal::{Header, Log, Outcome, Record, Story};
use super::undo::recover;
use super::{Machine, Of};
use crate::failure::Failure;

mod hanging;
mod nexthops;
mod watching;

/// A machine whose state is a set of words.
#[derive(Debug, Default, Clone)]
struct Fake {
    state: BTreeSet<String>,
    wanted: BTreeSet<String>,
    former: BTreeSet<String>,
    committed: bool,
    /// Seconds since the boot.
    seconds: u64,
    /// When somebody confirms.
    confirmed_at: Option<u64>,
    /// When a trial fails from.
    fails_at: Option<u64>,
    /// Whether the disk takes no spec.
    full: bool,
    /// Seconds that were waited for the machine to settle.
    settled: u64,
    armed: Option<Duration>,
    told: u32,
    /// Word that cannot be brought about: when it is tried, the machine refuses.
    refuses: Option<String>,
    /// Word that disturbs somebody when it is there.
    disturbs: Option<String>,
    /// What the daemon of the disturbed says.
    fate: Option<Fate>,
    /// When what was disturbed is back.
    back_at: Option<u64>,
    /// How often the daemon was asked.
    asked: u32,
    /// Seconds that a look takes.
    look: u64,
    /// When a look takes 20 s from.
    slow_from: Option<u64>,
    /// Word whose removal is refused.
    sticks: Option<String>,
}

impl Machine for Fake {
    fn run(&mut self, action: &Action) -> Result<(), Failure> {
        let refused = |cause: &str| Err(Failure::new(action.to_string(), cause));
        match action {
            Action::StartUnit(name) if self.refuses.as_deref() == Some(name.as_str()) => refused("no"),
            Action::StopUnit(name) if self.sticks.as_deref() == Some(name.as_str()) => refused("busy"),
            Action::StartUnit(name) => {
                self.state.insert(name.to_string());
                Ok(())
            }
            Action::StopUnit(name) => {
                self.state.remove(name.as_str());
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn baseline(&mut self, before: Option<&Baseline>) -> Result<Baseline, Failure> {
        let is_slow = self.slow_from.is_some_and(|it| self.seconds >= it);
        self.seconds += if is_slow { 20 } else { self.look };
        let late = before.is_some() && self.fails_at.is_some_and(|it| self.seconds >= it);
        let trial = if late { Verdict::Fails } else { Verdict::Works };
        Ok(Baseline {
            nexthops: self.nexthops()?,
            trials: [("ping".to_owned(), trial)].into(),
            ..Baseline::default()
        })
    }

    fn routes(&mut self) -> Result<Routes, Failure> {
        Ok(Routes::default())
    }

    fn withdrawn(&mut self, _: &[ForeignRoute]) -> Vec<ForeignRoute> {
        Vec::new()
    }

    fn nexthops(&mut self) -> Result<BTreeSet<Nexthop>, Failure> {
        let disturbed = self.disturbs.as_ref().is_some_and(|it| self.state.contains(it));
        let is_back = self.back_at.is_some_and(|it| self.seconds >= it);
        Ok(if disturbed && !is_back { BTreeSet::new() } else { [nexthop()].into() })
    }

    fn fates(&mut self, gone: &[Nexthop], _: &BTreeSet<Nexthop>) -> BTreeMap<u32, Fate> {
        self.asked += 1;
        gone.iter().filter_map(|it| Some((it.id, self.fate?))).collect()
    }

    fn now(&mut self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    fn pause(&mut self) {
        self.seconds += 1;
    }

    fn arm(&mut self, after: Duration) -> Result<(), Failure> {
        self.armed = Some(after);
        Ok(())
    }

    fn is_confirmed(&mut self, generation: u64) -> bool {
        generation == 1 && self.confirmed_at.is_some_and(|it| self.seconds >= it)
    }

    fn tell_everybody(&mut self, _: &str) {
        self.told += 1;
    }

    fn has_committed(&mut self) -> bool {
        self.committed
    }

    fn drift(&mut self) -> Result<Vec<String>, Failure> {
        Ok(self.former.symmetric_difference(&self.state).cloned().collect())
    }

    fn lacks(&mut self, of: Of, known: &[String]) -> Result<Vec<String>, Failure> {
        let whole = if of == Of::New { &self.wanted } else { &self.former };
        let lacks = whole.symmetric_difference(&self.state).filter(|it| !known.contains(it));
        let lacks: Vec<_> = lacks.cloned().collect();
        self.settled += if lacks.is_empty() { 0 } else { 20 };
        Ok(lacks)
    }

    fn commit(&mut self) -> Result<(), Failure> {
        if self.full {
            return Err(Failure::new("write applied.toml", "no space left on device"));
        }
        self.committed = true;
        Ok(())
    }
}

fn nexthop() -> Nexthop {
    let rest = "family 2 scope global protocol 11 dev eno1".to_owned();
    Nexthop {
        id: 8,
        protocol: 11,
        device: Some("eno1".to_owned()),
        via: None,
        members: BTreeSet::new(),
        rest,
    }
}

/// A journal in memory. At a line the process can be killed, or the disk begin to hang.
#[derive(Debug, Default, Clone)]
struct Memory {
    records: Vec<Record>,
    killed_at: Option<usize>,
    hangs_at: Option<usize>,
}

/// What a process that is killed ends with here.
struct Killed;

impl Log for Memory {
    fn append(&mut self, record: Record) -> Result<(), Failure> {
        self.note(record);
        if self.hangs_at == Some(self.records.len() - 2) {
            return Err(Failure::new("write the journal", "the disk hangs"));
        }
        Ok(())
    }

    fn note(&mut self, record: Record) {
        if self.killed_at == Some(self.records.len() - 1) {
            panic::resume_unwind(Box::new(Killed));
        }
        self.records.push(record);
    }

    fn records(&self) -> &[Record] {
        &self.records
    }
}

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
