//! Addresses of iSCSI portals.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::{Refusal, TextValue, by_text};

/// Port that portals have where none is written, RFC 3720 section 12.8.
const PORT: u16 = 3260;

/// Address and TCP port of an iSCSI portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Portal(SocketAddr);

impl Portal {
    /// Returns address and port.
    #[must_use]
    pub const fn socket(self) -> SocketAddr {
        self.0
    }
}

impl TextValue for Portal {
    const FORM: &'static str =
        "an iSCSI portal, like \"10.0.42.10\", \"10.0.42.10:3260\" or \"[2001:db8::10]:3260\"";

    fn parse(text: &str) -> Result<Self, Refusal> {
        let bare = text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, PORT));
        let socket = text.parse().or(bare).map_err(|_| {
            format!("`{text}` is not a portal: an IP address, never a name, with or without a port, like `10.0.42.10:3260`")
        })?;
        if socket.port() == 0 || socket.ip().is_unspecified() || socket.ip().is_multicast() {
            return Err(format!(
                "`{text}` is no address of a portal: it is unspecified or a group's, or its port 0"
            ));
        }
        Ok(Self(socket))
    }

    fn mended(text: &str) -> Option<String> {
        // `iscsiadm` writes the number of the portal group behind a portal.
        let portal = text.trim();
        let group = portal.rsplit_once(',').filter(|(_, group)| group.parse::<u16>().is_ok());
        Some(group.map_or(portal, |it| it.0).to_owned())
    }
}

impl fmt::Display for Portal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

by_text!(Portal);

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn portals() {
        check::<Portal>("10.0.42.10", Ok("10.0.42.10:3260"));
        check::<Portal>("10.0.42.10:860", Ok("10.0.42.10:860"));
        check::<Portal>("2001:db8::10", Ok("[2001:db8::10]:3260"));
        check::<Portal>("[2001:db8::10]:3260", Ok("[2001:db8::10]:3260"));
        check::<Portal>("san.example.net", Err("an IP address, never a name"));
        check::<Portal>("0.0.0.0", Err("no address of a portal"));
        check::<Portal>("10.0.42.10:0", Err("no address of a portal"));
    }
}
