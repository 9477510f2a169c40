//! Applies whose executor is gone: killed, or torn by a reset. And the end of every apply: the history takes it.

use std::collections::{BTreeMap, BTreeSet};

use crate::apply::execute::SHUT_DOWN;
use crate::apply::journal::{self, Header, Journal, Log, Outcome, Record, Story};
use crate::apply::undo::{recover as end, take_back};
use crate::context::Context;
use crate::failure::Failure;
use crate::late::{self, DISK_LIMIT};
use crate::layout::Layout;
use crate::lock::{self, Lock};
use crate::machine::Ports;
use crate::machine::cgroup::Form;
use crate::machine::picture::Trials;
use crate::machine::real::Real;
use crate::service::WayBack;
use crate::{author, generations, store};

/// Longest wait for the history, three files and as many directories, before somebody is told.
const KEEP_LIMIT: std::time::Duration = DISK_LIMIT.saturating_mul(2);

/// An apply that ended, and what its journal says.
#[derive(Debug)]
pub(crate) struct Ended {
    /// What it began with.
    pub(crate) header: Header,
    /// What the host is.
    pub(crate) outcome: Outcome,
    /// All that was noted.
    pub(crate) records: Vec<Record>,
}

impl Ended {
    /// Writes the history. Where the disk hangs this waits as long as it does: nobody else knows all that is to be written.
    ///
    /// # Errors
    /// The file system's: the journal stays, and whoever comes next tries again.
    pub(crate) fn keep(self, context: &Context) -> Result<(), Failure> {
        let context = context.clone();
        let work = late::begin(move || {
            store::keep(&context.layout, self.header, self.outcome, &self.records)?;
            generations::prune(&context)
        });
        let in_time = work.within(KEEP_LIMIT);
        let kept = in_time.or_else(|| {
            eprintln!("{}; it is waited for", late::hangs(HISTORY, KEEP_LIMIT));
            work.end()
        });
        kept.unwrap_or_else(|| Err(Failure::new(HISTORY, "it ended early")))
    }
}

const HISTORY: &str = "write the history";

/// Returns the records of an apply that did not end, or that the history does not have yet; absent: there is none.
///
/// # Errors
/// The journal cannot be read.
pub(crate) fn records(layout: &Layout) -> Result<Option<(Header, Vec<Record>)>, Failure> {
    let records = Journal::look(layout)?.unwrap_or_default();
    Ok(journal::header(&records).cloned().map(|header| (header, records)))
}

/// Returns what an apply that did not end began with.
///
/// # Errors
/// The journal cannot be read.
pub(crate) fn unfinished(layout: &Layout) -> Result<Option<Header>, Failure> {
    Ok(records(layout)?.map(|it| it.0))
}

/// Waits for the lock to end the apply that did not end, if any; absent: somebody else ended it meanwhile, and another may have
/// begun, or somebody may sit before a question with the lock.
///
/// # Errors
/// The journal cannot be read, or the lock not be taken.
pub(crate) fn lock(layout: &Layout) -> Result<Option<Lock>, Failure> {
    let begun = || Ok(unfinished(layout)?.map(|it| (it.generation, it.time, it.boot)));
    let first = begun()?;
    lock::wait_while(layout, "hostwright undo", || Ok(begun()? == first))
}

/// Makes the machine that a journal speaks of.
///
/// # Errors
/// A spec of the journal does not compile.
pub(crate) fn machine(context: &Context, header: &Header) -> Result<Real, Failure> {
    let former = context.artifacts_of("the former spec", header.former.as_deref())?;
    // A way back to the host as it was has no spec of its own, and is watched as the former one says.
    let mut new = context.artifacts_of("the new spec", Some(&header.spec))?;
    new.safety = header.safety.clone();
    Ok(Real {
        ports: Ports::default(),
        layout: context.layout.clone(),
        spec: header.spec.clone(),
        former_spec: header.former.clone(),
        former: former.into(),
        new: new.into(),
        way_back: WayBack { program: context.program(), generation: header.generation },
        trials: Trials::over(header.caller),
        waiting: header.plan.waiting(),
        with_steps: guests(header),
        after_reset: context.layout.is_machine() && header.boot != author::boot()?,
        neighbors: BTreeMap::new(),
        late_commit: None,
    })
}

/// Returns the names of guests that steps are for.
fn guests(header: &Header) -> BTreeSet<String> {
    let origins = header.plan.steps.iter().map(|it| &it.origin);
    origins.filter(|it| it.kind == Form::Domain.word()).map(|it| it.name.clone()).collect()
}

