//! Addresses of links: read, added, removed, waited for.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::thread::sleep;
use std::time::{Duration, Instant};

use hostwright::artifact::Address;
use hostwright::observed::{AddressState as State, ObservedAddress};
use hostwright::value::{InterfaceAddress, InterfaceName};
use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL};
use netlink_packet_route::address::{AddressAttribute, AddressMessage};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use nix::errno::Errno;
use nix::libc;

use super::attributes::{Attributes, unsigned};
use super::connection::{Connection, Refused, Unless};
use super::links::{self, Record};
use crate::failure::{During, Failure};

const PAUSE: Duration = Duration::from_millis(50);
/// Longest wait for the carrier of a link with a new address, however many it gets: the kernel asks nobody before there is one.
const CARRIER_LIMIT: Duration = Duration::from_secs(5);

/// An address with its state.
pub(super) struct Entry {
    index: u32,
    address: ObservedAddress,
}

/// Reads the addresses of all links, with the links' indices.
///
/// # Errors
/// The kernel's.
pub(super) fn all(connection: &Connection) -> Result<Vec<(u32, ObservedAddress)>, Refused> {
    let entries = entries(connection)?;
    Ok(entries.into_iter().map(|it| (it.index, it.address)).collect())
}

/// Returns the indices of links whose link-local address is tentative.
///
/// # Errors
/// The kernel's.
pub(super) fn detecting(connection: &Connection) -> Result<BTreeSet<u32>, Refused> {
    let is_detecting = |it: &Entry| match it.address.address.ip() {
        IpAddr::V6(ip) => ip.is_unicast_link_local() && it.address.state == State::Tentative,
        IpAddr::V4(_) => false,
    };
    Ok(entries(connection)?.iter().filter(|it| is_detecting(it)).map(|it| it.index).collect())
}

/// Adds an address; one that is there stays as it is.
///
/// # Errors
/// The link is absent, the kernel refuses, or the address is there with another prefix.
pub(super) fn add(connection: &Connection, name: &InterfaceName, address: &Address) -> Result<(), Failure> {
    let what = || format!("add {} to {name}", address.address);
    let Some(link) = links::record(connection, name).during(what)? else {
        return Err(Failure::new(what(), "there is no such link"));
    };
    let message = RouteNetlinkMessage::NewAddress(message(link.index, address));
    match connection.request(&message, NLM_F_CREATE | NLM_F_EXCL) {
        Err(refused) if refused.is(Errno::EEXIST) => {
            // For IPv6 the kernel compares addresses without their prefixes.
            let found = find(link.index, address).during(what)?;
            let other = || Failure::new(what(), "the link has it with another prefix");
            found.map(drop).ok_or_else(other)
        }
        done => done.during(what),
    }
}

/// Removes an address; an absent one is a success.
///
/// # Errors
/// The kernel's.
pub(super) fn remove(
    connection: &Connection,
    name: &InterfaceName,
    address: &Address,
) -> Result<(), Failure> {
    let what = || format!("remove {} from {name}", address.address);
    let Some(link) = links::record(connection, name).during(what)? else {
        return Ok(());
    };
    let message = RouteNetlinkMessage::DelAddress(message(link.index, address));
    connection.request(&message, 0).unless(Errno::EADDRNOTAVAIL, ()).unless(Errno::ENODEV, ()).during(what)
}

