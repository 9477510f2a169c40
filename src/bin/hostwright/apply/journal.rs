//! The journal of a running apply: what shall be done, and how far it came. One JSON object a line.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use hostwright::artifact::Safety;
use hostwright::plan::Plan;
use serde::{Deserialize, Serialize};

use crate::caller::Caller;
use crate::failure::{During, Failure};

/// What an apply begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    /// Version of this format.
    pub(crate) format_version: u32,
    /// Number of the generation that is brought about.
    pub(crate) generation: u64,
    /// Who asked for it.
    pub(crate) author: String,
    /// When, in seconds since 1970.
    pub(crate) time: u64,
    /// Boot that it runs in; after a reset another.
    pub(crate) boot: String,
    /// What asked for it: `apply`, `rollback to 3`.
    pub(crate) reason: String,
    /// Why, in the words of who asked; absent: nothing was said.
    #[serde(default)]
    pub(crate) message: Option<String>,
    /// Text of the new spec.
    pub(crate) spec: String,
    /// Text of the former spec; absent: nothing was applied.
    pub(crate) former: Option<String>,
    /// Steps.
    pub(crate) plan: Plan,
    /// How it is watched.
    #[serde(default)]
    pub(crate) safety: Safety,
    /// Connection that it was asked for over; absent: none, or none that is known.
    #[serde(default)]
    pub(crate) caller: Option<Caller>,
}

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Record {
    /// The first line.
    Header(Box<Header>),
    /// What others had before the first step, in words.
    Before(Vec<String>),
    /// What of the former spec the machine did not show before the first step: an undo owes none of it.
    Drift(Vec<String>),
    /// A step begins: from here on it must be taken back.
    Begun(usize),
    /// A step is done.
    Done(usize),
    /// A step failed, or was done and took something from others; which, and why.
    Failed(usize, String),
    /// All steps are done and the machine shows them; it is watched up to this second since the boot.
    Watching(u64),
    /// What others have behind the last step, in words.
    After(Vec<String>),
    /// Nothing was lost, and who had to confirm did: from here on the apply is finished, not taken back.
    Verified,
    /// Steps are taken back; why.
    Undoing(String),
    /// An inverse failed; which, and why.
    Left(String),
    /// The end.
    Outcome(Outcome),
}

/// How an apply ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    /// The host is wholly new.
    Applied,
    /// The host is wholly old; why.
    TakenBack(String),
    /// The host is neither; what is left.
    Broken(Vec<String>),
}

/// Where records go.
pub(crate) trait Log {
    /// Writes a record and waits until it is on disk.
    ///
    /// # Errors
    /// The file system's.
    fn append(&mut self, record: Record) -> Result<(), Failure>;

    /// Returns all records.
    fn records(&self) -> &[Record];
}

/// A journal on disk.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    records: Vec<Record>,
}

impl Journal {
    /// Begins a journal; the header is on disk when this returns.
    ///
    /// # Errors
    /// The file system's; a journal is there already.
    pub(crate) fn create(path: &Path, header: Header) -> Result<Self, Failure> {
        let what = || format!("write {}", path.display());
        let file = OpenOptions::new().append(true).create_new(true).open(path).during(what)?;
        let mut journal = Self { file, records: Vec::new() };
        journal.append(Record::Header(Box::new(header)))?;
        if let Some(directory) = path.parent() {
            File::open(directory).and_then(|it| it.sync_all()).during(what)?;
        }
        Ok(journal)
    }

    /// Opens the journal of an apply that did not end, to go on with it; absent: there is none.
    ///
    /// # Errors
    /// The file system's, or what it holds is no journal.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, Failure> {
        let file = OpenOptions::new().read(true).append(true).open(path);
        let Some(mut file) = unless_absent(file).during(|| format!("open {}", path.display()))? else {
            return Ok(None);
        };
        let what = || format!("read {}", path.display());
        let (records, whole) = read(&mut file).during(what)?;
        // Half a line, left by a reset or a full disk, would spoil the next one.
        file.set_len(whole).during(what)?;
        Ok(Some(Self { file, records }))
    }

    /// Reads the journal of an apply that goes on elsewhere; absent: there is none, or it ends just now.
    ///
    /// # Errors
    /// As for [`Journal::open`].
    pub(crate) fn look(path: &Path) -> Result<Option<Vec<Record>>, Failure> {
        let file = unless_absent(File::open(path)).during(|| format!("open {}", path.display()))?;
        let read = file.map(|mut file| read(&mut file)).transpose();
        Ok(read.during(|| format!("read {}", path.display()))?.map(|it| it.0))
    }
}

