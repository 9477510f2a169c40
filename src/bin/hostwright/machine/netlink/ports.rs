//! Ports of masters: taken up and freed.

use hostwright::artifact::{Bytes, Port};
use hostwright::value::InterfaceName;
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::link::{InfoData, InfoKind, LinkAttribute, LinkFlags, LinkInfo, LinkMessage};
use nix::errno::Errno;

use super::connection::{Connection, Refused};
use super::links::{self, Record};
use super::vlans::{self, Side};
use crate::failure::{During, Failure};

/// Index of no link.
pub(super) const NO_LINK: u32 = 0;

/// Makes a link a port of a master: for a bond it goes down, which takes no other, and up again.
///
/// # Errors
/// One of them is absent, or the kernel refuses.
pub(super) fn add(connection: &Connection, master: &InterfaceName, port: &Port) -> Result<(), Failure> {
    let what = || format!("make {} a port of {master}", port.link);
    let above = existing(connection, master).during(what)?;
    let link = existing(connection, &port.link).during(what)?;
    if link.master != Some(above.index) {
        // What is down loses its routes, its addresses of IPv6 and the carriers on it.
        if above.kind.as_deref() == Some("bond") {
            set_flags(connection, &link, LinkFlags::empty()).during(what)?;
        }
        let take = || set(connection, &link, vec![LinkAttribute::Controller(above.index)]);
        keeping_the_masters_mac(connection, &link, take).during(what)?;
    }
    if let Some(vlans) = &port.vlans {
        vlans::set(connection, link.index, Side::Port, vlans).during(what)?;
    }
    set_flags(connection, &link, LinkFlags::Up).during(what)?;
    let Some(attribute) = port.elected else { return Ok(()) };
    set_elected(connection, &above, attribute, link.index).during(what)
}

/// Has a master prefer a port, or none.
///
/// # Errors
/// One of them is absent, or the kernel refuses.
pub(super) fn elect(
    connection: &Connection,
    master: &InterfaceName,
    attribute: u16,
    port: Option<&InterfaceName>,
) -> Result<(), Failure> {
    let what = || format!("have {master} prefer {}", port.map_or("no port", |it| it.as_str()));
    let above = existing(connection, master).during(what)?;
    let index = match port {
        Some(port) => existing(connection, port).during(what)?.index,
        None => NO_LINK,
    };
    set_elected(connection, &above, attribute, index).during(what)
}

fn set_elected(connection: &Connection, master: &Record, attribute: u16, index: u32) -> Result<(), Refused> {
    let data = Bytes::from(vec![(attribute, index.into())]);
    set_data(connection, master, master.kind.as_deref().unwrap_or_default(), data)
}

/// Frees a link of its master; a free or absent one is a success.
///
/// # Errors
/// The kernel's.
pub(super) fn remove(connection: &Connection, port: &InterfaceName) -> Result<(), Failure> {
    let what = || format!("free {port} of its master");
    let Some(link) = links::record(connection, port).during(what)? else {
        return Ok(());
    };
    if link.master.is_none() {
        return Ok(());
    }
    let free = || set(connection, &link, vec![LinkAttribute::Controller(NO_LINK)]);
    keeping_the_masters_mac(connection, &link, free).during(what)
}

/// Does what takes a link from its master, and gives that its MAC address again: a bond takes a random one when its last
/// port goes.
///
/// # Errors
/// The kernel's.
pub(super) fn keeping_the_masters_mac(
    connection: &Connection,
    port: &Record,
    change: impl FnOnce() -> Result<(), Refused>,
) -> Result<(), Refused> {
    let master = || port.master.map_or(Ok(None), |index| links::indexed(connection, index));
    let before = master()?.and_then(|it| it.mac);
    change()?;
    let (Some(mac), Some(after)) = (before, master()?) else { return Ok(()) };
    if after.mac == Some(mac) {
        return Ok(());
    }
    set(connection, &after, vec![LinkAttribute::Address(mac.bytes().to_vec())])
}

/// Sends attributes of `IFLA_INFO_DATA` to a link that is there.
///
/// # Errors
/// The kernel's.
pub(super) fn set_data(
    connection: &Connection,
    link: &Record,
    kind: &str,
    data: Bytes,
) -> Result<(), Refused> {
    let info =
        vec![LinkInfo::Kind(InfoKind::Other(kind.to_owned())), LinkInfo::Data(InfoData::Other(data.0))];
    // A change of a device goes as a creation that must not create: the kernel ignores it in `RTM_SETLINK`.
    let mut message = LinkMessage::default();
    message.header.index = link.index;
    message.attributes.push(LinkAttribute::LinkInfo(info));
    connection.request(&RouteNetlinkMessage::NewLink(message), 0)
}

/// Finds a link that must be there.
///
/// # Errors
/// It is absent.
pub(super) fn existing(connection: &Connection, name: &InterfaceName) -> Result<Record, Refused> {
    let absent = || Refused::new(Errno::ENODEV, &format!("there is no link {name}"));
    links::record(connection, name)?.ok_or_else(absent)
}

/// Sends attributes to a link that is there.
///
/// # Errors
/// The kernel's.
pub(super) fn set(
    connection: &Connection,
    link: &Record,
    attributes: Vec<LinkAttribute>,
) -> Result<(), Refused> {
    let mut message = LinkMessage::default();
    message.header.index = link.index;
    message.attributes = attributes;
    connection.request(&RouteNetlinkMessage::SetLink(message), 0)
}

fn set_flags(connection: &Connection, link: &Record, flags: LinkFlags) -> Result<(), Refused> {
    let mut message = LinkMessage::default();
    message.header.index = link.index;
    message.header.flags = flags;
    message.header.change_mask = LinkFlags::Up;
    connection.request(&RouteNetlinkMessage::SetLink(message), 0)
}
