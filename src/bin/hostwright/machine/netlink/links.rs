//! Links and their addresses as the kernel reports them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use hostwright::artifact::{Bytes, Neighbor, PortVlan};
use hostwright::observed::{Functions, ObservedAddress, ObservedLink};
use hostwright::value::{InterfaceName, Mac};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::link::{LinkAttribute, LinkExtentMask, LinkMessage};
use nix::errno::Errno;
use nix::libc;

use super::attributes::{Attributes, Names, signed, unsigned};
use super::connection::{Connection, Refused, Unless};
use super::{addresses, functions, neighbors, vlans};

/// `IFLA_MASTER`.
const MASTER: u16 = 10;
/// `IFLA_PERM_ADDRESS`.
const PERMANENT_ADDRESS: u16 = 54;
/// `IFLA_INFO_SLAVE_DATA`.
const PORT_DATA: u16 = 5;
/// `IFLA_BOND_SLAVE_PERM_HWADDR`.
const BOND_PORT_ADDRESS: u16 = 4;
/// `AF_INET`, as an attribute.
const IPV4: u16 = 2;
/// `IFLA_INET_CONF`.
const IPV4_SETTINGS: u16 = 1;
/// Sysctls of IPv4 that the kernel's answer has, with their numbers there. `IPV4_DEVCONF_*`, linux/ip.h.
const SYSCTLS: &[(&str, usize)] = &[("arp_announce", 18), ("arp_ignore", 19)];
/// `IFLA_VXLAN_LINK`.
const VXLAN_LINK: u16 = 3;
/// Kinds whose `IFLA_LINK` is the other end, not a link below.
const PAIRS: &[&str] = &["veth", "vxcan", "netkit"];
/// Kinds that are built on a link and go with it.
const BUILT: &[&str] = &["vlan", "macvlan", "macvtap", "ipvlan", "ipvtap", "macsec"];

/// A link without what must be looked up elsewhere.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) index: u32,
    pub(super) name: String,
    up: bool,
    pub(super) carrier: bool,
    pub(super) mtu: u32,
    pub(super) mac: Option<Mac>,
    permanent_mac: Option<Mac>,
    alias: Option<String>,
    below: Option<u32>,
    /// Index of the link that it is built on or paired with, and number of the namespace where that is.
    pub(super) half_elsewhere: Option<(u32, i32)>,
    pub(super) master: Option<u32>,
    pub(super) kind: Option<String>,
    data: BTreeMap<u16, Bytes>,
    /// Numbers of 32 bits, those of [`SYSCTLS`] among them.
    ipv4_settings: Vec<u8>,
}

/// What other messages tell of a link.
#[derive(Debug, Default)]
pub(super) struct More {
    addresses: Vec<ObservedAddress>,
    neighbors: Vec<Neighbor>,
    vlans: Vec<PortVlan>,
}

/// Reads all links, without their counters, which are most of what the kernel would tell.
///
/// # Errors
/// The kernel's.
pub(super) fn records(connection: &Connection) -> Result<Vec<Record>, Refused> {
    let mut all = LinkMessage::default();
    all.attributes.push(LinkAttribute::ExtMask(vec![LinkExtentMask::SkipStats]));
    connection.dump(&RouteNetlinkMessage::GetLink(all), decode)
}

/// Finds a link.
///
/// # Errors
/// The kernel's; an absent link is none.
pub(super) fn record(connection: &Connection, name: &InterfaceName) -> Result<Option<Record>, Refused> {
    called(connection, name.as_str())
}

/// Finds a link that may have a name which no spec gives.
///
/// # Errors
/// As for [`record`].
pub(super) fn called(connection: &Connection, name: &str) -> Result<Option<Record>, Refused> {
    let message = RouteNetlinkMessage::GetLink(named_text(name));
    let found = connection.query(&message, decode).unless(Errno::ENODEV, None)?;
    // The kernel finds links by their alternative names too.
    Ok(found.filter(|it| it.name == name))
}

