//! What a network card is told of its virtual functions.

use std::fmt;
use std::mem::discriminant;

use serde::{Deserialize, Serialize};

use crate::value::{Mac, VlanId};

/// A virtual function and its settings, each at most once; what is absent is left alone. `IFLA_VF_INFO`, `if_link.h`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualFunction {
    /// Counted from 0 on.
    pub number: u32,
    /// Settings.
    pub settings: Vec<FunctionSetting>,
}

/// A setting of a virtual function. `[SR-IOV]`, systemd.link(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FunctionSetting {
    /// VLAN that the card puts its frames in; absent: none. `VLANId=`.
    Vlan(Option<VlanId>),
    /// MAC address. `MACAddress=`.
    Mac(Mac),
    /// Whether it may have more addresses and all multicast. `Trust=`.
    Trust(bool),
    /// Whether frames from other MAC addresses are dropped. `MACSpoofCheck=`.
    SpoofCheck(bool),
    /// Carrier that it shows. `LinkState=`.
    LinkState(FunctionCarrier),
}

/// Carrier that a virtual function shows. `IFLA_VF_LINK_STATE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FunctionCarrier {
    /// The card's own.
    Auto,
    /// Always there.
    Enable,
    /// Never there.
    Disable,
}

impl VirtualFunction {
    /// Returns its setting of the same kind.
    #[must_use]
    pub fn like(&self, setting: FunctionSetting) -> Option<FunctionSetting> {
        self.settings.iter().copied().find(|it| discriminant(it) == discriminant(&setting))
    }
}

impl fmt::Display for FunctionSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let yes = |on: bool| if on { "yes" } else { "no" };
        match self {
            Self::Vlan(Some(id)) => write!(f, "VLAN {id}"),
            Self::Vlan(None) => f.write_str("no VLAN"),
            Self::Mac(mac) => write!(f, "MAC address {mac}"),
            Self::Trust(on) => write!(f, "trust {}", yes(*on)),
            Self::SpoofCheck(on) => write!(f, "spoof check {}", yes(*on)),
            Self::LinkState(FunctionCarrier::Auto) => f.write_str("link state auto"),
            Self::LinkState(FunctionCarrier::Enable) => f.write_str("link state enable"),
            Self::LinkState(FunctionCarrier::Disable) => f.write_str("link state disable"),
        }
    }
}
