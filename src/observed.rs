//! What the machine has now: plain data, filled by effects elsewhere.

mod address;
mod applied;
mod bridge;
mod elsewhere;
mod flow;
mod foreign;
mod held;
mod libvirt;
mod manager;
mod master;
mod neighbor;
mod networkd;
mod nexthop;
mod release;
mod route;
mod rule;
mod session;
mod space;
mod told;
mod unread;

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

pub use address::{AddressState, ObservedAddress};
pub use bridge::{BridgeState, ObservedBridge};
pub use elsewhere::{Elsewhere, SessionElsewhere};
pub use flow::{Flow, FlowKind};
pub use foreign::{ForeignRoute, is_foreign};
pub use held::held;
pub use neighbor::is_reached;
pub use networkd::{LeftAlone, Networkd, NextStart};
pub use nexthop::Nexthop;
pub use release::Release;
pub use route::{KERNEL, ObservedRoute};
pub use rule::ObservedRule;
pub use session::{BgpSession, Speaker};
pub use space::Space;
pub use told::{BfdPeer, Told, ToldSession, Unreadable};
pub use unread::{FOLDERS, is_of_device, unread};

use crate::artifact::{
    Bytes, Content, DefaultBridge, Device, Link, Neighbor, Place, PortVlan, VirtualFunction,
};
use crate::takeover::TakeOver;
use crate::value::{InterfaceAddress, InterfaceName, Mac, UnitName};
pub use libvirt::{ObservedDomain, ObservedLibvirt, ObservedNetwork};
pub use manager::{Manager, Texts, Tool, managers};

pub use crate::artifact::link::ALIAS_MARK;
/// Protocol of what hostwright and networkd give: `RTPROT_STATIC`.
pub const STATIC: u8 = 4;

/// One picture of the machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// Links by kernel name; names that hostwright would not give are here too.
    pub links: BTreeMap<String, ObservedLink>,
    /// Routes of all tables but those of others.
    pub routes: BTreeSet<ObservedRoute>,
    /// How many routes others have, by the link that they leave over; those over several or none have an empty name.
    pub foreign_routes: BTreeMap<String, usize>,
    /// Links that routes of others over several links leave over.
    #[serde(default)]
    pub shared_by_foreign: BTreeSet<String>,
    /// IPv4 addresses that routes of others have as their source, each with the number of the routes' table.
    #[serde(default)]
    pub foreign_sources: BTreeSet<(u32, Ipv4Addr)>,
    /// Rules of policy routing.
    pub rules: BTreeSet<ObservedRule>,
    /// Nexthop objects, written as text, with their protocol.
    pub nexthops: BTreeSet<String>,
    /// Established BGP sessions.
    pub sessions: BTreeSet<BgpSession>,
    /// What the routing daemons told of their peers.
    pub told: Told,
    /// What must go on reaching its peer, and the route that each goes by.
    #[serde(default)]
    pub flows: BTreeSet<Flow>,
    /// Other network namespaces that have something on a link here, or BGP sessions.
    pub elsewhere: Vec<Elsewhere>,
    /// Network namespaces that could not be looked into, and why, in words.
    pub unseen: BTreeSet<String>,
    /// Where packets go over a link directly, with its name: to gateways, and into networks without one. Not asked where no
    /// link has permanent neighbors of others.
    pub direct: BTreeSet<(String, IpNet)>,
    /// networkd; absent: it does not run.
    pub networkd: Option<Networkd>,
    /// Who else configures links, by kernel name; those that nobody or hostwright configures are not here.
    pub managers: BTreeMap<String, Manager>,
    /// Files in `/etc/systemd/network` and its drop-in directories, by path.
    pub written: Texts,
    /// Drop-ins of `.network` files in the other folders that networkd reads, by path. `networkctl edit --runtime`.
    #[serde(default)]
    pub drop_ins: Texts,
    /// Files there that were taken over.
    pub taken_over: TakeOver,
    /// Routing daemons found.
    pub daemons: BTreeSet<RoutingDaemon>,
    /// Files at the places of the artifacts; absent ones are not here.
    pub files: BTreeMap<Place, Content>,
    /// Files of hostwright in `/run/systemd/network` that belong to no artifact: networkd has loaded them for links
    /// that left.
    pub leftovers: BTreeSet<Place>,
    /// Units of the artifacts that systemd has loaded.
    pub units: BTreeMap<UnitName, UnitState>,
    /// libvirt; absent: not asked, because no spec has a domain or network and no socket of it is there.
    pub libvirt: Option<ObservedLibvirt>,
    /// Default bridges that a spec keeps away.
    pub bridges: BTreeMap<DefaultBridge, ObservedBridge>,
    /// Whether hardware runs guests: `/dev/kvm` opens.
    pub kvm: bool,
    /// Who has the character device of a macvtap open, by the link's index: in words.
    pub opened: BTreeMap<u32, String>,
    /// What a boot needs to bring about what is applied, and does not find: our units and our generator.
    pub missing: BTreeSet<String>,
}

