//! libvirt behind a limit: one that hangs must not keep the network from being taken back.

use std::cell::Cell;
use std::time::Duration;

use super::{Failure, Libvirt};
use crate::late;

/// Longest wait for something that it does. For a guest that is busy it waits half a minute itself, and says so.
pub(crate) const LIMIT: Duration = Duration::from_secs(40);

/// The libvirt of this host, asked in a thread with a connection of its own.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    /// Whether it did not do something in time: an undo must not wait for it again and again.
    is_over: Cell<bool>,
}

impl Patience {
    /// Has it do something; one that was late once does nothing more.
    ///
    /// # Errors
    /// Its own, or it has not come to an end within the limit; then it may still be done later.
    pub(crate) fn act(
        &self,
        limit: Duration,
        act: impl Fn(&Libvirt) -> Result<(), Failure> + Send + 'static,
    ) -> Result<(), Failure> {
        if self.is_over.get() {
            return Err(Failure("libvirt hangs: it did not do in time what it was asked before".to_owned()));
        }
        within(limit, act).unwrap_or_else(|| {
            self.is_over.set(true);
            Err(Failure(format!("libvirt hangs: it did not come to an end within {} s", limit.as_secs())))
        })
    }

    /// Asks it something; absent: there is no answer in time.
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        limit: Duration,
        ask: impl Fn(&Libvirt) -> Result<T, Failure> + Send + 'static,
    ) -> Option<T> {
        if self.is_over.get() { None } else { within(limit, ask)?.ok() }
    }
}

fn within<T: Send + 'static>(
    limit: Duration,
    ask: impl Fn(&Libvirt) -> Result<T, Failure> + Send + 'static,
) -> Option<Result<T, Failure>> {
    late::begin(move || again(ask, Libvirt::is_lost)).within(limit)
}

/// Asks once more over another connection where the first one was lost: libvirt may have been started anew.
fn again<C: Default, T, E>(ask: impl Fn(&C) -> Result<T, E>, is_lost: impl Fn(&C) -> bool) -> Result<T, E> {
    let first = C::default();
    match ask(&first) {
        Err(_) if is_lost(&first) => ask(&C::default()),
        answer => answer,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc::channel;
    use std::time::Instant;

    use super::*;

    const SHORT: Duration = Duration::from_millis(20);

    #[test]
    fn a_libvirt_that_hangs_is_waited_for_once() {
        let patience = Patience::default();
        assert_eq!((patience.act(LIMIT, |_| Ok(())), patience.ask(LIMIT, |_| Ok(7))), (Ok(()), Some(7)));
        let (go, held) = channel::<()>();
        let held = Mutex::new(held);
        let late = patience.act(SHORT, move |_| {
            let _ = held.lock().expect("no panic").recv();
            Ok(())
        });
        let late = late.expect_err("it hangs").to_string();
        assert_eq!(late, "libvirt hangs: it did not come to an end within 0 s");
        let begin = Instant::now();
        assert!(patience.act(LIMIT, |_| panic!("it is not asked")).is_err());
        assert_eq!(patience.ask::<u32>(LIMIT, |_| panic!("it is not asked")), None);
        assert!(begin.elapsed() < LIMIT / 2);
        drop(go);
    }

    #[test]
    fn a_question_that_is_late_keeps_nobody_from_asking_again() {
        let patience = Patience::default();
        let slow = |_: &Libvirt| {
            std::thread::sleep(SHORT * 5);
            Ok(7)
        };
        assert_eq!(patience.ask(SHORT, slow), None);
        assert_eq!(patience.ask(LIMIT, slow), Some(7));
    }

    #[test]
    fn what_fails_with_a_lost_connection_is_tried_once_more() {
        let tried = Cell::new(0);
        let fails = |(): &()| {
            tried.set(tried.get() + 1);
            if tried.get() % 2 == 1 { Err("broken pipe") } else { Ok(tried.get()) }
        };
        assert_eq!(again(fails, |()| true), Ok(2));
        assert_eq!(again(fails, |()| false), Err("broken pipe"), "it refuses");
        assert_eq!(tried.get(), 3);
    }
}
