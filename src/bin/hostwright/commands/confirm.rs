//! `confirm`: keeps a change, said over a connection that began after it.

use std::fs;
use std::net::IpAddr;

use nix::ifaddrs::{InterfaceAddress, getifaddrs};

use crate::apply::journal::{self, Header, Journal, Record};
use crate::context::{Context, Exit};
use crate::failure::Failure;
use crate::process::Stat;
use crate::{author, caller, service, store};

/// Confirms the apply that waits for it, and follows it to its end.
///
/// # Errors
/// None waits, or the connection is older than the change.
pub(super) fn run(context: &Context, same_connection: bool) -> Result<Exit, Failure> {
    let what = "confirm";
    let records = Journal::look(&context.layout)?.unwrap_or_default();
    let header = journal::header(&records).cloned();
    let header = header
        .ok_or_else(|| Failure::new(what, "no apply waits for it, `hostwright status` says what was last"))?;
    if header.boot != author::boot()? {
        let why = format!("the machine was reset, generation {} is being taken back", header.generation);
        return Err(Failure::new(what, why));
    }
    let (end, window) = window(&records, &header).map_err(|why| Failure::new(what, why))?;
    if !same_connection {
        let begin = end.saturating_sub(window.into());
        connection_is_younger_than(begin)?;
    }
    store::write_whole(&context.layout.confirmed(), &header.generation.to_string())?;
    service::follow(context, &header)
}

/// Returns when an apply's confirm window ends, in seconds since the boot, and how long it is; the error is why nobody can
/// confirm now.
fn window(records: &[Record], header: &Header) -> Result<(u64, u32), String> {
    let generation = header.generation;
    let Some(window) = header.safety.confirm else {
        return Err(format!("generation {generation} was asked for without a confirm window"));
    };
    if journal::undoing(records).is_some() {
        return Err(format!("generation {generation} is being taken back, `hostwright status` says why"));
    }
    let end = journal::watched_until(records);
    let end =
        end.ok_or_else(|| format!("the steps of generation {generation} are not all done yet, try again"))?;
    Ok((end, window))
}

/// Refuses a connection that was there when the change was made: that it goes on says nothing of new ones.
fn connection_is_younger_than(seconds: u64) -> Result<(), Failure> {
    const HINT: &str = "log in anew by ssh, or say `--same-connection` on a console, in tmux or in a job";
    let refuse = |why: &str| Err(Failure::new("confirm", format!("{why}; {HINT}")));
    match login()? {
        None => refuse("this process belongs to no login by ssh"),
        Some(start) if start <= seconds => refuse("this login is older than the change"),
        Some(_) if caller::connection().is_some_and(|it| is_own(it.peer.ip())) => Err(Failure::new(
            "confirm",
            "this login comes from the host itself; behind a proxy on it say `--same-connection`",
        )),
        Some(_) => Ok(()),
    }
}

/// Says whether an address is one of the host's; not where nobody can tell.
fn is_own(ip: IpAddr) -> bool {
    let own = |it: InterfaceAddress| -> Option<IpAddr> {
        let address = it.address?;
        let four = address.as_sockaddr_in().map(|it| it.ip().into());
        four.or_else(|| address.as_sockaddr_in6().map(|it| it.ip().into()))
    };
    let ip = ip.to_canonical();
    ip.is_loopback() || getifaddrs().is_ok_and(|mut all| all.any(|it| own(it) == Some(ip)))
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

#[cfg(test)]
mod tests {
    use hostwright::artifact::Safety;

    use super::{Header, Record, is_own, window};
    use crate::apply::tests::{empty_plan, header};

    #[test]
    fn a_login_from_the_host_itself_is_known() {
        let is_own = |text: &str| is_own(text.parse().expect("an address"));
        assert!(is_own("127.0.0.1") && is_own("::1") && is_own("::ffff:127.0.0.2"));
        assert!(!is_own("192.0.2.77") && !is_own("2001:db8::77"));
    }

    #[test]
    fn who_cannot_confirm_is_told_why() {
        let header =
            |confirm| Header { safety: Safety { confirm, ..Safety::default() }, ..header(empty_plan()) };
        let why = |records: &[Record], confirm| window(records, &header(confirm)).err().unwrap_or_default();
        assert!(why(&[], None).contains("without a confirm window"));
        assert!(why(&[Record::Done(0)], Some(300)).contains("not all done yet"));
        let undone = [Record::Watching(900), Record::Undoing("lost".to_owned())];
        assert!(why(&undone, Some(300)).contains("is being taken back"));
        assert_eq!(window(&undone[..1], &header(Some(300))), Ok((900, 300)));
    }
}
