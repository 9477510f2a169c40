//! Changes of domains.

use hostwright::artifact::Domain as Wanted;
use hostwright::artifact::libvirt::MARK_NAMESPACE;
use hostwright::value::ItemName;
use virt::domain::Domain;
use virt::error::Error;
use virt::sys;

use super::owner::Present;
use super::{Failure, Libvirt, linked};

// 8.9.0 is the first that knows the flag; earlier ones refuse it and keep the state anyway.
const KEEPS_TPM: u32 = 8_009_000;

impl Libvirt {
    /// Defines a domain with validation, keeps libvirt from starting it, and reads it back.
    ///
    /// # Errors
    /// libvirt refuses it or drops a part, or one of that name is another's.
    pub(crate) fn define_domain(&self, wanted: &Wanted) -> Result<(), Failure> {
        let name = wanted.name.as_str();
        if let Some(domain) = self.domain(&wanted.name)? {
            let present = present(&domain, &wanted.name)?;
            present.require_uuid(&wanted.name, &wanted.uuid)?;
            present.require_mark(&wanted.name)?;
        }
        // Without validation libvirt drops what it does not know.
        let domain = self
            .connect()?
            .define_domain_xml_flags(&wanted.xml, sys::VIR_DOMAIN_DEFINE_VALIDATE)
            .map_err(Failure::of("cannot define domain", name))?;
        present(&domain, &wanted.name)?.require_all(&wanted.name, &wanted.xml)?;
        let set = domain.set_autostart(false);
        set.map_err(Failure::of("cannot set the autostart of domain", name))
    }

    /// Marks a domain that was there before, and its guest where it runs.
    ///
    /// # Errors
    /// There is none of that name and UUID, or libvirt refuses it.
    pub(crate) fn mark_domain(&self, wanted: &Wanted) -> Result<(), Failure> {
        let name = wanted.name.as_str();
        let failed = || Failure::of("cannot mark domain", name);
        let Some(domain) = self.domain(&wanted.name)? else {
            return Err(Failure(format!("there is no domain `{name}` to mark")));
        };
        present(&domain, &wanted.name)?.require_uuid(&wanted.name, &wanted.uuid)?;
        let mark = format!("<domain spec='domain.{name}'/>");
        let live = if domain.is_active().map_err(failed())? { sys::VIR_DOMAIN_AFFECT_LIVE } else { 0 };
        let kind = i32::try_from(sys::VIR_DOMAIN_METADATA_ELEMENT).unwrap_or_default();
        domain
            .set_metadata(
                kind,
                Some(&mark),
                Some("hostwright"),
                Some(MARK_NAMESPACE),
                sys::VIR_DOMAIN_AFFECT_CONFIG | live,
            )
            .map_err(failed())
    }

    /// Removes the definition of a stopped domain; firmware variables and TPM state stay.
    ///
    /// # Errors
    /// It runs, it is another's, or libvirt cannot remove it.
    pub(crate) fn undefine_domain(&self, name: &ItemName) -> Result<(), Failure> {
        let failed = || Failure::of("cannot undefine domain", name.as_str());
        let Some(domain) = self.domain(name)? else {
            return Ok(());
        };
        present(&domain, name)?.require_mark(name)?;
        // libvirt would keep it running without a definition.
        if domain.is_active().map_err(failed())? {
            let message = format!("domain `{name}` runs: shut it down before it is undefined");
            return Err(Failure(message));
        }
        let flags = self.undefine_flags()?;
        domain.undefine_flags(flags).map_err(failed())
    }

    /// Starts a domain; one that runs stays so.
    ///
    /// # Errors
    /// There is none of that name, or libvirt cannot start it.
    pub(crate) fn start_domain(&self, name: &ItemName) -> Result<(), Failure> {
        let Some(domain) = self.domain(name)? else {
            return Err(Failure(format!("there is no domain `{name}` to start")));
        };
        start(&domain).map_err(Failure::of("cannot start domain", name.as_str()))
    }

    /// Ends a domain at once, as by pulling the plug; one that does not run or is absent stays so.
    ///
    /// # Errors
    /// It is another's, or libvirt cannot end it.
    pub(crate) fn destroy_domain(&self, name: &ItemName) -> Result<(), Failure> {
        let failed = || Failure::of("cannot end domain", name.as_str());
        let Some(domain) = self.domain(name)? else {
            return Ok(());
        };
        if !domain.is_active().map_err(failed())? {
            return Ok(());
        }
        present(&domain, name)?.require_mark(name)?;
        domain.destroy().map_err(failed())
    }

    /// Returns the live definitions of all running domains by name, whatever they are called.
    pub(super) fn running_domains(&self) -> Result<Vec<(String, String)>, Failure> {
        let failed = || Failure::of("cannot list", "running domains");
        let active = sys::VIR_CONNECT_LIST_DOMAINS_ACTIVE;
        let domains = self.connect()?.list_all_domains(active).map_err(failed())?;
        let read = domains.iter().map(|it| linked::found(live(it))).filter_map(Result::transpose);
        read.collect::<Result<_, Error>>().map_err(failed())
    }

    fn undefine_flags(&self) -> Result<u32, Failure> {
        let variables = sys::VIR_DOMAIN_UNDEFINE_KEEP_NVRAM;
        Ok(match self.version()? {
            ..KEEPS_TPM => variables,
            _ => variables | sys::VIR_DOMAIN_UNDEFINE_KEEP_TPM,
        })
    }

    fn domain(&self, name: &ItemName) -> Result<Option<Domain>, Failure> {
        let domain = self.connect()?.lookup_domain_by_name(name.as_str());
        linked::found(domain).map_err(Failure::of("cannot look up domain", name.as_str()))
    }
}

fn start(domain: &Domain) -> Result<(), Error> {
    if domain.is_active()? {
        return Ok(());
    }
    domain.create()
}

fn live(domain: &Domain) -> Result<(String, String), Error> {
    Ok((domain.name()?, domain.xml_desc(0)?))
}

fn present(domain: &Domain, name: &ItemName) -> Result<Present, Failure> {
    let read = || -> Result<Present, Error> {
        Ok(Present {
            kind: "domain",
            uuid: domain.uuid_string()?,
            xml: domain.xml_desc(sys::VIR_DOMAIN_XML_INACTIVE)?,
        })
    };
    read().map_err(Failure::of("cannot read domain", name.as_str()))
}
