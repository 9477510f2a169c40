//! What a control group has used, and at which rate.

use std::path::Path;
use std::time::Duration;

/// Counters of a control group at one time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Processor time in microseconds.
    processor: Option<u64>,
    /// Memory in bytes, caches of files too.
    memory: Option<u64>,
    /// Bytes read and written, over all disks; absent where nobody counts.
    disk: Option<(u64, u64)>,
}

/// What a control group uses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rates {
    /// Percent of one processor.
    pub(crate) processor: Option<u64>,
    /// Bytes.
    pub(crate) memory: Option<u64>,
    /// Bytes read and written in a second.
    pub(crate) disk: Option<(u64, u64)>,
}

impl Usage {
    /// Reads `cpu.stat`, `memory.current` and `io.stat`; what cannot be read is absent.
    pub(super) fn read(group: &Path) -> Self {
        let read = |name: &str| std::fs::read_to_string(group.join(name)).ok();
        Self {
            processor: read("cpu.stat").and_then(|it| processor(&it)),
            memory: read("memory.current").and_then(|it| it.trim().parse().ok()),
            disk: read("io.stat").map(|it| disk(&it)),
        }
    }

    /// Compares with what was used before.
    pub(crate) fn since(&self, before: &Self, time: Duration) -> Rates {
        let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1);
        let rate = |now: u64, then: u64| now.saturating_sub(then).saturating_mul(1000) / milliseconds;
        let processor = self.processor.zip(before.processor);
        let disk = self.disk.zip(before.disk);
        Rates {
            processor: processor.map(|(now, then)| rate(now, then) / 10_000),
            memory: self.memory,
            disk: disk.map(|(now, then)| (rate(now.0, then.0), rate(now.1, then.1))),
        }
    }
}

fn processor(text: &str) -> Option<u64> {
    text.lines().find_map(|it| it.strip_prefix("usage_usec ")?.trim().parse().ok())
}

fn disk(text: &str) -> (u64, u64) {
    let sum = |key: &str| {
        let words = text.split_whitespace();
        words.filter_map(|it| it.strip_prefix(key)?.parse::<u64>().ok()).fold(0, u64::saturating_add)
    };
    (sum("rbytes="), sum("wbytes="))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_become_rates() {
        let before = Usage {
            processor: processor("usage_usec 1000000\nuser_usec 5\n"),
            memory: Some(1),
            disk: Some(disk("8:0 rbytes=4096 wbytes=0 rios=1\n254:0 rbytes=4096 wbytes=10\n")),
        };
        assert_eq!(before.disk, Some((8192, 10)));
        let after = Usage { processor: Some(2_500_000), memory: Some(7), disk: Some((10_192, 10)) };
        let rates = after.since(&before, Duration::from_secs(1));
        assert_eq!(rates, Rates { processor: Some(150), memory: Some(7), disk: Some((2000, 0)) });
        assert_eq!(Usage::default().since(&before, Duration::ZERO).processor, None);
    }
}
