//! The connection to libvirt, and the picture of what it has.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use hostwright::observed::{ObservedDomain, ObservedLibvirt, ObservedNetwork};
use hostwright::value::ItemName;
use hostwright::xml;
use virt::connect::Connect;
use virt::domain::Domain;
use virt::error::{Error, ErrorNumber};
use virt::network::Network;
use virt::sys;

use super::Failure;

/// The libvirt of this host; connected to by the first call.
#[derive(Debug)]
pub(crate) struct Libvirt {
    address: &'static str,
    connection: OnceCell<Connect>,
}

impl Default for Libvirt {
    fn default() -> Self {
        Self::at("qemu:///system")
    }
}

impl Libvirt {
    /// Whether this build has libvirt.
    pub(crate) const IS_BUILT: bool = true;

    /// Names the libvirt to connect to.
    pub(super) fn at(address: &'static str) -> Self {
        Self { address, connection: OnceCell::new() }
    }

    /// Returns the daemon's version: 9000000 is 9.0.0.
    ///
    /// # Errors
    /// libvirt does not answer.
    pub(crate) fn version(&self) -> Result<u32, Failure> {
        let version = self.connect()?.lib_version();
        version.map_err(Failure::of("cannot ask the version of", self.address))
    }

    /// Takes a picture of all networks and domains whose names a spec could give.
    ///
    /// # Errors
    /// libvirt does not answer.
    pub(crate) fn observe(&self) -> Result<ObservedLibvirt, Failure> {
        let failed = || Failure::of("cannot list what there is in", self.address);
        let connection = self.connect()?;
        let networks = connection.list_all_networks(0).map_err(failed())?;
        let domains = connection.list_all_domains(0).map_err(failed())?;
        Ok(ObservedLibvirt {
            networks: collect(networks.iter().map(network)).map_err(failed())?,
            domains: collect(domains.iter().map(domain)).map_err(failed())?,
        })
    }

    /// Says whether there was a connection that is no more.
    pub(super) fn is_lost(&self) -> bool {
        self.connection.get().is_some_and(|it| !it.is_alive().unwrap_or(false))
    }

    pub(super) fn connect(&self) -> Result<&Connect, Failure> {
        if let Some(connection) = self.connection.get() {
            return Ok(connection);
        }
        // libvirt would print every error itself, expected ones too.
        virt::error::clear_error_callback();
        let connection = Connect::open(Some(self.address))
            .map_err(Failure::of("libvirt does not answer at", self.address))?;
        Ok(self.connection.get_or_init(|| connection))
    }
}

type Named<T> = Result<Option<(ItemName, T)>, Error>;

fn collect<T>(items: impl Iterator<Item = Named<T>>) -> Result<BTreeMap<ItemName, T>, Error> {
    // What was undefined since the list was made is not there.
    let present = items.filter(|it| !it.as_ref().is_err_and(is_absent));
    present.filter_map(Result::transpose).collect()
}

fn network(network: &Network) -> Named<ObservedNetwork> {
    let Ok(name) = network.name()?.parse() else {
        return Ok(None);
    };
    let observed = ObservedNetwork {
        uuid: network.uuid_string()?,
        xml: network.xml_desc(sys::VIR_NETWORK_XML_INACTIVE)?,
        active: network.is_active()?,
        autostart: network.autostart()?,
    };
    Ok(Some((name, observed)))
}

fn domain(domain: &Domain) -> Named<ObservedDomain> {
    let Ok(name) = domain.name()?.parse() else {
        return Ok(None);
    };
    let with_secrets = domain.xml_desc(sys::VIR_DOMAIN_XML_INACTIVE | sys::VIR_DOMAIN_XML_SECURE)?;
    let observed = ObservedDomain {
        uuid: domain.uuid_string()?,
        xml: domain.xml_desc(sys::VIR_DOMAIN_XML_INACTIVE)?,
        live: live(domain)?,
        autostart: domain.autostart()?,
        managed_save: domain.has_managed_save(0)?,
        console_password: xml::has_console_password(&with_secrets).unwrap_or(true),
    };
    Ok(Some((name, observed)))
}

fn live(domain: &Domain) -> Result<Option<String>, Error> {
    let active = domain.is_active()?;
    active.then(|| domain.xml_desc(0)).transpose()
}

/// Says whether an error means that there is no such thing.
pub(super) fn is_absent(error: &Error) -> bool {
    let absent = [ErrorNumber::NoDomain, ErrorNumber::NoNetwork];
    error.code().is_known_and(|it| absent.contains(&it))
}

/// Turns the absence of a thing from an error into an answer.
pub(super) fn found<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(thing) => Ok(Some(thing)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(error),
    }
}
