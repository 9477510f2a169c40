//! Moments as two clocks stamp them: that of the day, which is set now and then, and one that nobody can set.

use std::fmt;
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

use crate::clock;

/// How far the two may go apart, in microseconds, before it counts: the clock that a machine boots with is often off by seconds, and
/// set right behind the start of networkd, next to which nobody but the boot writes files.
const APART: u64 = 120_000_000;

/// A moment since the boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// What the clock of the day said then, in microseconds since 1970; 0: it has not come yet.
    pub(crate) real: u64,
    /// What `CLOCK_MONOTONIC` said, in microseconds.
    pub(crate) monotonic: u64,
}

impl Moment {
    /// Returns the present one.
    pub(crate) fn now() -> Self {
        let monotonic = clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(Duration::ZERO, Duration::from);
        Self { real: clock::microseconds(), monotonic: monotonic.as_micros().try_into().unwrap_or_default() }
    }

    /// Reads what was written of one; absent: an earlier version wrote it, which knew one clock.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (real, monotonic) = text.trim().split_once(' ')?;
        Some(Self { real: real.parse().ok()?, monotonic: monotonic.parse().ok()? })
    }

    /// Returns a time of the clock of the day: a file that bears an earlier one was certainly there before this moment.
    pub(crate) fn certainly(self) -> u64 {
        self.certainly_for(Self::now())
    }

    /// Where the clock was set since, a file may bear a time of the old or of the new one. Behind the moment either gave
    /// later times than it gives for the moment itself, so what is earlier by both was there before.
    fn certainly_for(self, now: Self) -> u64 {
        let by_todays_clock = now.real.saturating_add(self.monotonic).saturating_sub(now.monotonic);
        if by_todays_clock.abs_diff(self.real) <= APART {
            return self.real;
        }
        by_todays_clock.min(self.real)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.real, self.monotonic)
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;

    const HOUR: u64 = 3_600_000_000;
    const STARTED: Moment = Moment { real: 500 * HOUR, monotonic: HOUR };

    /// Says what is certain two hours later by a clock that was set forward or back meanwhile.
    fn certain(set: i64) -> u64 {
        let real = (STARTED.real + 2 * HOUR).saturating_add_signed(set);
        STARTED.certainly_for(Moment { real, monotonic: STARTED.monotonic + 2 * HOUR })
    }

    #[test]
    fn what_both_clocks_call_earlier_was_before() {
        let hour = HOUR.cast_signed();
        assert_eq!(certain(0), STARTED.real);
        assert_eq!(certain(-60_000_000), STARTED.real, "a clock that was set right at the boot");
        assert_eq!(certain(hour), STARTED.real, "what came before bears the old time");
        assert_eq!(certain(-hour), STARTED.real - HOUR, "what came behind bears the new time");
        let never = Moment { real: 0, monotonic: 0 };
        assert_eq!(never.certainly(), 0);
    }

    #[test]
    fn what_was_written_is_read() {
        assert_eq!(Moment::parse(&format!("{STARTED}\n")), Some(STARTED));
        assert_eq!(Moment::parse("1700000000000000"), None);
    }
}
