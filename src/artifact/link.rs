//! State of a link in the kernel: what netlink makes live, and what networkd makes at boot.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};

use super::file::{Place, Root};
use crate::value::{Destination, InterfaceAddress, InterfaceName, Mac, Mtu, VlanId};

/// How a macvtap delivers frames. `Mode=` of `[MACVTAP]`, systemd.netdev(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MacvtapMode {
    /// Between all taps of a parent, and to the wire.
    Bridge,
    /// To the wire alone; never between taps.
    Private,
    /// To the wire; a switch with hairpin sends back.
    Vepa,
    /// One tap has the whole parent.
    Passthru,
}

impl fmt::Display for MacvtapMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bridge => "bridge",
            Self::Private => "private",
            Self::Vepa => "vepa",
            Self::Passthru => "passthru",
        })
    }
}

/// What a link is. A change of it is a deletion and a creation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkForm {
    /// A network card: it is there or not, nobody makes it.
    Physical,
    /// An IEEE 802.1Q VLAN device.
    Vlan {
        /// Tag on the wire.
        id: VlanId,
        /// Link that carries the tagged frames.
        parent: InterfaceName,
    },
    /// A macvtap device.
    Macvtap {
        /// Delivery.
        mode: MacvtapMode,
        /// Link below.
        parent: InterfaceName,
    },
}

impl LinkForm {
    /// Returns the link below; absent for a network card.
    #[must_use]
    pub const fn parent(&self) -> Option<&InterfaceName> {
        match self {
            Self::Physical => None,
            Self::Vlan { parent, .. } | Self::Macvtap { parent, .. } => Some(parent),
        }
    }
}

/// An address of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Address {
    /// Address and prefix.
    pub address: InterfaceAddress,
    /// IPv4 broadcast address; absent for IPv6, /31 and /32.
    pub broadcast: Option<Ipv4Addr>,
}

impl From<InterfaceAddress> for Address {
    fn from(address: InterfaceAddress) -> Self {
        Self { address, broadcast: address.broadcast() }
    }
}

/// A static route over a link: protocol `static`, table `main`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Route {
    /// Where it leads.
    pub to: Destination,
    /// Gateway; absent: the destination is on the link.
    pub via: Option<IpAddr>,
    /// Priority, lower first; absent: the kernel's default.
    pub metric: Option<u32>,
}

/// Mark of ownership at the beginning of an `ifalias`.
pub const ALIAS_MARK: &str = "hostwright [";

/// Returns the place of a link's `.network` file.
#[must_use]
pub fn network_place(name: &InterfaceName) -> Place {
    Place::new(Root::Network, format!("10-hostwright-{name}.network"))
}

/// State of a link that hostwright sets; what it does not set is not here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Kernel name.
    pub name: InterfaceName,
    /// What it is.
    pub form: LinkForm,
    /// Largest payload in bytes.
    pub mtu: Mtu,
    /// Own MAC address; absent: the hardware's or the parent's.
    pub mac: Option<Mac>,
    /// `ifalias`, the mark of ownership; absent for network cards.
    pub alias: Option<String>,
    /// Addresses.
    pub addresses: Vec<Address>,
    /// Static routes.
    pub routes: Vec<Route>,
    /// Per-link sysctls as networkd sets them for such a link, by path below `/proc/sys/net`:
    /// `ipv6/conf/storage/accept_ra`.
    pub sysctls: BTreeMap<String, String>,
    /// MAC address that the network card must have; absent: not asked.
    pub expect_mac: Option<Mac>,
    /// udev's `ID_PATH` that the network card must have; absent: not asked.
    pub expect_path: Option<crate::value::PciPath>,
}

impl fmt::Display for Link {
    /// Writes what tells the link from others: `id 42 on eno1, 10.0.42.2/24`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.form {
            LinkForm::Physical => write!(f, "MTU {}", self.mtu)?,
            LinkForm::Vlan { id, parent } => write!(f, "id {id} on {parent}")?,
            LinkForm::Macvtap { mode, parent } => write!(f, "{mode} on {parent}")?,
        }
        self.addresses.iter().try_for_each(|it| write!(f, ", {}", it.address))
    }
}
