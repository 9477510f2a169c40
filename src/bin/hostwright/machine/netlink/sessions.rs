//! BGP sessions by their sockets.

use std::collections::BTreeSet;
use std::net::IpAddr;

use hostwright::observed::BgpSession;
use netlink_packet_sock_diag::SockDiagMessage;
use netlink_packet_sock_diag::constants::{AF_INET, AF_INET6, IPPROTO_TCP};
use netlink_packet_sock_diag::inet::{ExtensionFlags, InetRequest, SocketId, StateFlags};
use netlink_sys::protocols::NETLINK_SOCK_DIAG;

use super::Netlink;
use super::connection::dump_from;
use crate::failure::{During, Failure};

/// Port of BGP, RFC 4271.
const BGP: u16 = 179;

impl Netlink {
    /// Lists the established TCP connections with BGP's port on one side, both families, of this network namespace.
    ///
    /// # Errors
    /// The kernel's answer.
    pub(crate) fn sessions(&self) -> Result<BTreeSet<BgpSession>, Failure> {
        let mut found = BTreeSet::new();
        for (family, socket_id) in [(AF_INET, SocketId::new_v4()), (AF_INET6, SocketId::new_v6())] {
            let request = SockDiagMessage::InetRequest(InetRequest {
                family,
                protocol: IPPROTO_TCP,
                extensions: ExtensionFlags::empty(),
                states: StateFlags::ESTABLISHED,
                socket_id,
            });
            let messages = dump_from(NETLINK_SOCK_DIAG, &request).during(|| "list sockets".to_owned())?;
            found.extend(messages.iter().filter_map(session));
        }
        Ok(found)
    }
}

fn session(message: &SockDiagMessage) -> Option<BgpSession> {
    let SockDiagMessage::InetResponse(response) = message else { return None };
    let socket = &response.header.socket_id;
    (socket.source_port == BGP || socket.destination_port == BGP).then(|| BgpSession {
        local: plain(socket.source_address),
        peer: plain(socket.destination_address),
        cookie: u64::from_ne_bytes(socket.cookie),
    })
}

/// Returns the IPv4 address behind an IPv6 socket that speaks IPv4.
fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}
