//! Processes as the kernel shows them.

use std::fs;

use crate::clock;
use crate::failure::{During, Failure};

/// What the kernel says of a process.
pub(crate) struct Stat {
    /// Name of the program, at most 15 bytes.
    pub(crate) name: String,
    /// Process that started it.
    pub(crate) parent: u32,
    /// Seconds since the boot.
    pub(crate) start: u64,
}

impl Stat {
    /// Reads what the kernel says.
    ///
    /// # Errors
    /// It is gone.
    pub(crate) fn read(process: u32) -> Result<Self, Failure> {
        let path = format!("/proc/{process}/stat");
        let text = fs::read_to_string(&path).during(|| format!("read {path}"))?;
        Self::parse(&text).ok_or_else(|| Failure::new(format!("read {path}"), "it has another form"))
    }

    /// Reads `pid (name) state parent …`; the name may hold brackets and spaces. `proc_pid_stat(5)`.
    fn parse(text: &str) -> Option<Self> {
        let (before, after) = text.rsplit_once(')')?;
        let name = before.split_once('(')?.1.to_owned();
        let fields: Vec<_> = after.split_whitespace().collect();
        let start: u64 = fields.get(19)?.parse().ok()?;
        Some(Self { name, parent: fields.get(1)?.parse().ok()?, start: start / clock::ticks_per_second() })
    }
}

#[cfg(test)]
mod tests {
    use super::Stat;

    #[test]
    fn a_process_is_read_behind_its_name() {
        let text = "812 (sshd) x) S 1 812 812 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 123400 1 2 3";
        let stat = Stat::parse(text).expect("a process");
        assert_eq!((stat.name.as_str(), stat.parent), ("sshd) x", 1));
        assert_eq!(stat.start, 1234);
    }
}
