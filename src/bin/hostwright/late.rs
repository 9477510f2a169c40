//! Work that may hang, as on a disk whose link was changed: a thread does it, and nobody has to wait for its end.

use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use crate::failure::Failure;

/// Longest wait for something small on a disk. A sync on a disk under load takes seconds, and what hangs must be known
/// well within the hold time of a BGP session.
pub(crate) const DISK_LIMIT: Duration = Duration::from_secs(10);

/// Waits for a thread that nothing keeps from its end; its panic goes on here.
pub(crate) fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Work that goes on in a thread of its own.
#[derive(Debug)]
pub(crate) struct Work<T> {
    end: Receiver<T>,
}

/// Begins work.
pub(crate) fn begin<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Work<T> {
    let (sender, end) = mpsc::channel();
    // Whoever waited may have given up.
    thread::spawn(move || drop(sender.send(work())));
    Work { end }
}

impl<T> Work<T> {
    /// Waits for the end at most for a time; absent: it goes on.
    pub(crate) fn within(&self, limit: Duration) -> Option<T> {
        self.end.recv_timeout(limit).ok()
    }

    /// Waits for the end, however long it takes; absent: it panicked.
    pub(crate) fn end(self) -> Option<T> {
        self.end.recv().ok()
    }
}

/// Does something on a disk.
///
/// # Errors
/// Its own, or it has not come to an end within a limit; then it may still be done later.
pub(crate) fn on_disk<T: Send + 'static>(
    what: impl Into<String>,
    limit: Duration,
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    begin(work).within(limit).unwrap_or_else(|| Err(hangs(what, limit)))
}

/// Says that something hangs.
pub(crate) fn hangs(what: impl Into<String>, limit: Duration) -> Failure {
    Failure::new(what, format!("the disk hangs, it did not come to an end within {} s", limit.as_secs()))
}

/// How something ended that must not be done later.
#[derive(Debug)]
pub(crate) enum End {
    /// In time.
    InTime(Result<(), Failure>),
    /// Not within the limit; this takes it back once it is done, and the process must not end before.
    Late(Work<()>),
}

/// Does something that must not be done later: where it comes to an end behind the limit, the thread takes it back.
pub(crate) fn or_never(
    limit: Duration,
    work: impl FnOnce() -> Result<(), Failure> + Send + 'static,
    take_back: impl FnOnce() + Send + 'static,
) -> End {
    let result = Arc::new(Mutex::new(Some(None)));
    let place = Arc::clone(&result);
    let work = begin(move || {
        let done = work();
        let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
        let is_awaited = place.as_mut().map(|it| *it = Some(done)).is_some();
        drop(place);
        if !is_awaited {
            take_back();
        }
    });
    let _ = work.within(limit);
    let ended = result.lock().unwrap_or_else(PoisonError::into_inner).take().flatten();
    ended.map_or(End::Late(work), End::InTime)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    const SHORT: Duration = Duration::from_millis(20);

    /// Returns work that goes on until it is let go, and what lets it.
    fn stuck() -> (mpsc::Sender<()>, impl FnOnce() -> Result<(), Failure> + Send) {
        let (sender, receiver) = mpsc::channel();
        (sender, move || receiver.recv().map_err(|it| Failure::new("wait", it)))
    }

    #[test]
    fn what_hangs_is_waited_for_up_to_its_limit() {
        let (go, work) = stuck();
        let failure = on_disk("write a", SHORT, work).expect_err("it hangs");
        assert!(failure.to_string().starts_with("write a: the disk hangs"), "{failure}");
        drop(go);
        assert_eq!(on_disk("write a", DISK_LIMIT, || Ok(7)), Ok(7));
    }

    #[test]
    fn what_comes_late_is_taken_back() {
        let back = Arc::new(AtomicBool::new(false));
        let is_back = Arc::clone(&back);
        let (go, work) = stuck();
        let End::Late(thread) = or_never(SHORT, work, move || is_back.store(true, Ordering::SeqCst)) else {
            panic!("it hangs")
        };
        assert!(!back.load(Ordering::SeqCst));
        go.send(()).expect("it listens");
        assert_eq!(thread.end(), Some(()));
        assert!(back.load(Ordering::SeqCst));
    }

    #[test]
    fn what_comes_in_time_stays() {
        let full = || Err(Failure::new("write a", "full"));
        for (work, expected) in [(full as fn() -> _, full()), (|| Ok(()), Ok(()))] {
            let end = or_never(DISK_LIMIT, work, || panic!("it was in time"));
            assert!(matches!(end, End::InTime(it) if it == expected));
        }
    }
}
