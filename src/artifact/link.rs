//! State of a link in the kernel: what netlink makes live, and what networkd makes at boot.

use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::device::Device;
use super::file::{Place, Root};
use super::function::VirtualFunction;
use super::route::{Neighbor, Route, Rule};
use crate::value::{InterfaceAddress, InterfaceName, Mac, Mtu, VlanId};

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

/// Mark of ownership at the beginning of an `ifalias`.
pub const ALIAS_MARK: &str = "hostwright [";

/// Beginning of the names of files by which networkd and udev know a link.
pub const OWN_FILES: &str = "10-hostwright-";

/// Returns the place of a link's `.network` file.
#[must_use]
pub fn network_place(name: &InterfaceName) -> Place {
    Place::new(Root::Network, format!("{OWN_FILES}{name}.network"))
}

/// Returns the place of the file by which udev knows a link.
#[must_use]
pub fn link_place(name: &InterfaceName) -> Place {
    Place::new(Root::Network, format!("{OWN_FILES}{name}.link"))
}

/// Returns the place of the file that networkd makes a link from.
#[must_use]
pub fn device_place(name: &InterfaceName) -> Place {
    Place::new(Root::Network, format!("{OWN_FILES}{name}.netdev"))
}

/// Returns the place of the file that gives a link its own sysctls as it comes.
#[must_use]
pub fn sysctl_place(name: &InterfaceName) -> Place {
    Place::new(Root::Sysctl, format!("{OWN_FILES}{name}.conf"))
}

/// Returns the folder of the drop-ins by which other links change a link's `.network` file.
#[must_use]
pub fn drop_ins(name: &InterfaceName) -> String {
    format!("{OWN_FILES}{name}.network.d/")
}

/// Returns the place of the drop-in of one of them.
#[must_use]
pub fn drop_in_place(name: &InterfaceName, other: &InterfaceName) -> Place {
    Place::new(Root::Network, format!("{}{other}.conf", drop_ins(name)))
}

/// State of a link that hostwright sets; what it does not set is not here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Kernel name.
    pub name: InterfaceName,
    /// How it is made; absent: a network card, which is there or not.
    pub device: Option<Device>,
    /// Largest payload in bytes.
    pub mtu: Mtu,
    /// Own MAC address; absent: the hardware's or the parent's.
    pub mac: Option<Mac>,
    /// `ifalias`, the mark of ownership; absent for network cards.
    pub alias: Option<String>,
    /// Links that it is the master of.
    pub ports: Vec<Port>,
    /// VLANs in which the host itself takes part; absent: it is no bridge that filters.
    pub vlans: Option<Vec<PortVlan>>,
    /// Addresses.
    pub addresses: Vec<Address>,
    /// Static routes.
    pub routes: Vec<Route>,
    /// Rules of policy routing.
    pub rules: Vec<Rule>,
    /// Static neighbors.
    pub neighbors: Vec<Neighbor>,
    /// What only networkd can give it: `DHCP`, `DNS servers`.
    pub by_networkd: Vec<String>,
    /// Lines for networkd that hostwright does not understand: `Network.LLDP=no`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub raw: Vec<String>,
    /// Per-link sysctls as networkd sets them for such a link, by path below `/proc/sys/net`:
    /// `ipv6/conf/storage/accept_ra`.
    pub sysctls: BTreeMap<String, String>,
    /// Per-link sysctls that networkd leaves alone, likewise by path: a file of sysctl.d(5) gives them at boot.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub own_sysctls: BTreeMap<String, String>,
    /// MAC address that the network card must have; absent: not asked.
    pub expect_mac: Option<Mac>,
    /// udev's `ID_PATH` that the network card must have; absent: not asked.
    pub expect_path: Option<crate::value::PciPath>,
    /// Whether udev gives the network card its name at boot: until then it may bear another.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub renamed: bool,
    /// Number of virtual functions that udev has the network card make at boot; absent: it is left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub functions: Option<u32>,
    /// What the network card is told of its virtual functions, in the order of their numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub virtual_functions: Vec<VirtualFunction>,
}

/// A link whose master another link is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// Kernel name.
    pub link: InterfaceName,
    /// VLANs that pass, in the order of their numbers; absent: the master does not filter.
    pub vlans: Option<Vec<PortVlan>>,
    /// Attribute of the master's `IFLA_INFO_DATA` that takes the port's index once it is one: a bond's
    /// primary. Absent: none.
    pub elected: Option<u16>,
}

/// VLANs that pass a port of a bridge. `[BridgeVLAN]`, systemd.network(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PortVlan {
    /// Tag.
    pub id: VlanId,
    /// Whether frames without a tag belong to it and it leaves without one.
    pub untagged: bool,
}

impl Link {
    /// Returns the MTU that it is made with over netlink, to get its own behind that. A bridge follows the MTUs of its ports
    /// until its own is changed, and one that it is made with is none that was: `br_mtu_auto_adjust`, `br_if.c`.
    #[must_use]
    pub fn mtu_at_first(&self) -> u32 {
        let (own, usual) = (self.mtu.bytes(), 1500);
        match &self.device {
            Some(device) if device.is_bridge() && own != usual => usual,
            Some(device) if device.is_bridge() => usual + 1,
            _ => own,
        }
    }

    /// Returns the link below; absent where it needs none.
    #[must_use]
    pub fn parent(&self) -> Option<&InterfaceName> {
        self.device.as_ref()?.parent.as_ref()
    }

    /// Returns all its sysctls with their values, by path below `/proc/sys/net`.
    pub fn all_sysctls(&self) -> impl Iterator<Item = (&String, &String)> {
        self.sysctls.iter().chain(&self.own_sysctls)
    }

    /// Says whether it has its ports go down when it takes them up or lets them go, with what stands on them: a bond sets them
    /// down, a VRF has them go down and up. `cycle_netdev` of the kernel's vrf.c.
    #[must_use]
    pub fn sets_ports_down(&self) -> bool {
        self.device.as_ref().is_some_and(|it| it.is_bond() || it.is_vrf())
    }

    /// Says whether nobody makes it: a network card.
    #[must_use]
    pub const fn is_hardware(&self) -> bool {
        self.device.is_none()
    }
}

impl fmt::Display for Link {
    /// Writes what tells the link from others: `id 42 on eno1, 10.0.42.2/24`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.device {
            None => write!(f, "MTU {}", self.mtu)?,
            Some(device) => f.write_str(&device.summary)?,
        }
        self.addresses.iter().try_for_each(|it| write!(f, ", {}", it.address))
    }
}
