//! The journal's file. A thread writes it, for the disk may hang on the very link that is changed.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use crate::late::DISK_LIMIT;

/// When a line is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sync {
    /// Before it is answered.
    Now,
    /// With a later one.
    Later,
}

/// A file that lines are added to.
#[derive(Debug)]
pub(super) struct Disk {
    lines: Sender<(String, Sync)>,
    answers: Receiver<io::Result<()>>,
    limit: Duration,
}

impl Disk {
    /// Takes a file, opened to append; of what it holds so many bytes are whole lines.
    pub(super) fn over(file: File, whole: u64) -> Self {
        Self::with_limit(file, whole, DISK_LIMIT)
    }

    pub(super) fn with_limit(file: File, whole: u64, limit: Duration) -> Self {
        let (lines, jobs) = mpsc::channel();
        let (sender, answers) = mpsc::channel();
        thread::spawn(move || write(file, whole, &jobs, &sender));
        Self { lines, answers, limit }
    }

    /// Adds a line and waits until it is written; behind an error nothing must be added.
    ///
    /// # Errors
    /// The file system's, or the disk hangs: then the line may still come later.
    pub(super) fn add(&self, line: String, sync: Sync) -> io::Result<()> {
        let hangs = || {
            let text = format!("the disk hangs, it took nothing for {} s", self.limit.as_secs());
            io::Error::new(ErrorKind::TimedOut, text)
        };
        self.lines.send((line, sync)).map_err(|_| hangs())?;
        self.answers.recv_timeout(self.limit).unwrap_or_else(|_| Err(hangs()))
    }
}

/// Writes each line as it comes, until nobody sends more.
fn write(mut file: File, mut whole: u64, lines: &Receiver<(String, Sync)>, answers: &Sender<io::Result<()>>) {
    while let Ok((line, sync)) = lines.recv() {
        let written = add(&mut file, whole, &line, sync);
        if written.is_ok() {
            whole += line.len() as u64;
        }
        if answers.send(written).is_err() {
            return;
        }
    }
}

fn add(file: &mut File, whole: u64, line: &str, sync: Sync) -> io::Result<()> {
    // Half a line, left by a reset or a full disk, would spoil the next one.
    if file.metadata()?.len() != whole {
        file.set_len(whole)?;
    }
    file.write_all(line.as_bytes())?;
    if sync == Sync::Now { file.sync_data() } else { Ok(()) }
}
