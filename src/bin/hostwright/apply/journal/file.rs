//! The journal as it lies on the machine: the way forward on disk, and the end, for which nobody waits for a disk, in memory.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::disk::{Disk, Sync};
use super::{Header, Log, Record};
use crate::failure::{During, Failure};
use crate::late::{self, DISK_LIMIT};
use crate::layout::Layout;
use crate::report::FORMAT_VERSION;
use crate::store;

/// The journal of a running apply.
#[derive(Debug)]
pub(crate) struct Journal {
    /// Absent: it did not take a record.
    disk: Option<Disk>,
    /// File in memory.
    memory: PathBuf,
    records: Vec<Record>,
}

impl Journal {
    /// Begins a journal; the header is on disk when this returns.
    ///
    /// # Errors
    /// The file system's, the disk hangs; a journal is there already.
    pub(crate) fn create(layout: &Layout, header: Header) -> Result<Self, Failure> {
        let path = layout.journal();
        let what = || format!("write {}", path.display());
        // What an apply before this one left there would count as said by this one.
        store::remove(&layout.journal_in_memory())?;
        // One that was ended before its header was written began nothing.
        if Self::look(layout)?.is_some_and(|it| super::header(&it).is_none()) {
            store::remove(&path)?;
        }
        let file = OpenOptions::new().append(true).create_new(true).open(&path).during(what)?;
        let mut journal =
            Self { disk: Some(Disk::over(file, 0)), memory: layout.journal_in_memory(), records: Vec::new() };
        if let Err(failure) = journal.append(Record::Header(Box::new(header))) {
            late::begin(move || store::remove(&path)).within(DISK_LIMIT);
            return Err(failure);
        }
        if let Some(directory) = path.parent() {
            File::open(directory).and_then(|it| it.sync_all()).during(what)?;
        }
        Ok(journal)
    }

    /// Opens the journal of an apply that did not end, to go on with it; absent: there is none.
    ///
    /// # Errors
    /// The file system's, or what it holds is no journal.
    pub(crate) fn open(layout: &Layout) -> Result<Option<Self>, Failure> {
        let path = layout.journal();
        let file = OpenOptions::new().read(true).append(true).open(&path);
        let Some(mut file) = unless_absent(file).during(|| format!("open {}", path.display()))? else {
            return Ok(None);
        };
        let (records, whole) = read(&mut file).during(|| format!("read {}", path.display()))?;
        let memory = layout.journal_in_memory();
        let noted = read_at(&memory, 0)?.0;
        let records = records.into_iter().chain(noted).collect();
        Ok(Some(Self { disk: Some(Disk::over(file, whole)), memory, records }))
    }

    /// Reads the journal of an apply that goes on elsewhere; absent: there is none, or it ends just now.
    ///
    /// # Errors
    /// As for [`Journal::open`].
    pub(crate) fn look(layout: &Layout) -> Result<Option<Vec<Record>>, Failure> {
        let path = layout.journal();
        let file = unless_absent(File::open(&path)).during(|| format!("open {}", path.display()))?;
        let Some(mut file) = file else { return Ok(None) };
        let mut records = read(&mut file).during(|| format!("read {}", path.display()))?.0;
        records.extend(read_at(&layout.journal_in_memory(), 0)?.0);
        Ok(Some(records))
    }

    /// Returns all records, for the history.
    pub(crate) fn into_records(self) -> Vec<Record> {
        self.records
    }

    #[cfg(test)]
    pub(super) fn over(disk: Disk, memory: PathBuf, records: Vec<Record>) -> Self {
        Self { disk: Some(disk), memory, records }
    }

    fn add(&mut self, record: Record, sync: Sync) -> Result<(), Failure> {
        let what = || "write the journal".to_owned();
        let line = line(&record).during(what)?;
        self.records.push(record);
        let Some(disk) = self.disk.take() else {
            return Err(Failure::new(what(), "the disk took nothing before"));
        };
        disk.add(line, sync).during(what)?;
        self.disk = Some(disk);
        Ok(())
    }

