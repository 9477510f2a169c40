//! IP addresses of interfaces and destinations of routes.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use super::{Refusal, TextValue, by_text};

/// Address of an interface with the length of its network's prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InterfaceAddress(IpNet);

impl InterfaceAddress {
    /// Joins an address as the kernel reports it.
    #[must_use]
    pub fn new(address: IpAddr, prefix: u8) -> Option<Self> {
        IpNet::new(address, prefix).ok().map(Self)
    }

    /// Returns the address alone.
    #[must_use]
    pub fn ip(self) -> IpAddr {
        self.0.addr()
    }

    /// Returns the length of the prefix in bits.
    #[must_use]
    pub fn prefix(self) -> u8 {
        self.0.prefix_len()
    }

    /// Returns the IPv4 broadcast address; absent for IPv6, /31 and /32. `Broadcast=`, systemd.network(5).
    #[must_use]
    pub fn broadcast(self) -> Option<Ipv4Addr> {
        match self.0 {
            IpNet::V4(net) if net.prefix_len() <= 30 => Some(net.broadcast()),
            _ => None,
        }
    }

    /// Returns its network.
    #[must_use]
    pub fn network(self) -> IpNet {
        self.0.trunc()
    }

    /// Says whether another address lies in this one's network.
    #[must_use]
    pub fn reaches(self, other: IpAddr) -> bool {
        self.0.contains(&other)
    }
}

/// Says whether an address is one of `fe80::/64`, which links give themselves.
#[must_use]
pub const fn is_link_local(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local())
}

impl TextValue for InterfaceAddress {
    const FORM: &'static str = "an address with its prefix, like \"192.0.2.2/24\"";

    fn parse(text: &str) -> Result<Self, Refusal> {
        let net: IpNet = text
            .parse()
            .map_err(|_| format!("`{text}` is not an address with its prefix, like `192.0.2.2/24`"))?;
        let ip = net.addr();
        if ip.is_unspecified() || ip.is_multicast() || ip.is_loopback() {
            return Err(format!(
                "`{text}` is no address that a link can have: it is unspecified, a group's or the loopback's"
            ));
        }
        let network_itself = match net {
            IpNet::V4(net) => net.prefix_len() <= 30 && (ip == net.network() || ip == net.broadcast()),
            IpNet::V6(_) => false,
        };
        if network_itself {
            return Err(format!(
                "`{text}` is no address for a link: it is the network or broadcast address of `{}`",
                net.trunc()
            ));
        }
        Ok(Self(net))
    }

    fn mended(text: &str) -> Option<String> {
        let (address, mask) = text.trim().split_once('/')?;
        let prefix = match mask.parse::<Ipv4Addr>() {
            Ok(mask) => ipnet::ip_mask_to_prefix(mask.into()).ok()?.to_string(),
            Err(_) => mask.to_owned(),
        };
        Some(format!("{address}/{prefix}"))
    }
}

impl fmt::Display for InterfaceAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

by_text!(InterfaceAddress);

/// Where a route leads: a network, or `default`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Destination {
    /// Everything that no other route covers; the family is the gateway's.
    Default,
    /// A network without host bits.
    Network(IpNet),
}

impl TextValue for Destination {
    const FORM: &'static str = "a network, like \"198.51.100.0/24\", or \"default\"";

    fn parse(text: &str) -> Result<Self, Refusal> {
        if text == "default" {
            return Ok(Self::Default);
        }
        let net: IpNet = text.parse().map_err(|_| {
            format!("`{text}` is neither `default` nor a network with its prefix, like `198.51.100.0/24`")
        })?;
        if net.trunc() != net {
            return Err(format!(
                "`{text}` is an address in a network: the network itself is `{}`",
                net.trunc()
            ));
        }
        if net.prefix_len() == 0 {
            return Err(format!("`{text}` is written `default`: the gateway gives the family"));
        }
        Ok(Self::Network(net))
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Network(net) => net.fmt(f),
        }
    }
}

by_text!(Destination);

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn interface_addresses() {
        check::<InterfaceAddress>("192.0.2.2/24", Ok("192.0.2.2/24"));
        check::<InterfaceAddress>("2001:db8::2/64", Ok("2001:db8::2/64"));
        check::<InterfaceAddress>("192.0.2.0/31", Ok("192.0.2.0/31"));
        check::<InterfaceAddress>("192.0.2.2", Err("with its prefix"));
        check::<InterfaceAddress>("192.0.2.0/24", Err("network or broadcast"));
        check::<InterfaceAddress>("192.0.2.255/24", Err("network or broadcast"));
        check::<InterfaceAddress>("224.0.0.1/24", Err("no address that a link can have"));
        check::<InterfaceAddress>("10.20.0.2/240", Err("with its prefix"));
    }

    #[test]
    fn broadcasts() {
        let broadcast = |text: &str| InterfaceAddress::parse(text).ok().and_then(InterfaceAddress::broadcast);
        assert_eq!(broadcast("192.0.2.2/24"), Some(Ipv4Addr::new(192, 0, 2, 255)));
        assert_eq!(broadcast("192.0.2.2/31"), None);
        assert_eq!(broadcast("2001:db8::2/64"), None);
    }

    #[test]
    fn destinations() {
        check::<Destination>("default", Ok("default"));
        check::<Destination>("198.51.100.0/24", Ok("198.51.100.0/24"));
        check::<Destination>("198.51.100.1/24", Err("the network itself is `198.51.100.0/24`"));
        check::<Destination>("::/0", Err("is written `default`"));
        check::<Destination>("everywhere", Err("neither"));
    }
}
