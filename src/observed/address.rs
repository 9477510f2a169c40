//! Addresses on links.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

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
