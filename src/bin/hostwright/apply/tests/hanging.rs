//! Disks that hang: each record in turn is the first that the disk does not take.

use super::super::execute::execute;
use super::super::journal::{Log, Outcome, Record, Story};
use super::super::undo::recover;
use super::fake::{Fake, Memory};
use super::watching::start_watched;
use super::{LINES, start};

/// Lines of an apply that is watched: one step more, and that it is watched.
const WATCHED: usize = LINES + 3;

/// Applies on a disk that hangs at a line.
fn applied(hangs_at: usize) -> (Fake, Memory, Outcome) {
    let (mut machine, mut journal) = start_watched(None);
    journal.hangs_at = Some(hangs_at);
    let outcome = execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
    (machine, journal, outcome)
}

#[test]
fn a_disk_that_hangs_at_any_line_has_everything_taken_back() {
    for hangs_at in 0..WATCHED - 1 {
        let (machine, journal, outcome) = applied(hangs_at);
        assert_eq!(outcome, Outcome::TakenBack("write the journal: the disk hangs".to_owned()), "{hangs_at}");
        assert_eq!(journal.outcome(), Some(&outcome));
        assert!(machine.state.is_empty() && !machine.committed, "{hangs_at}");
    }
}

/// On disk is what came before it hung, and perhaps one record more; who ends the apply behind a reset has nothing else.
#[test]
fn a_journal_that_shows_less_than_was_done_and_undone_is_undone_again() {
    for hangs_at in 0..WATCHED - 2 {
        let (mut machine, journal, _) = applied(hangs_at);
        for lines in [hangs_at + 1, hangs_at + 2] {
            let records = journal.records[..lines].to_vec();
            let mut on_disk = Memory { records, ..Memory::default() };
            let outcome = recover(&mut machine, &mut on_disk, "killed").expect("a journal");
            assert_eq!(outcome, Outcome::TakenBack("killed".to_owned()), "{hangs_at}");
            assert!(machine.state.is_empty() && !machine.committed, "{hangs_at}");
        }
    }
}

/// It was found good, and the disk did not take the spec: the process was killed while it took everything back.
#[test]
fn what_is_being_taken_back_is_not_finished() {
    let (mut machine, mut journal) = start();
    machine.full = true;
    execute(&mut machine, &mut journal, &mut |_| {}).expect("a journal");
    assert!(journal.records().contains(&Record::Verified));
    journal.records.retain(|it| !matches!(it, Record::Outcome(_)));
    machine.full = false;
    let outcome = recover(&mut machine, &mut journal, "killed").expect("a journal");
    // The first cause counts.
    assert!(matches!(outcome, Outcome::TakenBack(why) if why.contains("no space left")));
    assert!(!machine.committed);
}
