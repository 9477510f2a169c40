//! The transient service that runs the steps under PID 1, and the command that follows it.

mod timers;

use std::time::{Duration, Instant};

use hostwright::observed::UnitState;
use hostwright::value::{TextValue, UnitName};

use crate::apply::journal::{Follower, Header, Outcome, Record};
use crate::context::{Context, Exit};
use crate::failure::Failure;
use crate::machine::systemd::{Systemd, TransientService};
use crate::{clock, store};
use timers::{UNDO, WINDOW};
pub(crate) use timers::{WayBack, disarm};

/// Service that runs the steps.
const APPLY: &str = "hostwright-apply.service";
/// What ends an apply that a reset tore.
const RECOVER: &str = "hostwright-recover.service";
/// What the steps need: a shutdown stops them only after the apply was taken back.
const NEEDED: &[&str] = &[
    "dbus.service",
    "systemd-networkd.service",
    "libvirtd.service",
    "virtqemud.service",
    "virtnetworkd.service",
];
/// What is freed must not stay locked. One heap for all threads: with one for each, what one frees no other uses. Pictures of
/// large tables beside it: glibc else takes those into the heap once one was freed, and keeps them.
const HEAP: &[&str] = &["MALLOC_ARENA_MAX=1", "MALLOC_MMAP_THRESHOLD_=262144"];
/// Switches of the tests that the executor inherits.
const TEST_SWITCHES: &[&str] = &["HOSTWRIGHT_KILL_AFTER_STEP", "HOSTWRIGHT_PAUSE_AFTER_STEP"];
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// The same while something happens.
const LOOK_SOON: Duration = Duration::from_millis(25);
/// Time without news after which nothing happens.
const QUIET: Duration = Duration::from_secs(2);
/// Longest wait for the history of an apply that has ended: the disk may hang.
const HISTORY_LIMIT: Duration = Duration::from_secs(30);
/// Longest wait for the end of a service that has done everything.
const END_LIMIT: Duration = Duration::from_secs(10);

fn unit(name: &str) -> UnitName {
    UnitName::parse(name).expect("the names of our own units are unit names")
}

fn service(
    program: &str,
    name: &str,
    description: &str,
    command: &[&str],
    stop_post: &[&str],
) -> TransientService {
    let line = |words: &[&str]| -> Vec<String> {
        if words.is_empty() {
            return Vec::new();
        }
        [program, "unit"].iter().chain(words).map(|it| (*it).to_owned()).collect()
    };
    let switch = |name: &&str| std::env::var(name).ok().map(|value| format!("{name}={value}"));
    TransientService {
        name: unit(name),
        description: description.to_owned(),
        command: line(command),
        stop_post: line(stop_post),
        environment: TEST_SWITCHES
            .iter()
            .filter_map(switch)
            .chain(HEAP.iter().map(|it| (*it).to_owned()))
            .collect(),
        after: NEEDED.iter().map(|it| unit(it)).collect(),
    }
}

/// Arms the timer that takes back, then starts the service that runs the steps.
///
/// # Errors
/// systemd refuses: nothing was begun.
pub(crate) fn start(context: &Context, header: &Header) -> Result<(), Failure> {
    // That of the apply before may still stand.
    disarm(context)?;
    let program = context.program();
    WayBack { program: program.clone(), generation: header.generation }.arm(&header.safety)?;
    let apply = service(&program, APPLY, "hostwright applies a spec", &["execute"], &["undo"]);
    Systemd::default().start_transient(&apply)
}

/// Stops the service that runs the steps; what it had begun is taken back when this returns.
///
/// # Errors
/// systemd refuses.
pub(crate) fn stop() -> Result<(), Failure> {
    Systemd::default().stop(&unit(APPLY))
}

/// Says whether the machine goes down; not where nobody knows.
pub(crate) fn machine_stops() -> bool {
    Systemd::default().is_stopping().unwrap_or(false)
}

/// Says whether the service runs; below a directory it does not.
///
/// # Errors
/// systemd cannot be asked.
pub(crate) fn is_active(context: &Context) -> Result<bool, Failure> {
    Ok(context.layout.is_machine() && runs(&Systemd::default())?)
}

/// Says whether the service runs, or one that takes back what it did; below a directory none does.
///
/// # Errors
/// systemd cannot be asked.
pub(crate) fn is_at_work(context: &Context) -> Result<bool, Failure> {
    Ok(context.layout.is_machine() && any_runs(&Systemd::default(), &[APPLY, UNDO, WINDOW, RECOVER])?)
}

/// Says likewise, but for what ends an apply at a boot.
///
/// # Errors
/// systemd cannot be asked.
pub(crate) fn is_applying(context: &Context) -> Result<bool, Failure> {
    Ok(context.layout.is_machine() && any_runs(&Systemd::default(), &[APPLY, UNDO, WINDOW])?)
}

fn runs(systemd: &Systemd) -> Result<bool, Failure> {
    any_runs(systemd, &[APPLY])
}