/// Reads the records of an apply that goes on elsewhere as they come, each once.
#[derive(Debug, Default)]
pub(crate) struct Follower {
    /// Where the next record begins.
    place: u64,
}

impl Follower {
    /// Returns the records that came since the last look; none, too, when the journal is gone.
    ///
    /// # Errors
    /// As for [`Journal::open`].
    pub(crate) fn news(&mut self, path: &Path) -> Result<Vec<Record>, Failure> {
        let what = || format!("read {}", path.display());
        let file = File::open(path).and_then(|mut it| it.seek(SeekFrom::Start(self.place)).map(|_| it));
        let Some(mut file) = unless_absent(file).during(what)? else { return Ok(Vec::new()) };
        let (records, whole) = read(&mut file).during(what)?;
        self.place += whole;
        Ok(records)
    }
}

fn unless_absent(file: io::Result<File>) -> io::Result<Option<File>> {
    match file {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

/// Reads all whole lines, and says how long they are together: a reset may have cut the last one.
fn read(file: &mut File) -> io::Result<(Vec<Record>, u64)> {
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let records = whole.lines().map(|line| serde_json::from_str(line).map_err(io::Error::other));
    let length = if whole.is_empty() { 0 } else { whole.len() as u64 + 1 };
    Ok((records.collect::<io::Result<_>>()?, length))
}

impl Log for Journal {
    fn append(&mut self, record: Record) -> Result<(), Failure> {
        let what = || "write the journal".to_owned();
        let mut line = serde_json::to_string(&record).during(what)?;
        line.push('\n');
        let length = self.file.metadata().during(what)?.len();
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // Half a line would spoil the next one.
            let _ = self.file.set_len(length);
            return Err(error).during(what);
        }
        self.records.push(record);
        Ok(())
    }

    fn records(&self) -> &[Record] {
        &self.records
    }
}

/// Returns what an apply began with; absent: not even that was written.
pub(crate) fn header(records: &[Record]) -> Option<&Header> {
    match records.first() {
        Some(Record::Header(header)) => Some(header),
        _ => None,
    }
}

/// Returns the second since the boot up to which an apply is watched; absent: its steps are not all done.
pub(crate) fn watched_until(records: &[Record]) -> Option<u64> {
    records.iter().find_map(|record| match record {
        Record::Watching(end) => Some(*end),
        _ => None,
    })
}

/// What the records of a journal say.
pub(crate) trait Story: Log {
    /// Returns what the apply began with; absent: not even that was written.
    fn header(&self) -> Option<&Header> {
        header(self.records())
    }

    /// Returns how it ended; absent: it did not.
    fn outcome(&self) -> Option<&Outcome> {
        self.records().iter().find_map(|record| match record {
            Record::Outcome(outcome) => Some(outcome),
            _ => None,
        })
    }

    /// Returns the steps that were begun, the last first.
    fn begun(&self) -> Vec<usize> {
        let begun = |record: &Record| match record {
            Record::Begun(step) => Some(*step),
            _ => None,
        };
        self.records().iter().rev().filter_map(begun).collect()
    }

    /// Returns what of the former spec the machine did not show before the first step.
    fn drift(&self) -> &[String] {
        let drift = self.records().iter().find_map(|record| match record {
            Record::Drift(lacks) => Some(lacks.as_slice()),
            _ => None,
        });
        drift.unwrap_or_default()
    }

    /// Says whether the apply must be finished instead of taken back.
    fn is_verified(&self) -> bool {
        self.records().contains(&Record::Verified)
    }
}

impl<L: Log> Story for L {}