/// Finds a link by its index.
///
/// # Errors
/// The kernel's; an absent link is none.
pub(super) fn indexed(connection: &Connection, index: u32) -> Result<Option<Record>, Refused> {
    let mut message = LinkMessage::default();
    message.header.index = index;
    connection.query(&RouteNetlinkMessage::GetLink(message), decode).unless(Errno::ENODEV, None)
}

/// Begins a message with the name of a link.
pub(super) fn named(name: &InterfaceName) -> LinkMessage {
    named_text(name.as_str())
}

/// Begins a message with the name that a link has.
pub(super) fn named_text(name: &str) -> LinkMessage {
    let mut message = LinkMessage::default();
    message.attributes.push(LinkAttribute::IfName(name.to_owned()));
    message
}

/// Returns the names of all links.
///
/// # Errors
/// The kernel's.
pub(super) fn names(connection: &Connection) -> Result<Names, Refused> {
    let records = records(connection)?;
    Ok(records.into_iter().map(|it| (it.index, it.name)).collect())
}

/// Reads all links with their addresses and the sysctls listed for them.
///
/// # Errors
/// The kernel's.
pub(super) fn observe(
    connection: &Connection,
    sysctls: &BTreeMap<String, Vec<String>>,
) -> Result<BTreeMap<String, ObservedLink>, Refused> {
    let records = records(connection)?;
    let mut more: BTreeMap<u32, More> = BTreeMap::new();
    for (index, address) in addresses::all(connection)? {
        more.entry(index).or_default().addresses.push(address);
    }
    for (index, neighbor) in neighbors::all(connection)? {
        more.entry(index).or_default().neighbors.push(neighbor);
    }
    if records.iter().any(|it| it.kind.as_deref() == Some("bridge")) {
        for (index, vlans) in vlans::all(connection)? {
            more.entry(index).or_default().vlans = vlans;
        }
    }
    let pairs = records.iter().map(|it| (it.index, it.name.clone()));
    let names: Names = pairs.collect();
    let links = records.into_iter().map(|it| {
        let name = it.name.clone();
        let asked = sysctls.get(&it.name).map_or(&[][..], Vec::as_slice);
        let more = more.remove(&it.index).unwrap_or_default();
        let mut link = it.complete(&names, more, asked);
        if link.functions.is_some_and(|it| it.present > 0) {
            link.virtual_functions = functions::of(connection, &name);
        }
        (name, link)
    });
    Ok(links.collect())
}

impl Record {
    /// Adds what other messages and files tell.
    pub(super) fn complete(self, names: &Names, more: More, sysctls: &[String]) -> ObservedLink {
        let value = |it: &String| Some((it.clone(), self.sysctl(it).or_else(|| sysctl_value(it))?));
        let sysctls = sysctls.iter().filter_map(value).collect();
        let parent = self.below.and_then(|index| names.get(&index)).cloned();
        let is_hardware = self.kind.is_none();
        ObservedLink {
            index: self.index,
            master: self.master.and_then(|index| names.get(&index)).cloned(),
            kind: self.kind,
            data: self.data,
            vlans: more.vlans,
            neighbors: more.neighbors,
            parent,
            mtu: self.mtu,
            mac: self.mac,
            permanent_mac: self.permanent_mac,
            alias: self.alias,
            up: self.up,
            carrier: self.carrier,
            addresses: more.addresses,
            sysctls,
            path: if is_hardware { hardware_path(self.index) } else { None },
            functions: if is_hardware { count_functions(&self.name) } else { None },
            virtual_functions: Vec::new(),
        }
    }

    /// Returns a sysctl, by its path below `/proc/sys/net`; absent: the kernel did not tell it with the link.
    fn sysctl(&self, path: &str) -> Option<String> {
        let (_, key) = path.strip_prefix("ipv4/conf/")?.split_once('/')?;
        let (_, number) = SYSCTLS.iter().find(|it| it.0 == key)?;
        let value = self.ipv4_settings.chunks_exact(4).nth(number - 1)?;
        signed(value).map(|it| it.to_string())
    }
}