    /// Adds a line to the file in memory, in one piece.
    fn remember(&self, line: &str) -> io::Result<()> {
        self.memory.parent().map_or(Ok(()), fs::create_dir_all)?;
        let mut file = OpenOptions::new().append(true).create(true).open(&self.memory)?;
        let whole = file.metadata()?.len();
        // Half a line would spoil the next one.
        file.write_all(line.as_bytes()).inspect_err(|_| file.set_len(whole).unwrap_or_default())
    }
}

impl Log for Journal {
    fn append(&mut self, record: Record) -> Result<(), Failure> {
        self.add(record, Sync::Now)
    }

    fn append_unsynced(&mut self, record: Record) -> Result<(), Failure> {
        self.add(record, Sync::Later)
    }

    fn note(&mut self, record: Record) {
        let noted = line(&record).and_then(|it| self.remember(&it));
        if let Err(error) = noted {
            eprintln!("{}", Failure::new(format!("write {}", self.memory.display()), error));
        }
        self.records.push(record);
    }

    fn records(&self) -> &[Record] {
        &self.records
    }
}

/// Writes a record as a line.
fn line(record: &Record) -> io::Result<String> {
    Ok(serde_json::to_string(record)? + "\n")
}

/// Reads the records of an apply that goes on elsewhere as they come, each once.
#[derive(Debug, Default)]
pub(crate) struct Follower {
    /// Where the next record begins on disk, and in memory.
    places: [u64; 2],
}

impl Follower {
    /// Returns the records that came since the last look; none, too, when the journal is gone.
    ///
    /// # Errors
    /// As for [`Journal::open`].
    pub(crate) fn news(&mut self, layout: &Layout) -> Result<Vec<Record>, Failure> {
        let mut news = Vec::new();
        for (path, place) in [layout.journal(), layout.journal_in_memory()].iter().zip(&mut self.places) {
            let (records, length) = read_at(path, *place)?;
            *place += length;
            news.extend(records);
        }
        Ok(news)
    }
}

fn unless_absent(file: io::Result<File>) -> io::Result<Option<File>> {
    match file {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

/// Reads the whole lines of a file from a place on, and says how long they are together; none where it is absent.
fn read_at(path: &Path, place: u64) -> Result<(Vec<Record>, u64), Failure> {
    let what = || format!("read {}", path.display());
    let file = File::open(path).and_then(|mut it| it.seek(SeekFrom::Start(place)).map(|_| it));
    let Some(mut file) = unless_absent(file).during(what)? else { return Ok((Vec::new(), 0)) };
    read(&mut file).during(what)
}

/// Reads all whole lines, and says how long they are together: a reset may have cut the last one.
fn read(file: &mut File) -> io::Result<(Vec<Record>, u64)> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let end = bytes.iter().rposition(|it| *it == b'\n').unwrap_or_default();
    let whole = str::from_utf8(&bytes[..end]).map_err(io::Error::other)?;
    if let Some(error) = whole.lines().next().and_then(newer) {
        return Err(error);
    }
    let records = whole.lines().zip(1_u32..).map(|(line, number)| {
        serde_json::from_str(line).map_err(|it| io::Error::other(format!(
            "line {number} is no record: {it}; what its apply did is taken back by nobody once the file is moved away"
        )))
    });
    let length = if whole.is_empty() { 0 } else { whole.len() as u64 + 1 };
    Ok((records.collect::<io::Result<_>>()?, length))
}

/// Refuses a journal of a format that this program does not know: what it leaves out of it would not be taken back.
fn newer(first: &str) -> Option<io::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum First {
        Header(Version),
    }
    #[derive(Deserialize)]
    struct Version {
        format_version: u32,
    }
    let First::Header(Version { format_version }) = serde_json::from_str(first).ok()?;
    (format_version > FORMAT_VERSION).then(|| {
        io::Error::other(format!(
            "it is of format {format_version}, this hostwright reads up to {FORMAT_VERSION}; the one that wrote it takes it back"
        ))
    })
}
