//! BGP sessions: established TCP sockets with port 179 on one side, or with a port that a routing daemon speaks BGP on.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use hostwright::observed::{BgpSession, Told};
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
/// Places of `tcpi_retransmits`, `tcpi_probes`, `tcpi_unacked` and `tcpi_last_ack_recv` in `struct tcp_info`.
const RETRANSMITS: usize = 2;
const PROBES: usize = 3;
const OUTSTANDING: usize = 24;
const SILENCE: usize = 56;

/// A port that one side of a session has whenever it comes anew; that of the other side is another each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Port {
    /// A daemon listens on it.
    Own(u16),
    /// The peer listens on it.
    Peer(u16),
}

/// How sessions on other ports than 179 are told from other connections.
#[derive(Debug, Clone, Default)]
pub(crate) struct OtherPorts {
    ports: BTreeSet<Port>,
    /// What says who is a peer.
    told: Told,
}

/// How a connection goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// How often in a row its oldest data was sent again, or its peer was probed in vain: the host probes where data cannot
    /// leave at all, for want of a route or of the connection's own address.
    pub(crate) unanswered: u8,
    /// Segments that the peer has not acknowledged.
    pub(crate) outstanding: u32,
    /// Time since the peer acknowledged something.
    pub(crate) silence: Duration,
}

/// A socket.
#[derive(Debug, Clone)]
pub(super) struct Record {
    id: SocketId,
    inode: u32,
    progress: Progress,
}

impl Port {
    fn pattern(self, any: &SocketId) -> SocketId {
        match self {
            Self::Own(port) => SocketId { source_port: port, ..any.clone() },
            Self::Peer(port) => SocketId { destination_port: port, ..any.clone() },
        }
    }
}

impl OtherPorts {
    /// Finds the ports of sessions among the sockets that routing daemons hold; their peers must be known.
    ///
    /// # Errors
    /// The kernel's.
    pub(super) fn find(connection: &Connection, held: &BTreeSet<u32>, told: Told) -> Result<Self, Refused> {
        if held.is_empty() || (told.sessions.is_empty() && told.ranges.is_empty()) {
            return Ok(Self::default());
        }
        let listening = all(connection, held, &StateFlags::LISTEN)?;
        let listening: BTreeSet<_> = listening.iter().map(|it| it.source_port).collect();
        let mut ports = BTreeSet::new();
        for id in all(connection, held, &StateFlags::ESTABLISHED)? {
            let (own, peer) = (id.source_port, id.destination_port);
            if own != BGP && peer != BGP && told.knows(id.destination_address.to_canonical()) {
                ports.insert(if listening.contains(&own) { Port::Own(own) } else { Port::Peer(peer) });
            }
        }
        Ok(Self { ports, told })
    }
}

/// Reads those of some sockets that are in these states.
fn all(connection: &Connection, held: &BTreeSet<u32>, states: &StateFlags) -> Result<Vec<SocketId>, Refused> {
    let mut found = Vec::new();
    for (family, any) in families() {
        found.extend(connection.dump(&request(family, any, states.clone()), decode)?);
    }
    Ok(found.into_iter().filter(|it| held.contains(&it.inode)).map(|it| it.id).collect())
}

fn families() -> [(u8, SocketId); 2] {
    [(AF_INET, SocketId::new_v4()), (AF_INET6, SocketId::new_v6())]
}

/// Reads the sessions of both families.
///
/// # Errors
/// The kernel's.
pub(super) fn observe(
    connection: &Connection,
    others: &OtherPorts,
) -> Result<BTreeMap<BgpSession, u8>, Refused> {
    let mut sessions = BTreeMap::new();
    let usual = [Port::Own(BGP), Port::Peer(BGP)];
    for (family, any) in families() {
        for port in usual.iter().chain(&others.ports) {
            let id = port.pattern(&any);
            let mut found = connection.dump(&request(family, id, StateFlags::ESTABLISHED), decode)?;
            found.retain(|it| {
                usual.contains(port) || others.told.knows(it.id.destination_address.to_canonical())
            });
            sessions.extend(found.iter().filter_map(|it| Some((session(it)?, it.progress.unanswered))));
        }
    }
    Ok(sessions)
}

/// Asks for the sockets with the ports of a pattern alone: between the parts of a long answer sockets come and go, and the
/// kernel could pass one over.
fn request(family: u8, socket_id: SocketId, states: StateFlags) -> SockDiagMessage {
    SockDiagMessage::InetRequest(InetRequest {
        family,
        protocol: IPPROTO_TCP,
        extensions: ExtensionFlags::INFO,
        states,
        socket_id,
    })
}

/// Returns how a connection goes on; absent: it is not established.
///
/// # Errors
/// The kernel's.
pub(super) fn progress(connection: &Connection, caller: &Caller) -> Result<Option<Progress>, Refused> {
    let ends = [caller.local, caller.peer].map(|it| (it.ip().to_canonical(), it.port()));
    for (family, any) in families() {
        let ports = SocketId { source_port: ends[0].1, destination_port: ends[1].1, ..any };
        let found = connection.dump(&request(family, ports, StateFlags::ESTABLISHED), decode)?;
        let same = |it: &Record| {
            let address = |it: IpAddr| it.to_canonical();
            [address(it.id.source_address), address(it.id.destination_address)] == ends.map(|it| it.0)
        };
        if let Some(socket) = found.into_iter().find(same) {
            return Ok(Some(socket.progress));
        }
    }
    Ok(None)
}

fn session(socket: &Record) -> Option<BgpSession> {
    let low = unsigned(&socket.id.cookie)?;
    let high = unsigned(&socket.id.cookie[4..])?;
    Some(BgpSession {
        local: socket.id.source_address.to_canonical(),
        peer: socket.id.destination_address.to_canonical(),
        device: socket.id.interface_id,
        cookie: u64::from(high) << 32 | u64::from(low),
    })
}

/// Reads the header, and of the attributes, which differ between kernels, how the connection goes on.
pub(super) fn decode(bytes: &[u8]) -> Option<Record> {
    let header = InetResponseHeader::parse(bytes).ok()?;
    let attributes = Attributes::read(bytes.get(HEADER..)?);
    let progress = attributes.get(INFORMATION).and_then(read_progress).unwrap_or_default();
    Some(Record { id: header.socket_id, inode: header.inode, progress })
}

fn read_progress(information: &[u8]) -> Option<Progress> {
    let number = |place: usize| unsigned(information.get(place..)?);
    Some(Progress {
        unanswered: *information.get(RETRANSMITS)?.max(information.get(PROBES)?),
        outstanding: number(OUTSTANDING)?,
        silence: Duration::from_millis(number(SILENCE)?.into()),
    })
}
