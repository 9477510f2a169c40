//! Steps: one action each, with what it disturbs and how it is taken back.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::effect::Effect;
use crate::artifact::{
    Address, Content, DefaultBridge, Domain, File, Link, Neighbor, Network, Origin, Place, Port, PortVlan,
    Route, Rule, Setting, VirtualFunction,
};
use crate::observed::BridgeState;
use crate::takeover::TakeOver;
use crate::value::{InterfaceAddress, InterfaceName, ItemName, Mtu, UnitName};

/// One thing done to the machine. Each is idempotent: done again it changes nothing and succeeds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Makes the new spec the one that generator and boot service read: `running.toml`.
    SetRunning,
    /// Makes them read the applied spec again.
    ClearRunning,
    /// Writes a file whole, by a temporary file and a rename; untouched when its content is there.
    WriteFile(File),
    /// Removes a file.
    RemoveFile(Place),
    /// Writes the list of files of others that lie aside from the next boot on.
    TakeOver(TakeOver),
    /// Has systemd run the generators and load units again.
    DaemonReload,
    /// Starts a unit and waits for its job.
    StartUnit(UnitName),
    /// Stops a unit and waits for its job.
    StopUnit(UnitName),
    /// Has networkd read its files again.
    NetworkdReload,
    /// Makes a link with MAC address, MTU, alias and sysctls, and sets it up; neither addresses nor routes.
    CreateLink(Link),
    /// Deletes a link.
    DeleteLink(InterfaceName),
    /// Sets the MTU of a link.
    SetMtu(InterfaceName, Mtu),
    /// Gives a link that is there the MTU that it had before the kernel shrank it with its parent. Never planned, only an inverse.
    RestoreMtu(String, Mtu),
    /// Sets a link up.
    SetUp(InterfaceName),
    /// Sets a link down. Never planned, only an inverse.
    SetDown(InterfaceName),
    /// Gives a made link settings that it can take up; its kind stands before them.
    SetDevice(InterfaceName, String, Vec<Setting>),
    /// Gives a bridge's host its part in VLANs, and in no others.
    SetVlans(InterfaceName, Vec<PortVlan>),
    /// Makes a link a port of a master, which is named first, with its VLANs; the link goes down and up.
    AddPort(InterfaceName, Port),
    /// Frees a link of its master.
    RemovePort(InterfaceName),
    /// Has a master prefer a port, or none: the attribute of its `IFLA_INFO_DATA` takes the port's index.
    Elect(InterfaceName, u16, Option<InterfaceName>),
    /// Tells a network card settings of one of its virtual functions, and no others.
    SetFunction(InterfaceName, VirtualFunction),
    /// Gives a link that was there before its mark of ownership.
    SetAlias(InterfaceName, String),
    /// Sets a sysctl of a link, by its path below `/proc/sys/net`.
    SetSysctl(String, String),
    /// Asks whether a station has one of these addresses already; one that has makes the step fail. RFC 5227.
    ProbeAddresses(Vec<(InterfaceName, InterfaceAddress)>),
    /// Adds an address and waits until it can be used.
    AddAddress(InterfaceName, Address),
    /// Removes an address.
    RemoveAddress(InterfaceName, Address),
    /// Adds a route with protocol `static`.
    AddRoute(InterfaceName, Route),
    /// Removes a route with protocol `static`.
    RemoveRoute(InterfaceName, Route),
    /// Puts the second route in the place of the first, which has its destination, table and metric.
    ReplaceRoute(InterfaceName, Route, Route),
    /// Adds a rule of policy routing with protocol `static`.
    AddRule(Rule),
    /// Removes a rule of policy routing with protocol `static`.
    RemoveRule(Rule),
    /// Adds a permanent neighbor.
    AddNeighbor(InterfaceName, Neighbor),
    /// Removes a permanent neighbor.
    RemoveNeighbor(InterfaceName, Neighbor),
    /// Waits until the kernel shows a link with all its addresses, usable, and its routes.
    AwaitLink(Link),
    /// Defines a libvirt network, marks it for autostart and reads it back.
    DefineNetwork(Network),
    /// Gives a libvirt network that was there before our mark, and changes nothing else.
    MarkNetwork(Network),
    /// Starts a libvirt network.
    StartNetwork(ItemName),
    /// Stops a libvirt network that no guest uses.
    StopNetwork(ItemName),
    /// Removes the definition of a libvirt network.
    UndefineNetwork(ItemName),
    /// Defines a libvirt domain with validation and reads it back.
    DefineDomain(Domain),
    /// Gives a libvirt domain that was there before our mark, and changes nothing else.
    MarkDomain(Domain),
    /// Removes the definition of a stopped domain; firmware variables and saved state stay.
    UndefineDomain(ItemName),
    /// Ends a guest that this very apply started. Never planned, only an inverse.
    DestroyDomain(ItemName),
    /// Stores how a default bridge stands, for the day when the spec leaves it again.
    KeepBridge(DefaultBridge, BridgeState),
    /// Drops what was stored of a default bridge.
    ForgetBridge(DefaultBridge),
    /// Stops a default bridge that nobody uses and keeps it from coming back.
    RemoveBridge(DefaultBridge),
    /// Brings a default bridge to a state that it had.
    RestoreBridge(DefaultBridge, BridgeState),
}

