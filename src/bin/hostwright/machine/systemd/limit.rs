//! A point in time that a future can wait for: zbus has timers for replies alone.

use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

/// The end of a wait.
pub(super) struct Limit {
    at: Instant,
    alarm: Option<Alarm>,
}

/// A thread that wakes one waker; it ends early when this is dropped.
struct Alarm {
    waker: Waker,
    _ends_with: Sender<()>,
}

impl Limit {
    /// Ends a wait after a time from now.
    pub(super) fn after(time: Duration) -> Self {
        Self { at: Instant::now() + time, alarm: None }
    }
}

impl Alarm {
    fn set(waker: Waker, time: Duration) -> Self {
        let (ends_with, receiver) = mpsc::channel();
        let sleeper = waker.clone();
        thread::spawn(move || {
            if receiver.recv_timeout(time) == Err(RecvTimeoutError::Timeout) {
                sleeper.wake();
            }
        });
        Self { waker, _ends_with: ends_with }
    }
}

impl Future for Limit {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let left = self.at.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Poll::Ready(());
        }
        let waker = context.waker();
        if !(self.alarm.as_ref()).is_some_and(|it| it.waker.will_wake(waker)) {
            self.alarm = Some(Alarm::set(waker.clone(), left));
        }
        Poll::Pending
    }
}
