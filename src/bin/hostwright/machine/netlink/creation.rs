//! Links made, changed and deleted.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use hostwright::artifact::{Bytes, Link, PortVlan, Setting};
use hostwright::value::{InterfaceName, Mtu};
use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::link::{InfoData, InfoKind, LinkAttribute, LinkFlags, LinkInfo, LinkMessage};
use nix::errno::Errno;

use super::connection::{Connection, Refused, Unless};
use super::links::{self, named};
use super::{ports, vlans};
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
    let delete = |link: links::Record| {
        let mut message = LinkMessage::default();
        message.header.index = link.index;
        let message = RouteNetlinkMessage::DelLink(message);
        ports::keeping_the_masters_mac(connection, &link, || connection.request(&message, 0))
    };
    let link = links::record(connection, name);
    link.and_then(|it| it.map_or(Ok(()), delete))
        .unless(Errno::ENODEV, ())
        .during(|| format!("delete link {name}"))
}

/// Lists the links that would go with one, as far as they are in its own network namespace.
///
/// # Errors
/// The kernel's.
pub(super) fn going_along(connection: &Connection, name: &InterfaceName) -> Result<Vec<String>, Refused> {
    let link = links::record(connection, name)?;
    Ok(link.map_or_else(Vec::new, |it| built_on(Path::new("/sys"), name, it.master)))
}

/// Lists the links that are built on one, in its own network namespace; its master is none of them.
fn built_on(sys: &Path, name: &InterfaceName, master: Option<u32>) -> Vec<String> {
    let links = sys.join("class/net");
    let entries = fs::read_dir(links.join(name.as_str())).into_iter().flatten().flatten();
    let upper = |it: fs::DirEntry| Some(it.file_name().to_str()?.strip_prefix("upper_")?.to_owned());
    let index = |it: &str| fs::read_to_string(links.join(it).join("ifindex")).ok()?.trim().parse().ok();
    let mut found: Vec<_> =
        entries.filter_map(upper).filter(|it| master.is_none() || index(it) != master).collect();
    found.sort();
    found
}

/// Sets the MTU of a link.
///
/// # Errors
/// The kernel's.
pub(super) fn set_mtu(connection: &Connection, name: &InterfaceName, mtu: Mtu) -> Result<(), Failure> {
    set(connection, name, vec![LinkAttribute::Mtu(mtu.bytes())])
        .during(|| format!("set the MTU of {name} to {mtu}"))
}

/// Sets the MTU of a link; of one that is absent, or narrowed by a parent that it has for the moment, what follows says what it
/// is to be.
///
/// # Errors
/// The kernel's.
pub(super) fn restore_mtu(connection: &Connection, name: &str, mtu: Mtu) -> Result<(), Failure> {
    let what = || format!("set the MTU of {name} to {mtu}");
    let Some(link) = links::called(connection, name).during(what)? else { return Ok(()) };
    let set = ports::set(connection, &link, vec![LinkAttribute::Mtu(mtu.bytes())]);
    [Errno::ENODEV, Errno::ERANGE, Errno::EINVAL]
        .into_iter()
        .fold(set, |set, it| set.unless(it, ()))
        .during(what)
}

/// Sets the `ifalias` of a link.
///
/// # Errors
/// The kernel's.
pub(super) fn set_alias(connection: &Connection, name: &InterfaceName, alias: &str) -> Result<(), Failure> {
    set(connection, name, vec![LinkAttribute::IfAlias(alias.to_owned())]).during(|| format!("mark {name}"))
}

/// Sets a link up.
///
/// # Errors
/// The kernel's.
pub(super) fn set_up(connection: &Connection, name: &InterfaceName) -> Result<(), Failure> {
    set_flags(connection, name, LinkFlags::Up).during(|| format!("set {name} up"))
}

/// Sets a link down; an absent one is a success.
///
/// # Errors
/// The kernel's.
pub(super) fn set_down(connection: &Connection, name: &InterfaceName) -> Result<(), Failure> {
    let set = set_flags(connection, name, LinkFlags::empty());
    set.unless(Errno::ENODEV, ()).during(|| format!("set {name} down"))
}

fn set_flags(connection: &Connection, name: &InterfaceName, flags: LinkFlags) -> Result<(), Refused> {
    let mut message = existing(connection, name)?;
    message.header.flags = flags;
    message.header.change_mask = LinkFlags::Up;
    connection.request(&RouteNetlinkMessage::SetLink(message), 0)
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
    let Some(device) = &link.device else {
        return Err(Failure::new(what(), "nobody can make a network card"));
    };
    let mut message: LinkMessage = named(&link.name);
    if let Some(parent) = &device.parent {
        let Some(parent) = links::record(connection, parent).during(what)? else {
            return Err(Failure::new(what(), format!("there is no link {parent}")));
        };
        message.attributes.push(LinkAttribute::Link(parent.index));
    }
    message.attributes.push(LinkAttribute::Mtu(mtu(connection, link, link.mtu_at_first()).during(what)?));
    message.attributes.extend(mac(link));
    message.attributes.push(LinkAttribute::LinkInfo(info(&device.kind, &device.settings)));
    Ok(RouteNetlinkMessage::NewLink(message))
}

