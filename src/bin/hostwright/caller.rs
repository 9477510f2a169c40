//! The connection that hostwright was called over.

use std::fs;
use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use crate::process::Stat;

/// Ends of a TCP connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Caller {
    /// End on this host.
    pub(crate) local: SocketAddr,
    /// End where somebody sits.
    pub(crate) peer: SocketAddr,
}

/// What sshd tells its children: `SSH_CONNECTION`, ssh(1).
const VARIABLE: &[u8] = b"SSH_CONNECTION=";

/// Finds the connection that this process was called over; absent: it was by none of ssh. sudo takes the variable out, so
/// the processes above are looked at, too.
pub(crate) fn connection() -> Option<Caller> {
    let mut process = std::process::id();
    while process > 1 {
        let environment = fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
        let said = environment.split(|it| *it == 0).find_map(|it| it.strip_prefix(VARIABLE));
        if let Some(said) = said {
            return parse(std::str::from_utf8(said).ok()?);
        }
        process = Stat::read(process).ok()?.parent;
    }
    None
}

/// Reads `PEER PORT LOCAL PORT`.
fn parse(text: &str) -> Option<Caller> {
    let mut words = text.split(' ');
    let mut end = || {
        let ip: IpAddr = words.next()?.parse().ok()?;
        Some(SocketAddr::new(ip, words.next()?.parse().ok()?))
    };
    let peer = end()?;
    Some(Caller { peer, local: end()? })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn both_ends_are_read() {
        let caller = parse("203.0.113.9 50122 192.0.2.2 22").expect("a connection");
        assert_eq!((caller.peer.port(), caller.local.to_string().as_str()), (50122, "192.0.2.2:22"));
        assert_eq!(parse("203.0.113.9 50122"), None);
        assert_eq!(parse("fe80::1%eno1 50122 fe80::2%eno1 22"), None);
    }
}