/// Reads one link.
pub(super) fn decode(bytes: &[u8]) -> Option<Record> {
    let (header, rest) = bytes.split_first_chunk::<16>()?;
    let attributes = Attributes::read(rest);
    let info = attributes.nested(libc::IFLA_LINKINFO);
    let flags = unsigned(&header[8..])?;
    let index = unsigned(&header[4..])?;
    let kind = info.text(libc::IFLA_INFO_KIND);
    let word = kind.as_deref().unwrap_or_default();
    let half = half(index, word, &attributes, &info);
    let namespace = attributes.get(libc::IFLA_LINK_NETNSID);
    Some(Record {
        index,
        name: attributes.text(libc::IFLA_IFNAME)?,
        up: flags & libc::IFF_UP.cast_unsigned() != 0,
        carrier: flags & libc::IFF_RUNNING.cast_unsigned() != 0,
        mtu: attributes.number(libc::IFLA_MTU)?,
        mac: attributes.get(libc::IFLA_ADDRESS).and_then(mac),
        permanent_mac: permanent_mac(&attributes, &info),
        alias: attributes.text(libc::IFLA_IFALIAS),
        below: half.filter(|_| namespace.is_none() && !PAIRS.contains(&word)),
        half_elsewhere: half.zip(namespace.and_then(signed)),
        master: attributes.number(MASTER),
        kind,
        data: info.nested(libc::IFLA_INFO_DATA).owned(),
        ipv4_settings: attributes
            .nested(libc::IFLA_AF_SPEC)
            .nested(IPV4)
            .get(IPV4_SETTINGS)
            .unwrap_or_default()
            .to_vec(),
    })
}

fn mac(bytes: &[u8]) -> Option<Mac> {
    Mac::new(bytes.try_into().ok()?)
}

/// Returns the address of the hardware; a bond keeps that of a port that has lost it, and virtual ones have none.
fn permanent_mac(attributes: &Attributes<'_>, info: &Attributes<'_>) -> Option<Mac> {
    let of_bond = || info.nested(PORT_DATA).get(BOND_PORT_ADDRESS);
    attributes.get(PERMANENT_ADDRESS).or_else(of_bond).and_then(mac)
}

/// Returns the index of the link that one is built on or paired with. One that is neither, as of kind `wireguard`, has its own
/// index there when it is not in the namespace where it was made; a VXLAN has what it is built on in its settings alone.
fn half(own: u32, kind: &str, attributes: &Attributes<'_>, info: &Attributes<'_>) -> Option<u32> {
    if kind == "vxlan" {
        return info.nested(libc::IFLA_INFO_DATA).number(VXLAN_LINK);
    }
    let has_half = BUILT.contains(&kind) || PAIRS.contains(&kind);
    attributes.number(libc::IFLA_LINK).filter(|it| *it != own || has_half)
}

/// Reads sysctls by their paths below `/proc/sys/net`; those that are not there are left out.
pub(crate) fn sysctl_values<'a>(
    paths: impl IntoIterator<Item = &'a String>,
) -> impl Iterator<Item = (String, String)> {
    paths.into_iter().filter_map(|it| Some((it.clone(), sysctl_value(it)?)))
}

fn sysctl_value(path: &str) -> Option<String> {
    let text = fs::read_to_string(Path::new("/proc/sys/net").join(path)).ok()?;
    Some(text.trim_end().to_owned())
}

/// Reads how many virtual functions there are and can be, where the driver knows of any.
fn count_functions(name: &str) -> Option<Functions> {
    let number = |file: &str| {
        let path = Path::new("/sys/class/net").join(name).join("device").join(file);
        fs::read_to_string(path).ok()?.trim().parse().ok()
    };
    Some(Functions { present: number("sriov_numvfs")?, most: number("sriov_totalvfs")? })
}

fn hardware_path(index: u32) -> Option<String> {
    let properties = fs::read_to_string(format!("/run/udev/data/n{index}")).ok()?;
    let mut values = properties.lines().filter_map(|it| it.strip_prefix("E:ID_PATH="));
    values.next().map(str::to_owned)
}
