//! What a probe tries: TCP ports and HTTP addresses.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::{Refusal, TextValue, by_text};

/// Address and TCP port of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint(SocketAddr);

impl Endpoint {
    /// Returns address and port.
    #[must_use]
    pub const fn socket(self) -> SocketAddr {
        self.0
    }
}

impl TextValue for Endpoint {
    const FORM: &'static str = "an address with a TCP port, like \"192.0.2.1:22\" or \"[2001:db8::1]:22\"";

    fn parse(text: &str) -> Result<Self, Refusal> {
        let socket: SocketAddr = text
            .parse()
            .map_err(|_| format!("`{text}` is not an IP address with a port, like `192.0.2.1:22`"))?;
        if socket.port() == 0 || socket.ip().is_unspecified() || socket.ip().is_multicast() {
            return Err(format!(
                "`{text}` is no address of a service: it is unspecified or a group's, or its port 0"
            ));
        }
        Ok(Self(socket))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

by_text!(Endpoint);

/// An `http` address whose host is an IP address: a probe must not wait for name servers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HttpAddress {
    socket: SocketAddr,
    path: String,
}

impl HttpAddress {
    /// Returns address and port.
    #[must_use]
    pub const fn socket(&self) -> SocketAddr {
        self.socket
    }

    /// Returns path and query, beginning with `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl TextValue for HttpAddress {
    const FORM: &'static str =
        "an address like \"http://192.0.2.1/health\" or \"http://[2001:db8::1]:8080/\"";

    fn parse(text: &str) -> Result<Self, Refusal> {
        let refusal =
            || format!("`{text}` is not `http://` with an IP address, like `http://192.0.2.1:8080/health`");
        let rest = text.strip_prefix("http://").ok_or_else(refusal)?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        if host.contains('@') {
            return Err("an address with a user or a password: no secret stands in a spec".to_owned());
        }
        let in_brackets = || host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        let bare = || in_brackets().unwrap_or(host).parse::<IpAddr>();
        let socket =
            host.parse().or_else(|_| bare().map(|ip| SocketAddr::new(ip, 80))).map_err(|_| refusal())?;
        if !path.bytes().all(|it| it.is_ascii_graphic()) {
            return Err(format!("the path of `{text}` holds a space or a character beyond ASCII"));
        }
        Ok(Self { socket, path: format!("/{path}") })
    }
}

impl fmt::Display for HttpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.socket, self.path)
    }
}

by_text!(HttpAddress);

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn endpoints() {
        check::<Endpoint>("192.0.2.1:22", Ok("192.0.2.1:22"));
        check::<Endpoint>("[2001:db8::1]:22", Ok("[2001:db8::1]:22"));
        check::<Endpoint>("192.0.2.1", Err("with a port"));
        check::<Endpoint>("0.0.0.0:22", Err("no address of a service"));
    }

    #[test]
    fn http_addresses() {
        check::<HttpAddress>("http://192.0.2.1/health?x=1", Ok("http://192.0.2.1:80/health?x=1"));
        check::<HttpAddress>("http://[2001:db8::1]:8080", Ok("http://[2001:db8::1]:8080/"));
        check::<HttpAddress>("http://[2001:db8::1]/", Ok("http://[2001:db8::1]:80/"));
        check::<HttpAddress>("https://192.0.2.1/", Err("is not `http://`"));
        check::<HttpAddress>("http://example.net/", Err("with an IP address"));
        check::<HttpAddress>("http://a:b@192.0.2.1/", Err("no secret stands in a spec"));
        check::<HttpAddress>("http://192.0.2.1/a b", Err("holds a space"));
    }
}
