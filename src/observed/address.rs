//! Addresses on links.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};

use super::Observed;
use crate::ini;
use crate::value::{InterfaceAddress, is_link_local};

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
    /// networkd has loaded for it does not give; none where nobody knows what the file says.
    pub fn addresses_beside_its_file(&self, name: &str) -> impl Iterator<Item = IpAddr> {
        let path = self.foreign_file(name).filter(|it| self.written.contains_key(*it));
        let sections: Vec<_> =
            path.into_iter().flat_map(|it| self.texts_of(it)).flat_map(ini::parse).collect();
        let values = sections.iter().flat_map(|it| it.all("Address"));
        let given: Option<BTreeSet<IpAddr>> = values.map(given).collect();
        let lasting = self.links.get(name).into_iter().flat_map(|it| &it.addresses);
        let lasting = lasting.filter(|it| it.permanent && !it.is_link_local()).map(|it| it.address.ip());
        let beside =
            given.filter(|_| path.is_some()).map(|given| lasting.filter(move |it| !given.contains(it)));
        beside.into_iter().flatten()
    }
}

/// Reads a value of `Address=`, systemd.network(5); absent: networkd chooses the address itself.
fn given(value: &str) -> Option<IpAddr> {
    let address = value.split('/').next()?.parse::<IpAddr>().ok()?;
    (!address.is_unspecified()).then_some(address)
}
