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

/// Makes a link a port of a master: it goes down, because a bond takes no other, and up again.
///
/// # Errors
/// One of them is absent, or the kernel refuses.
pub(super) fn add(connection: &Connection, master: &InterfaceName, port: &Port) -> Result<(), Failure> {
    let what = || format!("make {} a port of {master}", port.link);
    let above = existing(connection, master).during(what)?;
    let link = existing(connection, &port.link).during(what)?;
    if link.master != Some(above.index) {
        set_flags(connection, &link, LinkFlags::empty()).during(what)?;
        let controller = vec![LinkAttribute::Controller(above.index)];
        set(connection, &link, controller).during(what)?;
    }
    if let Some(vlans) = &port.vlans {
        vlans::set(connection, link.index, Side::Port, vlans).during(what)?;
    }
    set_flags(connection, &link, LinkFlags::Up).during(what)?;
    let Some(attribute) = port.elected else { return Ok(()) };
    let data = Bytes::from(vec![(attribute, link.index.into())]);
    set_data(connection, &above, above.kind.as_deref().unwrap_or_default(), data).during(what)
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
    set(connection, &link, vec![LinkAttribute::Controller(0)]).during(what)
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

fn set(connection: &Connection, link: &Record, attributes: Vec<LinkAttribute>) -> Result<(), Refused> {
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