impl Action {
    /// Says whether it touches links or what networkd knows.
    #[must_use]
    pub const fn is_of_network(&self) -> bool {
        matches!(
            self,
            Self::NetworkdReload
                | Self::CreateLink(_)
                | Self::DeleteLink(_)
                | Self::SetMtu(..)
                | Self::RestoreMtu(..)
                | Self::SetUp(_)
                | Self::SetDown(_)
                | Self::SetDevice(..)
                | Self::SetVlans(..)
                | Self::AddPort(..)
                | Self::RemovePort(_)
                | Self::Elect(..)
                | Self::SetFunction(..)
                | Self::SetSysctl(..)
                | Self::AddAddress(..)
                | Self::RemoveAddress(..)
                | Self::AddRoute(..)
                | Self::RemoveRoute(..)
                | Self::ReplaceRoute(..)
                | Self::AddRule(_)
                | Self::RemoveRule(_)
                | Self::AddNeighbor(..)
                | Self::RemoveNeighbor(..)
                | Self::RemoveBridge(_)
                | Self::RestoreBridge(..)
        )
    }

    /// Says whether it touches definitions and guests of libvirt.
    #[must_use]
    pub const fn is_of_libvirt(&self) -> bool {
        matches!(
            self,
            Self::DefineNetwork(_)
                | Self::MarkNetwork(_)
                | Self::MarkDomain(_)
                | Self::StartNetwork(_)
                | Self::StopNetwork(_)
                | Self::UndefineNetwork(_)
                | Self::DefineDomain(_)
                | Self::UndefineDomain(_)
                | Self::DestroyDomain(_)
        )
    }

    /// Says whether it touches a bridge that a package makes.
    #[must_use]
    pub const fn is_of_bridge(&self) -> bool {
        matches!(
            self,
            Self::KeepBridge(..) | Self::ForgetBridge(_) | Self::RemoveBridge(_) | Self::RestoreBridge(..)
        )
    }

    /// Says whether what it did is still there behind a reset: links, files and units are those of the boot.
    #[must_use]
    pub const fn survives_reset(&self) -> bool {
        self.is_of_libvirt() || self.is_of_bridge() || matches!(self, Self::TakeOver(_))
    }
}

