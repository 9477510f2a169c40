//! Addresses on links.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};

use super::Observed;
use crate::ini;
use crate::value::{InterfaceAddress, is_link_local};

/// Name of the loopback device.
const LOOPBACK: &str = "lo";
/// From this version on networkd takes addresses of others from it.
const LOOPBACK_SINCE: u32 = 257;

/// Where duplicate address detection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddressState {
    /// It found nobody, or was not asked.
    Usable,
    /// It has not ended.
    Tentative,
    /// Another station has the address: the kernel does not use it. `IFA_F_DADFAILED`.
    Duplicate,
}

/// An address on a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedAddress {
    /// Address and prefix.
    pub address: InterfaceAddress,
    /// IPv4 broadcast address.
    pub broadcast: Option<Ipv4Addr>,
    /// Whether it can be used.
    pub state: AddressState,
    /// Whether it stays until somebody removes it: no lease, no advertisement. `IFA_F_PERMANENT`.
    pub permanent: bool,
}

impl ObservedAddress {
    /// Says whether it is one of IPv4.
    #[must_use]
    pub fn is_ipv4(&self) -> bool {
        self.address.ip().is_ipv4()
    }

    /// Says whether it is of `fe80::/64`, which links give themselves.
    #[must_use]
    pub fn is_link_local(&self) -> bool {
        is_link_local(self.address.ip())
    }
}

impl Observed {
    /// Iterates over the addresses of a link that stay until somebody removes them and that the file of somebody else which
    /// networkd has loaded for it does not give; none where nobody knows what that gives, and none of the loopback device
    /// where networkd leaves it alone.
    pub fn addresses_beside_its_file(&self, name: &str) -> impl Iterator<Item = IpAddr> {
        let version = self.networkd.as_ref().map_or(0, |it| it.version);
        let path = self.foreign_file(name).filter(|it| self.written.contains_key(*it));
        let path = path.filter(|_| name != LOOPBACK || version >= LOOPBACK_SINCE);
        let sections: Vec<_> =
            path.into_iter().flat_map(|it| self.texts_of(it)).flat_map(ini::parse).collect();
        let path = path.filter(|_| !sections.iter().any(asks_for_addresses));
        let values = sections.iter().flat_map(|it| it.all("Address"));
        let given: Option<BTreeSet<IpAddr>> = values.map(given).collect();
        let lasting = self.links.get(name).into_iter().flat_map(|it| &it.addresses);
        let lasting = lasting.filter(|it| it.permanent && !it.is_link_local()).map(|it| it.address.ip());
        let lasting = lasting.filter(|it| !it.is_loopback() && !is_link_local_of_ipv4(*it));
        let beside =
            given.filter(|_| path.is_some()).map(|given| lasting.filter(move |it| !given.contains(it)));
        beside.into_iter().flatten()
    }
}

/// Says whether a section has networkd ask others for addresses, which may last for ever.
fn asks_for_addresses(section: &ini::Section) -> bool {
    let is_asked = |key: &str| section.get(key).is_some_and(|it| !matches!(it, "no" | "false" | "off" | "0"));
    ["DHCP", "IPv6AcceptRA"].into_iter().any(is_asked)
}

const fn is_link_local_of_ipv4(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V4(ip) if ip.is_link_local())
}

/// Reads a value of `Address=`, systemd.network(5); absent: networkd chooses the address itself.
fn given(value: &str) -> Option<IpAddr> {
    let address = value.split('/').next()?.parse::<IpAddr>().ok()?;
    (!address.is_unspecified()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observed::{Networkd, ObservedLink};

    #[test]
    fn what_a_file_of_others_does_not_give_is_beside_it() {
        let path = "/etc/systemd/network/20-up.network";
        let address = |ip: &str, prefix: u8| ObservedAddress {
            address: InterfaceAddress::new(ip.parse().expect("an address"), prefix).expect("a prefix"),
            broadcast: None,
            state: AddressState::Usable,
            permanent: true,
        };
        let beside = |name: &str, version: u32, lines: &str| {
            let addresses = vec![address("127.0.0.1", 8), address("192.0.2.2", 24), address("192.0.2.9", 32)];
            let loaded = [(name.to_owned(), path.to_owned())].into();
            let observed = Observed {
                networkd: Some(Networkd { version, loaded, ..Networkd::default() }),
                links: [(name.to_owned(), ObservedLink { addresses, ..ObservedLink::default() })].into(),
                written: [(path.to_owned(), format!("[Network]\nAddress=192.0.2.2/24\n{lines}"))].into(),
                ..Observed::default()
            };
            observed.addresses_beside_its_file(name).map(|it| it.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(beside("up0", 252, "IPv6AcceptRA=no\n"), ["192.0.2.9"]);
        for lines in ["Address=192.0.2.9/32\n", "DHCP=yes\n", "Address=0.0.0.0/28\n"] {
            assert!(beside("up0", 252, lines).is_empty(), "{lines}");
        }
        assert!(beside("lo", 252, "").is_empty());
        assert_eq!(beside("lo", 257, ""), ["192.0.2.9"]);
    }
}
