//! Addresses of links.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hostwright::artifact::Address;
use hostwright::observed::ObservedAddress;
use hostwright::value::{InterfaceAddress, InterfaceName};
use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL};
use netlink_packet_route::address::{
    AddressAttribute, AddressFlags, AddressHeaderFlags, AddressMessage, AddressScope,
};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use nix::errno::Errno;

use super::connection::{change, dump};
use super::{Netlink, index_of, index_of_present};
use crate::failure::{During, Failure};

const LOOK_AGAIN: Duration = Duration::from_millis(50);

impl Netlink {
    /// Adds an address; one that is there is done.
    ///
    /// # Errors
    /// The kernel's answer.
    pub(crate) fn add_address(&self, name: &InterfaceName, address: &Address) -> Result<(), Failure> {
        let message = message(index_of_present(name.as_str())?, address);
        match change(RouteNetlinkMessage::NewAddress(message), NLM_F_CREATE | NLM_F_EXCL) {
            Err(refused) if !refused.is(&[Errno::EEXIST]) => {
                Err(refused).during(|| format!("add {} to {name}", address.address))
            }
            _ => Ok(()),
        }
    }

    /// Removes an address; absent is done.
    ///
    /// # Errors
    /// The kernel's answer.
    pub(crate) fn remove_address(&self, name: &InterfaceName, address: &Address) -> Result<(), Failure> {
        let Some(index) = index_of(name.as_str())? else { return Ok(()) };
        match change(RouteNetlinkMessage::DelAddress(message(index, address)), 0) {
            Err(refused) if !refused.is(&[Errno::EADDRNOTAVAIL, Errno::ENODEV]) => {
                Err(refused).during(|| format!("remove {} from {name}", address.address))
            }
            _ => Ok(()),
        }
    }

    /// Waits until an address is there and can be used.
    ///
    /// # Errors
    /// It is not within the limit, or another station has it.
    pub(crate) fn await_usable(
        &self,
        name: &InterfaceName,
        address: &Address,
        limit: Duration,
    ) -> Result<(), Failure> {
        let begin = Instant::now();
        let wanted =
            |it: &ObservedAddress| it.address == address.address && it.broadcast == address.broadcast;
        loop {
            let index = index_of_present(name.as_str())?;
            let present = by_index()?.remove(&index).unwrap_or_default();
            if present.iter().any(|it| wanted(it) && it.usable) {
                return Ok(());
            }
            if begin.elapsed() > limit {
                let what = format!("wait for {} on {name}", address.address);
                let seconds = limit.as_secs();
                return Err(Failure::new(what, format!("it cannot be used after {seconds} seconds")));
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    }
}

/// Addresses of each link by its index.
type AddressesByIndex = BTreeMap<u32, Vec<ObservedAddress>>;

/// Lists all addresses.
pub(super) fn by_index() -> Result<AddressesByIndex, Failure> {
    let messages = dump(&RouteNetlinkMessage::GetAddress(AddressMessage::default()));
    let mut found = AddressesByIndex::new();
    for message in messages.during(|| "list addresses".to_owned())? {
        let RouteNetlinkMessage::NewAddress(message) = message else { continue };
        if let Some(address) = observed(&message) {
            found.entry(message.header.index).or_default().push(address);
        }
    }
    Ok(found)
}

fn observed(message: &AddressMessage) -> Option<ObservedAddress> {
    let (mut local, mut peer, mut broadcast) = (None, None, None);
    let mut flags = AddressFlags::from_bits_retain(u32::from(message.header.flags.bits()));
    for attribute in &message.attributes {
        match attribute {
            AddressAttribute::Local(it) => local = Some(*it),
            AddressAttribute::Address(it) => peer = Some(*it),
            AddressAttribute::Broadcast(it) => broadcast = Some(*it),
            AddressAttribute::Flags(it) => flags = *it,
            _ => {}
        }
    }
    let tentative = flags.contains(AddressFlags::Tentative) && !flags.contains(AddressFlags::Optimistic);
    let usable = !tentative && !flags.contains(AddressFlags::Dadfailed);
    let address = InterfaceAddress::new(local.or(peer)?, message.header.prefix_len)?;
    Some(ObservedAddress { address, broadcast, usable })
}

fn message(index: u32, address: &Address) -> AddressMessage {
    let ip = address.address.ip();
    let mut message = AddressMessage::default();
    message.header.family = if ip.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    message.header.prefix_len = address.address.prefix();
    message.header.flags = AddressHeaderFlags::Permanent;
    message.header.scope = AddressScope::Universe;
    message.header.index = index;
    message.attributes = vec![AddressAttribute::Address(ip)];
    if ip.is_ipv4() {
        message.attributes.push(AddressAttribute::Local(ip));
    }
    message.attributes.extend(address.broadcast.map(AddressAttribute::Broadcast));
    message
}