/// Ends what was begun, and leaves it to who calls to keep it; absent: there was nothing to end.
///
/// # Errors
/// The journal cannot be read, or a spec of it does not compile.
pub(crate) fn recover(context: &Context, why: &str) -> Result<Option<Ended>, Failure> {
    let layout = &context.layout;
    let Some(mut journal) = Journal::open(layout)? else { return Ok(None) };
    let Some(header) = journal.header().cloned() else {
        store::remove(&layout.journal())?;
        return Ok(None);
    };
    let mut machine = machine(context, &header)?;
    let booted_new = store::is_applied(layout, &header.spec)?;
    let outcome = if machine.after_reset && !booted_new {
        let begun = journal.undoing().unwrap_or("the machine was reset").to_owned();
        take_back(&mut machine, &mut journal, &begun)?
    } else {
        end(&mut machine, &mut journal, why)?
    };
    machine.await_disk();
    if outcome != Outcome::Applied && !machine.after_reset {
        // An executor that was killed may have left a write to a disk that hung.
        store::revoke(layout, &header.spec, header.former.as_deref())?;
    }
    Ok(Some(Ended { header, outcome, records: journal.into_records() }))
}

/// Leaves it to the next boot to take back what was begun, where that is to be done; says whether it is.
///
/// # Errors
/// The journal cannot be read or written: the boot would not know why.
pub(crate) fn leave_to_boot(layout: &Layout) -> Result<bool, Failure> {
    let Some(mut journal) = Journal::open(layout)? else { return Ok(false) };
    if journal.header().is_none() || journal.is_verified() || journal.outcome().is_some() {
        return Ok(false);
    }
    let why = journal.undoing().unwrap_or(SHUT_DOWN).to_owned();
    journal.append(Record::Undoing(why))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::tests::{empty_plan, header};

    #[test]
    fn what_the_history_does_not_take_stays_in_the_journal() {
        let root = tempfile::tempdir().expect("a folder");
        let context = Context::below(root.path());
        let layout = &context.layout;
        let generations = layout.generations();
        std::fs::create_dir_all(generations.parent().expect("a folder")).expect("made");
        std::fs::write(&generations, "in the way").expect("written");
        let mut journal = Journal::create(layout, header(empty_plan())).expect("a journal");
        journal.note(Record::Outcome(Outcome::Applied));
        let ended = |records| Ended { header: header(empty_plan()), outcome: Outcome::Applied, records };
        let failure = ended(Vec::new()).keep(&context).expect_err("it takes nothing");
        assert!(failure.to_string().starts_with("write "), "{failure}");
        let (_, records) = super::records(layout).expect("readable").expect("it is there");
        assert_eq!(journal::outcome(&records), Some(&Outcome::Applied));
        std::fs::remove_file(&generations).expect("removed");
        assert_eq!(ended(records).keep(&context), Ok(()));
        assert!(unfinished(layout).expect("readable").is_none() && !layout.journal_in_memory().exists());
        let kept = store::generation(layout, 1).expect("readable").expect("kept");
        assert!(kept.was_applied());
    }

    #[test]
    fn a_shutdown_leaves_to_the_boot_what_is_to_be_taken_back() {
        let left = |records: &[Record]| {
            let root = tempfile::tempdir().expect("a folder");
            let layout = Layout::new(root.path());
            let journal = layout.journal();
            std::fs::create_dir_all(journal.parent().expect("a folder")).expect("made");
            let mut journal = Journal::create(&layout, header(empty_plan())).expect("a journal");
            records.iter().for_each(|it| journal.append(it.clone()).expect("written"));
            let left = leave_to_boot(&layout).expect("readable");
            // What is in memory does not outlive it.
            let _ = std::fs::remove_file(layout.journal_in_memory());
            let records = Journal::look(&layout).expect("readable").expect("it is there");
            (left, journal::undoing(&records).map(str::to_owned))
        };
        let why = |text: &str| Some(text.to_owned());
        assert_eq!(left(&[Record::Watching(900)]), (true, why("the machine was shut down")));
        assert_eq!(left(&[Record::Undoing("lost".to_owned())]), (true, why("lost")));
        assert_eq!(left(&[Record::Verified]), (false, None));
        assert_eq!(left(&[Record::Outcome(Outcome::Applied)]), (false, None));
    }

    /// A recovery that waits while somebody ends the apply and begins another must not take that for the one that was torn.
    #[test]
    fn whoever_waits_for_the_lock_ends_no_other_apply() {
        let root = tempfile::tempdir().expect("a folder");
        let layout = Layout::new(root.path());
        let begin = |generation| {
            let header = Header { generation, ..header(empty_plan()) };
            Journal::create(&layout, header).expect("a journal");
        };
        std::fs::create_dir_all(layout.journal().parent().expect("a folder")).expect("made");
        assert!(lock(&layout).expect("free").is_some(), "nothing was begun, and nothing is");
        begin(7);
        let held = lock(&layout).expect("free").expect("it is there");
        let waiting = std::thread::spawn({
            let layout = layout.clone();
            move || lock(&layout).map(|it| it.is_some())
        });
        // It has read the journal by then, and is no worse off where it has not.
        std::thread::sleep(std::time::Duration::from_millis(300));
        store::remove(&layout.journal()).expect("removed");
        begin(8);
        assert_eq!(waiting.join().expect("it ends"), Ok(false), "while the lock is held");
        drop(held);
    }
}