/// Waits until an address is there and can be used, as far as the link's carrier lets it.
///
/// # Errors
/// Another station has it, or it cannot be used at the limit.
pub(super) fn await_usable(
    connection: &Connection,
    name: &InterfaceName,
    address: &Address,
    limit: Duration,
    carrierless: &RefCell<BTreeMap<u32, Instant>>,
) -> Result<(), Failure> {
    let what = || format!("wait for {} on {name}", address.address);
    let begin = Instant::now();
    loop {
        let link = links::record(connection, name).during(what)?;
        let waits = link.as_ref().is_none_or(|it| has_patience(it, carrierless));
        let state = match &link {
            Some(link) => find(link.index, address).during(what)?,
            None => None,
        };
        let cause = match state {
            Some(State::Usable) => return Ok(()),
            Some(State::Duplicate) => return Err(Failure::new(what(), "another host on the link has it")),
            Some(State::Tentative) if !waits => return Ok(()),
            Some(State::Tentative) => "it is still tentative",
            None if link.is_some() => "it is not there",
            None => "there is no such link",
        };
        if begin.elapsed() >= limit {
            return Err(Failure::new(what(), cause));
        }
        sleep(PAUSE);
    }
}

/// Says whether a link has a carrier, or may get one yet; of those without it is noted since when.
fn has_patience(link: &Record, carrierless: &RefCell<BTreeMap<u32, Instant>>) -> bool {
    let mut carrierless = carrierless.borrow_mut();
    if link.carrier {
        carrierless.remove(&link.index);
        return true;
    }
    carrierless.entry(link.index).or_insert_with(Instant::now).elapsed() < CARRIER_LIMIT
}

fn message(index: u32, address: &Address) -> AddressMessage {
    let mut message = AddressMessage::default();
    let ip = address.address.ip();
    message.header.family = family(ip);
    message.header.prefix_len = address.address.prefix();
    message.header.index = index;
    message.attributes = vec![AddressAttribute::Local(ip), AddressAttribute::Address(ip)];
    let broadcast = address.broadcast.map(AddressAttribute::Broadcast);
    message.attributes.extend(broadcast);
    message
}

/// Returns the family of an address.
pub(super) fn family(ip: IpAddr) -> AddressFamily {
    match ip {
        IpAddr::V4(_) => AddressFamily::Inet,
        IpAddr::V6(_) => AddressFamily::Inet6,
    }
}

/// Asks for the addresses of the link alone: a host may have thousands.
fn find(index: u32, address: &Address) -> Result<Option<State>, Refused> {
    let mut of_link = AddressMessage::default();
    of_link.header.family = family(address.address.ip());
    of_link.header.index = index;
    let connection = Connection::to_routes()?.filtering()?;
    let entries = connection.dump(&RouteNetlinkMessage::GetAddress(of_link), decode)?;
    let same = |it: &&Entry| it.index == index && it.address.address == address.address;
    Ok(entries.iter().find(same).map(|it| it.address.state))
}

fn entries(connection: &Connection) -> Result<Vec<Entry>, Refused> {
    let all = RouteNetlinkMessage::GetAddress(AddressMessage::default());
    connection.dump(&all, decode)
}

pub(super) fn decode(bytes: &[u8]) -> Option<Entry> {
    let (header, rest) = bytes.split_first_chunk::<8>()?;
    let [_, prefix, flags, ..] = *header;
    let attributes = Attributes::read(rest);
    let address = attributes.address(libc::IFA_LOCAL).or_else(|| attributes.address(libc::IFA_ADDRESS))?;
    let flags = attributes.number(libc::IFA_FLAGS).unwrap_or(flags.into());
    let broadcast = match attributes.address(libc::IFA_BROADCAST) {
        Some(IpAddr::V4(broadcast)) => Some(broadcast),
        _ => None,
    };
    Some(Entry {
        index: unsigned(&header[4..])?,
        address: ObservedAddress {
            address: InterfaceAddress::new(address, prefix)?,
            broadcast,
            state: state(flags),
            permanent: flags & libc::IFA_F_PERMANENT != 0,
        },
    })
}

fn state(flags: u32) -> State {
    if flags & libc::IFA_F_DADFAILED != 0 {
        State::Duplicate
    } else if flags & libc::IFA_F_TENTATIVE != 0 && flags & libc::IFA_F_OPTIMISTIC == 0 {
        State::Tentative
    } else {
        State::Usable
    }
}