/// Addresses named in a step at most.
const SHOWN: usize = 5;

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SetRunning => write!(f, "make the new spec the running one"),
            Self::ClearRunning => write!(f, "return to the applied spec"),
            Self::WriteFile(File { place, content: Content::Text(_) }) => write!(f, "write {place}"),
            Self::WriteFile(File { place, .. }) => write!(f, "link {place}"),
            Self::RemoveFile(place) => write!(f, "remove {place}"),
            Self::TakeOver(list) => {
                write!(f, "list {} files that lie aside from the next boot on", list.files.len())
            }
            Self::DaemonReload => write!(f, "load units"),
            Self::StartUnit(name) => write!(f, "start {name}"),
            Self::StopUnit(name) => write!(f, "stop {name}"),
            Self::NetworkdReload => write!(f, "reload networkd"),
            Self::CreateLink(link) => write!(f, "create link {}", link.name),
            Self::DeleteLink(name) => write!(f, "delete link {name}"),
            Self::SetMtu(name, mtu) => write!(f, "set the MTU of {name} to {mtu}"),
            Self::RestoreMtu(name, mtu) => write!(f, "set the MTU of {name} back to {mtu}"),
            Self::SetUp(name) => write!(f, "set {name} up"),
            Self::SetDown(name) => write!(f, "set {name} down"),
            Self::SetDevice(name, _, settings) => {
                let keys: Vec<_> = settings.iter().map(|it| it.key.as_str()).collect();
                write!(f, "set {} of {name}", keys.join(", "))
            }
            Self::SetVlans(name, _) => write!(f, "set the VLANs of {name}"),
            Self::AddPort(master, port) => write!(f, "make {} a port of {master}", port.link),
            Self::RemovePort(port) => write!(f, "free {port} of its master"),
            Self::Elect(master, _, Some(port)) => write!(f, "have {master} prefer {port}"),
            Self::Elect(master, _, None) => write!(f, "have {master} prefer no port"),
            Self::SetFunction(name, it) => write!(f, "set virtual function {} of {name}", it.number),
            Self::SetAlias(name, _) => write!(f, "mark link {name}"),
            Self::SetSysctl(path, value) => write!(f, "set the sysctl {path} to {value}"),
            Self::ProbeAddresses(list) => {
                let shown = list.iter().take(SHOWN);
                let words: Vec<_> = shown.map(|(name, it)| format!("{} on {name}", it.ip())).collect();
                write!(f, "ask whether anybody has {}", words.join(", "))?;
                match list.len().saturating_sub(SHOWN) {
                    0 => Ok(()),
                    more => write!(f, " and {more} more"),
                }
            }
            Self::AddAddress(name, address) => write!(f, "add {} to {name}", address.address),
            Self::RemoveAddress(name, address) => {
                write!(f, "remove {} from {name}", address.address)
            }
            Self::AddRoute(name, route) => write!(f, "add the route {} over {name}", route.to),
            Self::RemoveRoute(name, route) => {
                write!(f, "remove the route {} over {name}", route.to)
            }
            Self::ReplaceRoute(name, _, route) => write!(f, "replace the route {} over {name}", route.to),
            Self::AddRule(rule) => write!(f, "add the rule {rule}"),
            Self::RemoveRule(rule) => write!(f, "remove the rule {rule}"),
            Self::AddNeighbor(name, it) => write!(f, "add neighbor {} to {name}", it.address),
            Self::RemoveNeighbor(name, it) => write!(f, "remove neighbor {} from {name}", it.address),
            Self::AwaitLink(link) => write!(f, "wait for {}", link.name),
            Self::DefineNetwork(network) => write!(f, "define network {}", network.name),
            Self::MarkNetwork(network) => write!(f, "mark network {}", network.name),
            Self::MarkDomain(domain) => write!(f, "mark domain {}", domain.name),
            Self::StartNetwork(name) => write!(f, "start network {name}"),
            Self::StopNetwork(name) => write!(f, "stop network {name}"),
            Self::UndefineNetwork(name) => write!(f, "undefine network {name}"),
            Self::DefineDomain(domain) => write!(f, "define domain {}", domain.name),
            Self::UndefineDomain(name) => write!(f, "undefine domain {name}"),
            Self::DestroyDomain(name) => write!(f, "end domain {name}"),
            Self::KeepBridge(bridge, _) => write!(f, "store how default bridge {bridge} stands"),
            Self::ForgetBridge(bridge) => write!(f, "forget how default bridge {bridge} stood"),
            Self::RemoveBridge(bridge) => write!(f, "take away default bridge {bridge}"),
            Self::RestoreBridge(bridge, _) => write!(f, "put back default bridge {bridge}"),
        }
    }
}

/// An action in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Table of the spec that it is for.
    pub origin: Origin,
    /// What is done.
    pub action: Action,
    /// What takes it back, in this order; each is harmless when the action was never done.
    pub undo: Vec<Action>,
    /// What it disturbs.
    pub effects: Vec<Effect>,
}
