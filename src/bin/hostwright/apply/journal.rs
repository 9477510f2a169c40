//! The journal of a running apply: what shall be done, and how far it came. One JSON object a line.

mod disk;
mod file;
#[cfg(test)]
mod tests;

use hostwright::artifact::Safety;
use hostwright::plan::Plan;
use serde::{Deserialize, Serialize};

use crate::caller::Caller;
use crate::failure::Failure;
pub(crate) use file::{Follower, Journal};

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

impl Header {
    /// Says whose apply it is, for whoever finds the lock taken.
    pub(crate) fn who(&self) -> String {
        let message = self.message.as_ref().and_then(|it| it.lines().next());
        let message = message.map_or_else(String::new, |it| format!(": {it}"));
        format!("{}, hostwright {}{message}", self.author, self.reason)
    }
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
    /// Somebody confirmed, and it waits for what is lost for a while, as was agreed to; what that is.
    Awaiting(String),
    /// What others have at the end, in words: behind the last step, or when all was taken back.
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
    /// The disk does not take it, or hangs: nothing new may be begun, and nothing more be appended.
    fn append(&mut self, record: Record) -> Result<(), Failure>;

    /// Writes a record that outlives the process, and a reset as soon as a later one is appended.
    ///
    /// # Errors
    /// As for [`Log::append`].
    fn append_unsynced(&mut self, record: Record) -> Result<(), Failure>;

    /// Notes a record in memory, where it outlives the process and no reset. An undo waits for no disk: the one that hangs
    /// may come back with it, and what it notes nobody needs behind a reset.
    fn note(&mut self, record: Record);

    /// Returns all records.
    fn records(&self) -> &[Record];
}

/// Returns what an apply began with; absent: not even that was written.
pub(crate) fn header(records: &[Record]) -> Option<&Header> {
    match records.first() {
        Some(Record::Header(header)) => Some(header),
        _ => None,
    }
}

/// Returns how an apply ended; absent: it did not.
pub(crate) fn outcome(records: &[Record]) -> Option<&Outcome> {
    records.iter().find_map(|record| match record {
        Record::Outcome(outcome) => Some(outcome),
        _ => None,
    })
}

/// Says why steps were, or are, taken back, as it was said first; absent: they are not.
pub(crate) fn undoing(records: &[Record]) -> Option<&str> {
    records.iter().find_map(|record| match record {
        Record::Undoing(why) => Some(why.as_str()),
        _ => None,
    })
}

/// Says whether an apply must be finished instead of taken back: it was found good, and the disk took it.
pub(crate) fn is_verified(records: &[Record]) -> bool {
    records.contains(&Record::Verified) && undoing(records).is_none()
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
        outcome(self.records())
    }

    /// Returns the steps that were begun, the last first.
    fn begun(&self) -> Vec<usize> {
        let begun = |record: &Record| match record {
            Record::Begun(step) => Some(*step),
            _ => None,
        };
        self.records().iter().rev().filter_map(begun).collect()
    }

    /// Returns what of the former spec the machine did not show before the first step; absent: there was none.
    fn drift(&self) -> Option<&[String]> {
        self.records().iter().find_map(|record| match record {
            Record::Drift(lacks) => Some(lacks.as_slice()),
            _ => None,
        })
    }

    /// Says why its steps are, or were, taken back; absent: they are not.
    fn undoing(&self) -> Option<&str> {
        undoing(self.records())
    }

    /// Says whether its steps were all done, and it was watched.
    fn is_watched(&self) -> bool {
        watched_until(self.records()).is_some()
    }

    /// As [`is_verified`].
    fn is_verified(&self) -> bool {
        is_verified(self.records())
    }
}

impl<L: Log> Story for L {}