fn any_runs(systemd: &Systemd, names: &[&str]) -> Result<bool, Failure> {
    let names: Vec<_> = names.iter().map(|it| unit(it)).collect();
    let states = systemd.states(&names)?;
    Ok(states.values().any(|it| matches!(it, UnitState::Active | UnitState::Changing)))
}

/// What is to be done where the disk did not take the history.
pub(crate) const NOT_KEPT: &str = "the disk has not taken it, `journalctl --unit hostwright-apply` says why; the next apply or boot writes it at the latest";

/// Prints each step as it is done, until the end.
///
/// # Errors
/// The journal cannot be read, or the service is gone and nobody ended the apply.
pub(crate) fn follow(context: &Context, header: &Header) -> Result<Exit, Failure> {
    let systemd = Systemd::default();
    let mut journal = Follower::default();
    let mut outcome: Option<(Outcome, Instant)> = None;
    let mut heard = Instant::now();
    context.tell("");
    loop {
        // Asked before the outcome is looked for: a service that has ended has left one.
        let active = runs(&systemd)?;
        for record in journal.news(&context.layout)? {
            heard = Instant::now();
            if let Some(line) = news(header, &record) {
                context.tell(&format!("  {line}"));
            }
            if let Record::Outcome(it) = record {
                outcome.get_or_insert((it, Instant::now()));
            }
        }
        if let Some(ended) = store::generation(&context.layout, header.generation)? {
            await_end()?;
            context.tell(&format!("\n{}", told(header, Some(&ended.outcome))));
            return Ok(exit(&ended.outcome));
        }
        match &outcome {
            Some((outcome, since)) if !active || since.elapsed() > HISTORY_LIMIT => {
                return Ok(without_history(context, header, outcome));
            }
            None if !active => {
                return Err(Failure::new(
                    "follow the apply",
                    "its service is gone: `hostwright status` says what is left",
                ));
            }
            _ => {}
        }
        std::thread::sleep(if heard.elapsed() < QUIET { LOOK_SOON } else { LOOK_AGAIN });
    }
}

/// Says what the host is, which the disk does not take.
fn without_history(context: &Context, header: &Header, outcome: &Outcome) -> Exit {
    context.tell(&format!("\n{}", told(header, Some(outcome))));
    eprintln!("warning: the history is without generation {}\nhint: {NOT_KEPT}", header.generation);
    exit(outcome)
}

/// Waits until what comes behind the steps has let the lock go: whoever applies next must find it free.
///
/// # Errors
/// systemd cannot be asked.
pub(crate) fn await_end() -> Result<(), Failure> {
    let (systemd, begin) = (Systemd::default(), Instant::now());
    while runs(&systemd)? && begin.elapsed() < END_LIMIT {
        std::thread::sleep(LOOK_SOON);
    }
    Ok(())
}

/// Says in a line what a record means for who follows; absent: nothing.
fn news(header: &Header, record: &Record) -> Option<String> {
    let step =
        |number: &usize| header.plan.steps.get(*number).map(|it| it.action.to_string()).unwrap_or_default();
    let count = header.plan.steps.len();
    Some(match record {
        Record::Done(number) => format!("{:>3}/{count}  {}", number + 1, step(number)),
        Record::Failed(number, why) => format!("{:>3}/{count}  {why}", number + 1),
        Record::Undoing(_) => "taking back".to_owned(),
        Record::Left(what) => format!("left: {what}"),
        Record::Watching(end) => {
            let left = clock::seconds_until(*end);
            match header.safety.confirm {
                Some(_) => format!("it works; `hostwright confirm` keeps it, in {left} s it is taken back"),
                None => format!("watching for {left} s whether all goes on working"),
            }
        }
        Record::Awaiting(what) => format!("confirmed; it waits for what is {what}"),
        Record::Before(lines) => {
            let fails: Vec<_> = lines.iter().filter_map(|it| it.strip_suffix(": fails")).collect();
            return (!fails.is_empty())
                .then(|| format!("not watched, for it does not work before: {}", fails.join(", ")));
        }
        Record::Header(_)
        | Record::Drift(_)
        | Record::After(_)
        | Record::Begun(_)
        | Record::Verified
        | Record::Outcome(_) => return None,
    })
}

/// Says in a sentence how an apply ended.
pub(crate) fn told(header: &Header, outcome: Option<&Outcome>) -> String {
    let generation = header.generation;
    match outcome {
        Some(Outcome::Applied) => format!("generation {generation} is applied"),
        Some(Outcome::TakenBack(why)) => format!("generation {generation} was taken back: {why}"),
        Some(Outcome::Broken(left)) => {
            format!("generation {generation} could not be taken back whole; left: {}", left.join("; "))
        }
        None => format!("generation {generation} is being applied"),
    }
}

/// Returns the exit of an outcome.
pub(crate) const fn exit(outcome: &Outcome) -> Exit {
    match outcome {
        Outcome::Applied => Exit::Done,
        Outcome::TakenBack(_) => Exit::TakenBack,
        Outcome::Broken(_) => Exit::Broken,
    }
}
