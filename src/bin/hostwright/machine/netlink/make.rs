//! Links made, changed and deleted.

use std::path::Path;

use hostwright::artifact::{Link, LinkForm, MacvtapMode};
use hostwright::value::{InterfaceName, Mtu};
use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::link::{
    InfoData, InfoKind, InfoMacVtap, InfoVlan, LinkAttribute, LinkFlags, LinkInfo, LinkMessage, MacVtapMode,
};
use nix::errno::Errno;

use super::connection::{Refused, change};
use super::{Netlink, index_of, index_of_present};
use crate::failure::{During, Failure};

impl Netlink {
    /// Makes a link, sets its sysctls before it goes up, and sets it up; one that is there is completed.
    ///
    /// # Errors
    /// The kernel's answer, or another link has the name; what was made is deleted again.
    pub(crate) fn create(&self, link: &Link) -> Result<(), Failure> {
        let what = || format!("create link {}", link.name);
        match change(RouteNetlinkMessage::NewLink(message(link)?), NLM_F_CREATE | NLM_F_EXCL) {
            Ok(()) => self.complete(link).inspect_err(|_| drop(self.delete(&link.name))),
            Err(refused) if refused.is(&[Errno::EEXIST]) && self.is_there(link)? => self.complete(link),
            Err(refused) => Err(refused).during(what),
        }
    }

    fn is_there(&self, link: &Link) -> Result<bool, Failure> {
        let links = self.links(&std::collections::BTreeMap::new())?;
        Ok(links.get(link.name.as_str()).is_some_and(|it| it.form.as_ref() == Some(&link.form)))
    }

    fn complete(&self, link: &Link) -> Result<(), Failure> {
        if let Some(alias) = &link.alias {
            let attribute = LinkAttribute::IfAlias(alias.clone());
            set(&link.name, vec![attribute]).during(|| format!("name the owner of {}", link.name))?;
        }
        for (path, value) in &link.sysctls {
            let path = Path::new("/proc/sys/net").join(path);
            std::fs::write(&path, value).during(|| format!("write {}", path.display()))?;
        }
        self.set_mtu(&link.name, link.mtu)?;
        self.set_up(&link.name)
    }

    /// Deletes a link; absent is done.
    ///
    /// # Errors
    /// The kernel's answer.
    pub(crate) fn delete(&self, name: &InterfaceName) -> Result<(), Failure> {
        let Some(index) = index_of(name.as_str())? else { return Ok(()) };
        let mut message = LinkMessage::default();
        message.header.index = index;
        match change(RouteNetlinkMessage::DelLink(message), 0) {
            Err(refused) if !refused.is(&[Errno::ENODEV]) => {
                Err(refused).during(|| format!("delete link {name}"))
            }
            _ => Ok(()),
        }
    }

    /// Sets the MTU of a link.
    ///
    /// # Errors
    /// The kernel's answer.
    pub(crate) fn set_mtu(&self, name: &InterfaceName, mtu: Mtu) -> Result<(), Failure> {
        set(name, vec![LinkAttribute::Mtu(mtu.bytes())]).during(|| format!("set the MTU of {name} to {mtu}"))
    }

    /// Sets a link up.
    ///
    /// # Errors
    /// The kernel's answer.
    pub(crate) fn set_up(&self, name: &InterfaceName) -> Result<(), Failure> {
        let mut message = LinkMessage::default();
        message.header.index = index_of_present(name.as_str())?;
        message.header.flags = LinkFlags::Up;
        message.header.change_mask = LinkFlags::Up;
        change(RouteNetlinkMessage::SetLink(message), 0).during(|| format!("set {name} up"))
    }
}

fn set(name: &InterfaceName, attributes: Vec<LinkAttribute>) -> Result<(), Refused> {
    let index = index_of_present(name.as_str()).map_err(std::io::Error::other)?;
    let mut message = LinkMessage::default();
    message.header.index = index;
    message.attributes = attributes;
    change(RouteNetlinkMessage::SetLink(message), 0)
}

fn message(link: &Link) -> Result<LinkMessage, Failure> {
    let (kind, data, parent) = match &link.form {
        LinkForm::Vlan { id, parent } => {
            (InfoKind::Vlan, InfoData::Vlan(vec![InfoVlan::Id(id.number())]), parent)
        }
        LinkForm::Macvtap { mode, parent } => {
            (InfoKind::MacVtap, InfoData::MacVtap(vec![InfoMacVtap::Mode(kernel_mode(*mode))]), parent)
        }
        LinkForm::Physical => {
            return Err(Failure::new(format!("create link {}", link.name), "nobody makes network cards"));
        }
    };
    let mut message = LinkMessage::default();
    message.attributes = vec![
        LinkAttribute::IfName(link.name.to_string()),
        LinkAttribute::Link(index_of_present(parent.as_str())?),
        LinkAttribute::LinkInfo(vec![LinkInfo::Kind(kind), LinkInfo::Data(data)]),
    ];
    message.attributes.extend(link.mac.map(|mac| LinkAttribute::Address(mac.bytes().to_vec())));
    Ok(message)
}

const fn kernel_mode(mode: MacvtapMode) -> MacVtapMode {
    match mode {
        MacvtapMode::Bridge => MacVtapMode::Bridge,
        MacvtapMode::Private => MacVtapMode::Private,
        MacvtapMode::Vepa => MacVtapMode::Vepa,
        MacvtapMode::Passthru => MacVtapMode::Passthrough,
    }
}