fn mac(link: &Link) -> Option<LinkAttribute> {
    let mac = link.mac?;
    Some(LinkAttribute::Address(mac.bytes().to_vec()))
}

fn info(kind: &str, settings: &[Setting]) -> Vec<LinkInfo> {
    let kind = LinkInfo::Kind(InfoKind::Other(kind.to_owned()));
    if settings.is_empty() {
        return vec![kind];
    }
    vec![kind, LinkInfo::Data(InfoData::Other(data(settings).0))]
}

fn data(settings: &[Setting]) -> Bytes {
    let said = settings.iter().filter(|it| !it.value.0.is_empty());
    let attributes = said.map(|it| (it.attribute, it.value.clone()));
    attributes.collect::<Vec<_>>().into()
}

/// Gives a device settings that it can take up.
///
/// # Errors
/// The link is absent, or the kernel refuses.
pub(super) fn set_device(
    connection: &Connection,
    name: &InterfaceName,
    kind: &str,
    settings: &[Setting],
) -> Result<(), Failure> {
    let what = || format!("change the settings of {name}");
    let link = ports::existing(connection, name).during(what)?;
    let is_off = |it: &&Setting| it.value.0.iter().all(|it| *it == 0);
    let (mut off, on): (Vec<_>, Vec<_>) = settings.iter().partition(is_off);
    off.sort_by_key(|it| Reverse(it.attribute));
    let off = off.into_iter().map(|it| vec![it.clone()]);
    let on = on.into_iter().cloned().collect::<Vec<_>>();
    off.chain(std::iter::once(on))
        .filter(|it| !it.is_empty())
        .try_for_each(|it| ports::set_data(connection, &link, kind, data(&it)))
        .during(what)
}

/// Gives a bridge's host its part in VLANs, and in no others.
///
/// # Errors
/// The link is absent, or the kernel refuses.
pub(super) fn set_vlans(
    connection: &Connection,
    name: &InterfaceName,
    wanted: &[PortVlan],
) -> Result<(), Failure> {
    let link = ports::existing(connection, name);
    link.and_then(|it| vlans::set(connection, it.index, vlans::Side::Bridge, wanted))
        .during(|| format!("set the VLANs of {name}"))
}

/// Sets a sysctl by its path below `/proc/sys/net`. One of IPv6 is absent where the kernel has none, or the link is too narrow for
/// it: there is nothing to be set then.
///
/// # Errors
/// It is absent or takes another value.
pub(crate) fn set_sysctl(path: &str, value: &str) -> Result<(), Failure> {
    let file = Path::new("/proc/sys/net").join(path);
    let has_none = path.starts_with("ipv6/") && file.parent().is_some_and(|it| !it.exists());
    if has_none {
        return Ok(());
    }
    fs::write(file, value).during(|| format!("set the sysctl {path} to {value}"))
}

fn check_form(connection: &Connection, link: &Link) -> Result<(), Failure> {
    let what = || format!("create link {}", link.name);
    let links = links::observe(connection, &BTreeMap::new()).during(what)?;
    let found = links.get(link.name.as_str());
    if link.device.as_ref().is_some_and(|device| found.is_some_and(|it| it.is(device))) {
        return Ok(());
    }
    Err(Failure::new(what(), "a link of another form has the name"))
}

/// Returns the MTU that a link can have now: where a parent shrank first, an undo lets it grow behind the link.
fn mtu(connection: &Connection, link: &Link, wanted: u32) -> Result<u32, Refused> {
    let parent = link.parent().map_or(Ok(None), |it| links::record(connection, it))?;
    Ok(parent.map_or(u32::MAX, |it| it.mtu).min(wanted))
}

fn finish(connection: &Connection, link: &Link) -> Result<(), Failure> {
    let what = || format!("set MTU, MAC address and alias of {}", link.name);
    // The kernel ignores an alias in the message that makes a link.
    let alias = link.alias.clone().map(LinkAttribute::IfAlias);
    let mtu = LinkAttribute::Mtu(mtu(connection, link, link.mtu.bytes()).during(what)?);
    let attributes = [Some(mtu), mac(link), alias];
    set(connection, &link.name, attributes.into_iter().flatten().collect()).during(what)?;
    link.all_sysctls().try_for_each(|(path, value)| set_sysctl(path, value))?;
    if let Some(vlans) = &link.vlans {
        set_vlans(connection, &link.name, vlans)?;
    }
    set_up(connection, &link.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hostwright::value::TextValue;

    #[test]
    fn what_is_built_on_a_link_is_found_and_its_master_is_not() {
        let sys = tempfile::tempdir().expect("a folder");
        let folder = |path: &str| fs::create_dir_all(sys.path().join("class/net").join(path)).expect("made");
        ["v20/upper_macvtap0", "v20/upper_br0", "v20/lower_eno1", "br0"].into_iter().for_each(folder);
        fs::write(sys.path().join("class/net/br0/ifindex"), "7\n").expect("written");
        let built = |master| built_on(sys.path(), &InterfaceName::parse("v20").expect("a name"), master);
        assert_eq!(built(Some(7)), ["macvtap0"]);
        assert_eq!(built(None), ["br0", "macvtap0"]);
        assert!(built_on(sys.path(), &InterfaceName::parse("gone").expect("a name"), None).is_empty());
    }
}
