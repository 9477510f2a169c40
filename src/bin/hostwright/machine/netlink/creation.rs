//! Links made, changed and deleted.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use hostwright::artifact::{Link, LinkForm, MacvtapMode};
use hostwright::value::{InterfaceName, Mtu};
use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::link::{
    InfoData, InfoKind, InfoMacVtap, InfoVlan, LinkAttribute, LinkFlags, LinkInfo, LinkMessage,
};
use nix::errno::Errno;

use super::connection::{Connection, Refused, Unless};
use super::links::{self, named};
use crate::failure::{During, Failure};

/// Makes a link, sets its sysctls and then sets it up; one of the same form is taken over.
///
/// # Errors
/// The kernel refuses, the parent is absent, or a link of another form has the name. What was made is deleted.
pub(super) fn create(connection: &Connection, link: &Link) -> Result<(), Failure> {
    let what = || format!("create link {}", link.name);
    let message = new_link(connection, link)?;
    match connection.request(&message, NLM_F_CREATE | NLM_F_EXCL) {
        Err(refused) if refused.is(Errno::EEXIST) => {
            check_form(connection, link)?;
            finish(connection, link)
        }
        made => {
            made.during(what)?;
            finish(connection, link).inspect_err(|_| {
                // The first failure tells more than one to clean up.
                let _ = delete(connection, &link.name);
            })
        }
    }
}

/// Deletes a link; an absent one is a success.
///
/// # Errors
/// The kernel's.
pub(super) fn delete(connection: &Connection, name: &InterfaceName) -> Result<(), Failure> {
    existing(connection, name)
        .map(RouteNetlinkMessage::DelLink)
        .and_then(|message| connection.request(&message, 0))
        .unless(Errno::ENODEV, ())
        .during(|| format!("delete link {name}"))
}

/// Sets the MTU of a link.
///
/// # Errors
/// The kernel's.
pub(super) fn set_mtu(connection: &Connection, name: &InterfaceName, mtu: Mtu) -> Result<(), Failure> {
    set(connection, name, vec![LinkAttribute::Mtu(mtu.bytes())])
        .during(|| format!("set the MTU of {name} to {mtu}"))
}

/// Sets a link up.
///
/// # Errors
/// The kernel's.
pub(super) fn set_up(connection: &Connection, name: &InterfaceName) -> Result<(), Failure> {
    let up = |mut message: LinkMessage| {
        message.header.flags = LinkFlags::Up;
        message.header.change_mask = LinkFlags::Up;
        connection.request(&RouteNetlinkMessage::SetLink(message), 0)
    };
    existing(connection, name).and_then(up).during(|| format!("set {name} up"))
}

fn set(connection: &Connection, name: &InterfaceName, attributes: Vec<LinkAttribute>) -> Result<(), Refused> {
    let mut message = existing(connection, name)?;
    message.attributes = attributes;
    connection.request(&RouteNetlinkMessage::SetLink(message), 0)
}

/// Begins a message on a link by its index: the kernel takes alternative names for names.
fn existing(connection: &Connection, name: &InterfaceName) -> Result<LinkMessage, Refused> {
    let link = links::record(connection, name)?;
    let link = link.ok_or_else(|| Refused::new(Errno::ENODEV, "there is no such link"))?;
    let mut message = LinkMessage::default();
    message.header.index = link.index;
    Ok(message)
}

fn new_link(connection: &Connection, link: &Link) -> Result<RouteNetlinkMessage, Failure> {
    let what = || format!("create link {}", link.name);
    let (Some(info), Some(parent)) = (info(&link.form), link.form.parent()) else {
        return Err(Failure::new(what(), "nobody can make a network card"));
    };
    let Some(parent) = links::record(connection, parent).during(what)? else {
        return Err(Failure::new(what(), format!("there is no link {parent}")));
    };
    let mut message: LinkMessage = named(&link.name);
    message.attributes.push(LinkAttribute::Link(parent.index));
    message.attributes.push(LinkAttribute::Mtu(link.mtu.bytes()));
    message.attributes.extend(mac(link));
    message.attributes.push(LinkAttribute::LinkInfo(info));
    Ok(RouteNetlinkMessage::NewLink(message))
}

fn mac(link: &Link) -> Option<LinkAttribute> {
    let mac = link.mac?;
    Some(LinkAttribute::Address(mac.bytes().to_vec()))
}

fn info(form: &LinkForm) -> Option<Vec<LinkInfo>> {
    let (kind, data) = match form {
        LinkForm::Physical => return None,
        LinkForm::Vlan { id, .. } => {
            let data = InfoData::Vlan(vec![InfoVlan::Id(id.number())]);
            (InfoKind::Vlan, data)
        }
        LinkForm::Macvtap { mode, .. } => {
            let data = InfoData::MacVtap(vec![InfoMacVtap::Mode(macvtap_mode(*mode))]);
            (InfoKind::MacVtap, data)
        }
    };
    Some(vec![LinkInfo::Kind(kind), LinkInfo::Data(data)])
}

fn macvtap_mode(mode: MacvtapMode) -> netlink_packet_route::link::MacVtapMode {
    use netlink_packet_route::link::MacVtapMode as Kernel;
    match mode {
        MacvtapMode::Bridge => Kernel::Bridge,
        MacvtapMode::Private => Kernel::Private,
        MacvtapMode::Vepa => Kernel::Vepa,
        MacvtapMode::Passthru => Kernel::Passthrough,
    }
}

fn check_form(connection: &Connection, link: &Link) -> Result<(), Failure> {
    let what = || format!("create link {}", link.name);
    let links = links::observe(connection, &BTreeMap::new()).during(what)?;
    let found = links.get(link.name.as_str());
    if found.and_then(|it| it.form.as_ref()) == Some(&link.form) {
        return Ok(());
    }
    Err(Failure::new(what(), "a link of another form has the name"))
}

fn finish(connection: &Connection, link: &Link) -> Result<(), Failure> {
    // The kernel ignores an alias in the message that makes a link.
    let alias = link.alias.clone().map(LinkAttribute::IfAlias);
    let mtu = LinkAttribute::Mtu(link.mtu.bytes());
    let attributes = [Some(mtu), mac(link), alias];
    set(connection, &link.name, attributes.into_iter().flatten().collect())
        .during(|| format!("set MTU, MAC address and alias of {}", link.name))?;
    for (path, value) in &link.sysctls {
        fs::write(Path::new("/proc/sys/net").join(path), value)
            .during(|| format!("set the sysctl {path} to {value}"))?;
    }
    set_up(connection, &link.name)
}
