//! Changes of networks.

use hostwright::artifact::{DefaultBridge, Network as Wanted};
use hostwright::value::ItemName;
use hostwright::xml;
use virt::error::Error;
use virt::network::Network;
use virt::sys;

use super::owner::Present;
use super::{Failure, Libvirt, linked};

impl Libvirt {
    /// Defines a network, marks it for autostart and reads it back.
    ///
    /// # Errors
    /// libvirt refuses it or drops a part, or one of that name is another's.
    pub(crate) fn define_network(&self, wanted: &Wanted) -> Result<(), Failure> {
        let name = wanted.name.as_str();
        if let Some(network) = self.network(&wanted.name)? {
            let present = present(&network, &wanted.name)?;
            present.require_uuid(&wanted.name, &wanted.uuid)?;
            present.require_mark(&wanted.name)?;
        }
        let network = self
            .connect()?
            .define_network_xml(&wanted.xml)
            .map_err(Failure::of("cannot define network", name))?;
        present(&network, &wanted.name)?.require_all(&wanted.name, &wanted.xml)?;
        let set = network.set_autostart(true);
        set.map_err(Failure::of("cannot set the autostart of network", name))
    }

    /// Marks a network that was there before: its definition with our mark, and nothing else.
    ///
    /// # Errors
    /// There is none of that name and UUID, or libvirt refuses it.
    pub(crate) fn mark_network(&self, wanted: &Wanted) -> Result<(), Failure> {
        let name = wanted.name.as_str();
        let Some(network) = self.network(&wanted.name)? else {
            return Err(Failure(format!("there is no network `{name}` to mark")));
        };
        let present = present(&network, &wanted.name)?;
        present.require_uuid(&wanted.name, &wanted.uuid)?;
        let marked = xml::marked(&present.xml, &wanted.xml).map_err(Failure::unreadable(name))?;
        let defined = self.connect()?.define_network_xml(&marked);
        defined.map(drop).map_err(Failure::of("cannot mark network", name))
    }

    /// Starts a network; one that is active stays so.
    ///
    /// # Errors
    /// There is none of that name, or libvirt cannot start it.
    pub(crate) fn start_network(&self, name: &ItemName) -> Result<(), Failure> {
        let Some(network) = self.network(name)? else {
            return Err(Failure(format!("there is no network `{name}` to start")));
        };
        start(&network).map_err(Failure::of("cannot start network", name.as_str()))
    }

    /// Stops a network that no guest uses; one that is inactive or absent stays so.
    ///
    /// # Errors
    /// A running guest uses it, it is another's, or libvirt cannot stop it.
    pub(crate) fn stop_network(&self, name: &ItemName) -> Result<(), Failure> {
        let failed = || Failure::of("cannot stop network", name.as_str());
        let Some(network) = self.network(name)? else {
            return Ok(());
        };
        if !network.is_active().map_err(failed())? {
            return Ok(());
        }
        present(&network, name)?.require_mark(name)?;
        self.require_unused(name)?;
        network.destroy().map_err(failed())
    }

    /// Removes the definition of a network; an absent one stays so.
    ///
    /// # Errors
    /// It is active, it is another's, or libvirt cannot remove it.
    pub(crate) fn undefine_network(&self, name: &ItemName) -> Result<(), Failure> {
        let failed = || Failure::of("cannot undefine network", name.as_str());
        let Some(network) = self.network(name)? else {
            return Ok(());
        };
        present(&network, name)?.require_mark(name)?;
        // libvirt would keep it running without a definition.
        if network.is_active().map_err(failed())? {
            let message = format!("network `{name}` is active: stop it before it is undefined");
            return Err(Failure(message));
        }
        network.undefine().map_err(failed())
    }

    /// Brings libvirt's own network to a state: active or not, started with libvirt or not.
    ///
    /// Where there is none there is nothing to bring back: it was undefined by somebody.
    ///
    /// # Errors
    /// A running guest uses it and it should stop, it is hostwright's, or libvirt refuses.
    pub(crate) fn set_default_network(&self, active: bool, autostart: bool) -> Result<(), Failure> {
        let Some(name) = DefaultBridge::Libvirt.network().and_then(|it| it.parse().ok()) else {
            return Ok(());
        };
        let Some(network) = self.network(&name)? else {
            return Ok(());
        };
        present(&network, &name)?.require_no_mark(&name)?;
        let set = network.set_autostart(autostart);
        set.map_err(Failure::of("cannot set the autostart of network", name.as_str()))?;
        if active {
            return start(&network).map_err(Failure::of("cannot start network", name.as_str()));
        }
        if !network.is_active().map_err(Failure::of("cannot read network", name.as_str()))? {
            return Ok(());
        }
        self.require_unused(&name)?;
        network.destroy().map_err(Failure::of("cannot stop network", name.as_str()))
    }

    // libvirt stops a network under its guests without a word.
    fn require_unused(&self, name: &ItemName) -> Result<(), Failure> {
        for (guest, domain) in self.running_domains()? {
            let used = xml::networks(&domain).map_err(Failure::unreadable(&guest))?;
            if used.contains(name.as_str()) {
                let message = format!("network `{name}` is in use by the running guest `{guest}`");
                return Err(Failure(message));
            }
        }
        Ok(())
    }

    fn network(&self, name: &ItemName) -> Result<Option<Network>, Failure> {
        let network = self.connect()?.lookup_network_by_name(name.as_str());
        linked::found(network).map_err(Failure::of("cannot look up network", name.as_str()))
    }
}

fn start(network: &Network) -> Result<(), Error> {
    if network.is_active()? {
        return Ok(());
    }
    network.create()
}

fn present(network: &Network, name: &ItemName) -> Result<Present, Failure> {
    let read = || -> Result<Present, Error> {
        Ok(Present {
            kind: "network",
            uuid: network.uuid_string()?,
            xml: network.xml_desc(sys::VIR_NETWORK_XML_INACTIVE)?,
        })
    };
    read().map_err(Failure::of("cannot read network", name.as_str()))
}
