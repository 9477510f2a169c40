//! `confirm`: keeps a change, said over a connection that began after it.

use std::fs;

use crate::apply::journal::{self, Journal};
use crate::context::{Context, Exit};
use crate::failure::{During, Failure};
use crate::{clock, service, store};

/// Confirms the apply that waits for it, and follows it to its end.
///
/// # Errors
/// None waits, or the connection is older than the change.
pub(super) fn run(context: &Context, same_connection: bool) -> Result<Exit, Failure> {
    let what = "confirm";
    let records = Journal::look(&context.layout.journal())?.unwrap_or_default();
    let header = journal::header(&records).cloned();
    let header = header.ok_or_else(|| Failure::new(what, "no apply waits for it"))?;
    let (Some(end), Some(window)) = (journal::watched_until(&records), header.safety.confirm) else {
        return Err(Failure::new(what, format!("generation {} does not wait for it", header.generation)));
    };
    if !same_connection {
        let begin = end.saturating_sub(window.into());
        connection_is_younger_than(begin)?;
    }
    store::write_whole(&context.layout.confirmed(), &header.generation.to_string())?;
    service::follow(context, &header)
}

/// Refuses a connection that was there when the change was made: that it goes on says nothing of new ones.
fn connection_is_younger_than(seconds: u64) -> Result<(), Failure> {
    const HINT: &str = "log in anew by ssh, or say `--same-connection` on a console, in tmux or in a job";
    let refuse = |why: &str| Err(Failure::new("confirm", format!("{why}; {HINT}")));
    match login()? {
        None => refuse("this process belongs to no login by ssh"),
        Some(start) if start <= seconds => refuse("this login is older than the change"),
        Some(_) => Ok(()),
    }
}

/// Returns the second since the boot in which the sshd of this login began; absent: it is none of sshd.
fn login() -> Result<Option<u64>, Failure> {
    let own = session("self");
    let mut found = None;
    let mut process = std::process::id();
    while process > 1 && own.is_some() && session(&process.to_string()) == own {
        let stat = Stat::read(process)?;
        if stat.name.starts_with("sshd") {
            found = Some(stat.start);
        }
        process = stat.parent;
    }
    Ok(found)
}

/// Returns the audit session of a process; absent: it has none.
fn session(process: &str) -> Option<u32> {
    let text = fs::read_to_string(format!("/proc/{process}/sessionid")).ok()?;
    text.trim().parse().ok().filter(|it| *it != u32::MAX)
}

/// What the kernel says of a process.
struct Stat {
    name: String,
    parent: u32,
    /// Seconds since the boot.
    start: u64,
}

impl Stat {
    fn read(process: u32) -> Result<Self, Failure> {
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
