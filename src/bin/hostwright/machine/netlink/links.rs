//! Links as the kernel has them.

use std::collections::BTreeMap;
use std::path::Path;

use hostwright::artifact::{LinkForm, MacvtapMode};
use hostwright::observed::ObservedLink;
use hostwright::value::{InterfaceName, Mac, TextValue, VlanId};
use netlink_packet_route::link::{
    InfoData, InfoMacVtap, InfoVlan, LinkAttribute, LinkFlags, LinkInfo, LinkMessage, MacVtapMode,
};

use super::{Netlink, addresses, link_messages, name_of};
use crate::failure::{During, Failure};

impl Netlink {
    /// Lists all links, with the values of the sysctls that are named for each.
    ///
    /// # Errors
    /// The kernel's answer.
    pub(crate) fn links(
        &self,
        sysctls: &BTreeMap<String, Vec<String>>,
    ) -> Result<BTreeMap<String, ObservedLink>, Failure> {
        let messages = link_messages().during(|| "list links".to_owned())?;
        let names: BTreeMap<u32, String> = messages.iter().map(|it| (it.header.index, name_of(it))).collect();
        let mut addresses = addresses::by_index()?;
        let mut links = BTreeMap::new();
        for message in &messages {
            let name = name_of(message);
            let mut link = link(message, &names, &name);
            link.addresses = addresses.remove(&message.header.index).unwrap_or_default();
            link.sysctls = values(sysctls.get(&name).map_or(&[], Vec::as_slice));
            links.insert(name, link);
        }
        Ok(links)
    }
}

fn link(message: &LinkMessage, names: &BTreeMap<u32, String>, name: &str) -> ObservedLink {
    let parent = parent(message, names);
    let mut link = ObservedLink {
        index: message.header.index,
        form: form(message, parent.as_deref(), name),
        parent,
        mtu: 0,
        mac: None,
        alias: None,
        up: message.header.flags.contains(LinkFlags::Up),
        addresses: Vec::new(),
        sysctls: BTreeMap::new(),
        path: path(message.header.index),
    };
    for attribute in &message.attributes {
        match attribute {
            LinkAttribute::Mtu(mtu) => link.mtu = *mtu,
            LinkAttribute::Address(bytes) => {
                link.mac = <[u8; 6]>::try_from(bytes.as_slice()).ok().and_then(Mac::new);
            }
            LinkAttribute::IfAlias(alias) => link.alias = Some(alias.clone()),
            _ => {}
        }
    }
    link
}

/// Returns the name of the link below; one in another network namespace has none here.
fn parent(message: &LinkMessage, names: &BTreeMap<u32, String>) -> Option<String> {
    let foreign = |it: &LinkAttribute| matches!(it, LinkAttribute::LinkNetNsId(_));
    let index = message.attributes.iter().find_map(|attribute| match attribute {
        LinkAttribute::Link(index) if *index != 0 => Some(*index),
        _ => None,
    });
    index.filter(|_| !message.attributes.iter().any(foreign)).and_then(|it| names.get(&it).cloned())
}

fn form(message: &LinkMessage, parent: Option<&str>, name: &str) -> Option<LinkForm> {
    let infos = message.attributes.iter().find_map(|attribute| match attribute {
        LinkAttribute::LinkInfo(infos) => Some(infos),
        _ => None,
    });
    let data = infos.into_iter().flatten().find_map(|info| match info {
        LinkInfo::Data(data) => Some(data),
        _ => None,
    });
    let parent = || parent.and_then(|it| InterfaceName::parse(it).ok());
    match data {
        Some(InfoData::Vlan(attributes)) => {
            Some(LinkForm::Vlan { id: vlan_id(attributes)?, parent: parent()? })
        }
        Some(InfoData::MacVtap(attributes)) => {
            Some(LinkForm::Macvtap { mode: mode(attributes)?, parent: parent()? })
        }
        _ => Path::new("/sys/class/net").join(name).join("device").exists().then_some(LinkForm::Physical),
    }
}

fn vlan_id(attributes: &[InfoVlan]) -> Option<VlanId> {
    attributes.iter().find_map(|attribute| match attribute {
        InfoVlan::Id(id) => VlanId::new(i64::from(*id)).ok(),
        _ => None,
    })
}

fn mode(attributes: &[InfoMacVtap]) -> Option<MacvtapMode> {
    attributes.iter().find_map(|attribute| match attribute {
        InfoMacVtap::Mode(MacVtapMode::Bridge) => Some(MacvtapMode::Bridge),
        InfoMacVtap::Mode(MacVtapMode::Private) => Some(MacvtapMode::Private),
        InfoMacVtap::Mode(MacVtapMode::Vepa) => Some(MacvtapMode::Vepa),
        InfoMacVtap::Mode(MacVtapMode::Passthrough) => Some(MacvtapMode::Passthru),
        _ => None,
    })
}

/// Reads udev's path of a device.
fn path(index: u32) -> Option<String> {
    let text = std::fs::read_to_string(format!("/run/udev/data/n{index}")).ok()?;
    text.lines().find_map(|line| line.strip_prefix("E:ID_PATH=")).map(str::to_owned)
}

fn values(paths: &[String]) -> BTreeMap<String, String> {
    let read = |path: &String| {
        let value = std::fs::read_to_string(Path::new("/proc/sys/net").join(path)).ok()?;
        Some((path.clone(), value.trim_end().to_owned()))
    };
    paths.iter().filter_map(read).collect()
}
