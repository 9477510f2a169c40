//! `confirm`: keeps a change, said over a connection that began after it.

use std::fs;

use crate::apply::journal::{self, Journal};
use crate::context::{Context, Exit};
use crate::failure::Failure;
use crate::process::Stat;
use crate::{service, store};

/// Confirms the apply that waits for it, and follows it to its end.
///
/// # Errors
/// None waits, or the connection is older than the change.
pub(super) fn run(context: &Context, same_connection: bool) -> Result<Exit, Failure> {
    let what = "confirm";
    let records = Journal::look(&context.layout.journal())?.unwrap_or_default();
    let header = journal::header(&records).cloned();
    let header = header
        .ok_or_else(|| Failure::new(what, "no apply waits for it, `hostwright status` says what was last"))?;
    let (Some(end), Some(window)) = (journal::watched_until(&records), header.safety.confirm) else {
        return Err(Failure::new(
            what,
            format!("generation {} was asked for without a confirm window", header.generation),
        ));
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
