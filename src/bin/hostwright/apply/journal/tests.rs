//! Journals on disks that hang or are full, and what others read of them.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use super::disk::Disk;
use super::{Follower, Header, Journal, Log, Outcome, Record, Story};
use crate::apply::tests::{empty_plan, header};
use crate::layout::Layout;

const SHORT: Duration = Duration::from_millis(50);

fn layout(root: &Path) -> Layout {
    let layout = Layout::new(root);
    fs::create_dir_all(layout.generations()).expect("made");
    layout
}

/// Returns a file that takes nothing: a pipe that nobody empties. What is handed back keeps it from an end.
fn stuck(folder: &Path) -> (File, File) {
    let path = folder.join("stuck");
    mkfifo(&path, Mode::S_IRWXU).expect("made");
    let reader = OpenOptions::new().read(true).custom_flags(nix::libc::O_NONBLOCK).open(&path).expect("open");
    let mut filler =
        OpenOptions::new().write(true).custom_flags(nix::libc::O_NONBLOCK).open(&path).expect("open");
    while filler.write(&[0; 512]).is_ok() {}
    (OpenOptions::new().write(true).open(&path).expect("open"), reader)
}

/// Hangs the disk of a journal.
fn hang(journal: &Journal, layout: &Layout) -> (Journal, File) {
    let (file, reader) = stuck(layout.root());
    let records = journal.records().to_vec();
    (Journal::over(Disk::with_limit(file, 0, SHORT), layout.journal_in_memory(), records), reader)
}

#[test]
fn a_disk_that_hangs_is_waited_for_once_and_nothing_is_lost() {
    let root = tempfile::tempdir().expect("a folder");
    let layout = layout(root.path());
    let journal = Journal::create(&layout, header(empty_plan())).expect("a journal");
    let (mut journal, _reader) = hang(&journal, &layout);
    let begin = Instant::now();
    let failure = journal.append(Record::Begun(0)).expect_err("it hangs");
    assert!(failure.to_string().starts_with("write the journal: the disk hangs"), "{failure}");
    assert!(begin.elapsed() >= SHORT);
    assert!(journal.append(Record::Begun(1)).is_err(), "nothing is written behind it");
    let begin = Instant::now();
    (0..100).for_each(|it| journal.note(Record::Left(it.to_string())));
    assert!(begin.elapsed() < 50 * SHORT);
    assert_eq!(journal.begun(), [1, 0]);
    assert_eq!(Journal::look(&layout).expect("readable").map(|it| it.len()), Some(101));
}

#[test]
fn what_was_noted_in_memory_comes_behind_what_is_on_disk() {
    let root = tempfile::tempdir().expect("a folder");
    let layout = layout(root.path());
    let mut journal = Journal::create(&layout, header(empty_plan())).expect("a journal");
    let mut follower = Follower::default();
    assert_eq!(follower.news(&layout).expect("readable").len(), 1);
    journal.append(Record::Begun(0)).expect("written");
    journal.note(Record::Undoing("lost".to_owned()));
    let expected = [Record::Begun(0), Record::Undoing("lost".to_owned())];
    assert_eq!(follower.news(&layout).as_deref(), Ok(&expected[..]));
    journal.note(Record::Outcome(Outcome::TakenBack("lost".to_owned())));
    assert_eq!(follower.news(&layout).map(|it| it.len()), Ok(1));
    let read = Journal::look(&layout).expect("readable").expect("a journal");
    assert_eq!(read, journal.records());
    let opened = Journal::open(&layout).expect("readable").expect("a journal");
    assert_eq!(opened.outcome(), Some(&Outcome::TakenBack("lost".to_owned())));
}

/// What an older program leaves out of it would not be taken back.
#[test]
fn a_journal_of_a_newer_format_is_refused() {
    let root = tempfile::tempdir().expect("a folder");
    let layout = layout(root.path());
    let header = Header { format_version: 99, ..header(empty_plan()) };
    Journal::create(&layout, header).expect("a journal");
    let failure = Journal::look(&layout).expect_err("it is newer").to_string();
    assert!(failure.contains("it is of format 99, this hostwright reads up to 1"), "{failure}");
}

#[test]
fn a_new_journal_knows_nothing_of_the_one_before() {
    let root = tempfile::tempdir().expect("a folder");
    let layout = layout(root.path());
    fs::create_dir_all(layout.root().join("run/hostwright")).expect("made");
    fs::write(layout.journal_in_memory(), "{\"outcome\":\"applied\"}\n").expect("written");
    Journal::create(&layout, header(empty_plan())).expect("a journal");
    assert_eq!(Journal::look(&layout).expect("readable").map(|it| it.len()), Some(1));
}

#[test]
fn half_a_line_is_cut_off_before_the_next() {
    let root = tempfile::tempdir().expect("a folder");
    let layout = layout(root.path());
    Journal::create(&layout, header(empty_plan())).expect("a journal");
    let mut file = OpenOptions::new().append(true).open(layout.journal()).expect("there");
    file.write_all(b"{\"begun\":").expect("written");
    let mut journal = Journal::open(&layout).expect("readable").expect("a journal");
    journal.append(Record::Begun(0)).expect("written");
    let read = Journal::look(&layout).expect("readable").expect("a journal");
    assert_eq!(read[1..], [Record::Begun(0)]);
}

/// `/dev/full` refuses every byte.
#[test]
fn a_full_disk_is_not_asked_again() {
    let root = tempfile::tempdir().expect("a folder");
    let layout = layout(root.path());
    let file = OpenOptions::new().write(true).open("/dev/full").expect("there");
    let mut journal = Journal::over(Disk::over(file, 0), layout.journal_in_memory(), Vec::new());
    let failure = journal.append(Record::Begun(0)).expect_err("it is full");
    assert!(failure.to_string().contains("No space left"), "{failure}");
    assert!(journal.append(Record::Done(0)).is_err());
    journal.note(Record::Undoing("full".to_owned()));
    let text = fs::read_to_string(layout.journal_in_memory()).expect("there");
    assert_eq!(text, "{\"undoing\":\"full\"}\n");
}

#[test]
fn whose_an_apply_is_says_why_it_was_asked_for() {
    let header = Header { author: "alice".to_owned(), ..header(empty_plan()) };
    assert_eq!(header.who(), "alice, hostwright apply");
    let message = Some("the new uplink\nof rack 7".to_owned());
    let header = Header { reason: "rollback to 3".to_owned(), message, ..header };
    assert_eq!(header.who(), "alice, hostwright rollback to 3: the new uplink");
}
