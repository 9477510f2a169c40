//! Whether a station has an address already: the kernel asks for it as for any neighbor. RFC 5227, section 2.1.

use std::net::IpAddr;
use std::thread::sleep;
use std::time::{Duration, Instant};

use hostwright::value::{InterfaceAddress, InterfaceName};
use netlink_packet_core::NLM_F_CREATE;
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::neighbour::{NeighbourFlags, NeighbourMessage};
use nix::errno::Errno;

use super::attributes::{Attributes, unsigned};
use super::connection::{Connection, Refused, Unless};
use super::links;
use super::neighbors::{DESTINATION, LINK_LAYER_ADDRESS, message};
use crate::failure::{During, Failure};

/// `NUD_REACHABLE`.
const REACHABLE: u16 = 2;
/// Time in which a station on a link answers.
const PATIENCE: Duration = Duration::from_millis(1200);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Asks for addresses, each on a link of its own, all at once.
///
/// # Errors
/// The kernel's, or which of them a station has.
pub(super) fn probe(
    connection: &Connection,
    list: &[(InterfaceName, InterfaceAddress)],
) -> Result<(), Failure> {
    let what = || "ask for addresses".to_owned();
    let mut asked = Vec::new();
    for (name, address) in list {
        let Some(link) = links::record(connection, name).during(what)? else { continue };
        forget(connection, link.index, address.ip()).during(what)?;
        let mut question = message(link.index, address.ip());
        question.header.flags = NeighbourFlags::Use;
        let question = RouteNetlinkMessage::NewNeighbour(question);
        // A link that is down asks nobody.
        if connection.request(&question, NLM_F_CREATE).is_ok() {
            asked.push((link.index, name, address.ip()));
        }
    }
    let taken = answered(connection, &asked).during(what)?;
    for (index, _, ip) in &asked {
        forget(connection, *index, *ip).during(what)?;
    }
    if taken.is_empty() { Ok(()) } else { Err(Failure::new(what(), taken.join(", "))) }
}

/// Waits for answers and says whose came.
fn answered(
    connection: &Connection,
    asked: &[(u32, &InterfaceName, IpAddr)],
) -> Result<Vec<String>, Refused> {
    let begin = Instant::now();
    loop {
        let all = RouteNetlinkMessage::GetNeighbour(NeighbourMessage::default());
        let known = connection.dump(&all, decode)?;
        let taken: Vec<_> = asked
            .iter()
            .filter(|(index, _, ip)| known.contains(&(*index, *ip)))
            .map(|(_, name, ip)| format!("a station on {name} has {ip} already"))
            .collect();
        if !taken.is_empty() || asked.is_empty() || begin.elapsed() > PATIENCE {
            return Ok(taken);
        }
        sleep(LOOK_AGAIN);
    }
}

fn forget(connection: &Connection, index: u32, ip: IpAddr) -> Result<(), Refused> {
    let message = RouteNetlinkMessage::DelNeighbour(message(index, ip));
    connection.request(&message, 0).unless(Errno::ENOENT, ())
}

/// Reads a neighbor that has just answered.
fn decode(bytes: &[u8]) -> Option<(u32, IpAddr)> {
    let (header, rest) = bytes.split_first_chunk::<12>()?;
    let state = u16::from_ne_bytes([header[8], header[9]]);
    let attributes = Attributes::read(rest);
    attributes.get(LINK_LAYER_ADDRESS).filter(|_| state & REACHABLE != 0)?;
    Some((unsigned(&header[4..])?, attributes.address(DESTINATION)?))
}