/// A link.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedLink {
    /// `ifindex`.
    pub index: u32,
    /// `IFLA_INFO_KIND`; absent: hardware, or the loopback device.
    pub kind: Option<String>,
    /// `IFLA_INFO_DATA`.
    pub data: BTreeMap<u16, Bytes>,
    /// Name of the link below, where there is one in this namespace.
    pub parent: Option<String>,
    /// Name of its master; absent: it is nobody's port.
    pub master: Option<String>,
    /// VLANs that pass it as a port of a bridge, or in which a bridge's host takes part.
    pub vlans: Vec<PortVlan>,
    /// Permanent neighbors.
    pub neighbors: Vec<Neighbor>,
    /// Bytes.
    pub mtu: u32,
    /// Hardware address; absent for links without Ethernet.
    pub mac: Option<Mac>,
    /// Hardware address that it had from the beginning: a bond gives its ports its own. Absent: as `mac`.
    pub permanent_mac: Option<Mac>,
    /// `ifalias`.
    pub alias: Option<String>,
    /// Whether `IFF_UP` is set.
    pub up: bool,
    /// Whether it has a carrier: `IFF_RUNNING`.
    pub carrier: bool,
    /// Addresses, link-local ones of the kernel too.
    pub addresses: Vec<ObservedAddress>,
    /// Values of the sysctls that the artifacts set, by path below `/proc/sys/net`; of one whose file networkd has loaded those
    /// that networkd leaves alone.
    pub sysctls: BTreeMap<String, String>,
    /// udev's `ID_PATH`.
    pub path: Option<String>,
    /// Virtual functions; absent: the hardware has no such thing.
    pub functions: Option<Functions>,
    /// What the card does with those that there are, as far as its driver says, in the order of their numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub virtual_functions: Vec<VirtualFunction>,
}

/// Virtual functions of a network card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Functions {
    /// How many there are. `sriov_numvfs`.
    pub present: u32,
    /// How many there can be. `sriov_totalvfs`.
    pub most: u32,
}

impl ObservedLink {
    /// Says whether it answers on its parent's wire for every address of the host, as the kernel does unless told
    /// otherwise: other stations may know the parent's addresses by its MAC address. `arp_ignore`, ip-sysctl.
    #[must_use]
    pub fn answers_for_its_parent(&self) -> bool {
        let told = |(path, value): (&String, &String)| path.ends_with("/arp_ignore") && value != "0";
        self.kind.as_deref() == Some("macvlan") && !self.sysctls.iter().any(told)
    }

    /// Returns the number of the VLAN whose link it is; absent: it is of another kind. `IFLA_VLAN_ID`.
    #[must_use]
    pub fn vlan(&self) -> Option<u32> {
        const ID: u16 = 1;
        self.number(ID).filter(|_| self.kind.as_deref() == Some("vlan"))
    }

    /// Returns an attribute of its kind as a number.
    #[must_use]
    pub fn number(&self, attribute: u16) -> Option<u32> {
        self.data.get(&attribute)?.number()
    }

    /// Returns what tells a network card from others: the address it came with, else the one it has.
    #[must_use]
    pub fn hardware_mac(&self) -> Option<Mac> {
        self.permanent_mac.or(self.mac)
    }

    /// Says whether it is a device as it would be made, but for settings that it can take up.
    #[must_use]
    pub fn is(&self, device: &Device) -> bool {
        let fixed = |it: &&crate::artifact::Setting| !it.is_alterable();
        self.kind.as_deref() == Some(&device.kind)
            && self.parent.as_deref() == device.parent.as_ref().map(crate::value::InterfaceName::as_str)
            && device
                .settings
                .iter()
                .filter(fixed)
                .all(|it| self.data.get(&it.attribute).map_or(it.value.0.is_empty(), |has| *has == it.value))
    }
}

/// Whose routes a host carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoutingDaemon {
    /// BIRD, which uses no nexthop objects.
    Bird,
    /// FRR, whose zebra installs nexthop groups.
    Frr,
    /// Any other program that speaks BGP.
    Other,
}

/// What systemd says of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnitState {
    /// Running, mounted, waiting.
    Active,
    /// On its way up or down.
    Changing,
    /// Stopped.
    Inactive,
    /// Stopped by a failure.
    Failed,
}

impl Observed {
    /// Finds a link.
    #[must_use]
    pub fn link(&self, name: &InterfaceName) -> Option<&ObservedLink> {
        self.links.get(name.as_str())
    }

    /// Finds a link of a kind.
    #[must_use]
    pub fn link_of_kind(&self, name: &str, kind: &str) -> Option<&ObservedLink> {
        self.links.get(name).filter(|it| it.kind.as_deref() == Some(kind))
    }

    /// Says whether a route of others leaves over a link, alone or beside others.
    #[must_use]
    pub fn has_foreign_route(&self, name: &str) -> bool {
        self.foreign_routes.contains_key(name) || self.shared_by_foreign.contains(name)
    }

    /// Iterates over the addresses of a link that stay until somebody removes them and that none of these specs gives it.
    pub fn foreign_addresses<'a>(
        &'a self,
        name: &str,
        specs: &'a [&Link],
    ) -> impl Iterator<Item = InterfaceAddress> + 'a {
        let given = |address| specs.iter().flat_map(|it| &it.addresses).any(|it| it.address == address);
        let all = self.links.get(name).into_iter().flat_map(|it| &it.addresses);
        let lasting = all.filter(|it| it.permanent && !it.is_link_local()).map(|it| it.address);
        lasting.filter(move |it| !given(*it))
    }

    /// Says whether a link is there and up.
    #[must_use]
    pub fn is_up(&self, name: &str) -> bool {
        self.links.get(name).is_some_and(|it| it.up)
    }

    /// Says whether FRR is the only routing daemon that was found.
    #[must_use]
    pub fn is_of_frr_alone(&self) -> bool {
        self.daemons.iter().eq([&RoutingDaemon::Frr])
    }

    /// Says whether networkd has loaded a file for a link.
    #[must_use]
    pub fn networkd_has_loaded(&self, name: &InterfaceName) -> bool {
        self.networkd.as_ref().is_some_and(|it| it.loaded.contains_key(name.as_str()))
    }
}
