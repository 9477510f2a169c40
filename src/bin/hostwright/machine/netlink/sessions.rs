//! BGP sessions: established TCP sockets with port 179 on one side.

use std::collections::BTreeMap;
use std::net::IpAddr;

use hostwright::observed::BgpSession;
use netlink_packet_core::Parseable;
use netlink_packet_sock_diag::SockDiagMessage;
use netlink_packet_sock_diag::constants::{AF_INET, AF_INET6, IPPROTO_TCP};
use netlink_packet_sock_diag::inet::{ExtensionFlags, InetRequest, InetResponseHeader, SocketId, StateFlags};

use super::attributes::{Attributes, unsigned};
use super::connection::{Connection, Refused};
use crate::caller::Caller;

const BGP: u16 = 179;
/// Length of `struct inet_diag_msg`.
const HEADER: usize = 72;
/// `INET_DIAG_INFO`.
const INFORMATION: u16 = 2;
/// Place of `tcpi_retransmits` in `struct tcp_info`.
const RETRANSMITS: usize = 2;

/// Reads the sessions of both families.
///
/// # Errors
/// The kernel's.
pub(super) fn observe(connection: &Connection) -> Result<BTreeMap<BgpSession, u8>, Refused> {
    let mut sessions = BTreeMap::new();
    for (family, any) in [(AF_INET, SocketId::new_v4()), (AF_INET6, SocketId::new_v6())] {
        let passive = SocketId { source_port: BGP, ..any.clone() };
        let active = SocketId { destination_port: BGP, ..any };
        for socket_id in [passive, active] {
            sessions.extend(connection.dump(&request(family, socket_id), decode)?);
        }
    }
    Ok(sessions)
}

/// Asks for the established sockets with the ports of a pattern alone: between the parts of a
/// long answer sockets come and go, and the kernel could pass one over.
fn request(family: u8, socket_id: SocketId) -> SockDiagMessage {
    SockDiagMessage::InetRequest(InetRequest {
        family,
        protocol: IPPROTO_TCP,
        extensions: ExtensionFlags::INFO,
        states: StateFlags::ESTABLISHED,
        socket_id,
    })
}

/// Returns how often in a row the oldest data of a connection was sent again; absent: it is not established.
///
/// # Errors
/// The kernel's.
pub(super) fn retransmissions(connection: &Connection, caller: &Caller) -> Result<Option<u8>, Refused> {
    let ends = [caller.local, caller.peer].map(|it| (it.ip().to_canonical(), it.port()));
    for (family, any) in [(AF_INET, SocketId::new_v4()), (AF_INET6, SocketId::new_v6())] {
        let ports = SocketId { source_port: ends[0].1, destination_port: ends[1].1, ..any };
        let found = connection.dump(&request(family, ports), decode_any)?;
        let same = |it: &(SocketId, u8)| {
            let address = |it: IpAddr| it.to_canonical();
            [address(it.0.source_address), address(it.0.destination_address)] == ends.map(|it| it.0)
        };
        if let Some((_, count)) = found.into_iter().find(same) {
            return Ok(Some(count));
        }
    }
    Ok(None)
}

/// Reads a socket that has BGP's port on one side.
pub(super) fn decode(bytes: &[u8]) -> Option<(BgpSession, u8)> {
    let (socket, retransmits) = decode_any(bytes)?;
    if socket.source_port != BGP && socket.destination_port != BGP {
        return None;
    }
    let low = unsigned(&socket.cookie)?;
    let high = unsigned(&socket.cookie[4..])?;
    let session = BgpSession {
        local: socket.source_address.to_canonical(),
        peer: socket.destination_address.to_canonical(),
        device: socket.interface_id,
        cookie: u64::from(high) << 32 | u64::from(low),
    };
    Some((session, retransmits))
}

/// Reads the header, and of the attributes, which differ between kernels, how often data was sent again.
fn decode_any(bytes: &[u8]) -> Option<(SocketId, u8)> {
    let socket = InetResponseHeader::parse(bytes).ok()?.socket_id;
    let attributes = Attributes::read(bytes.get(HEADER..)?);
    let information = attributes.get(INFORMATION).and_then(|it| it.get(RETRANSMITS));
    Some((socket, information.copied().unwrap_or(0)))
}
