//! Requests to the kernel and its answers.

use std::fmt;
use std::io;

use netlink_packet_core::{
    NLM_F_ACK, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NetlinkDeserializable, NetlinkHeader,
    NetlinkMessage, NetlinkPayload, NetlinkSerializable,
};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_sys::protocols::NETLINK_ROUTE;
use netlink_sys::{Socket, SocketAddr};

/// How often a dump that the kernel interrupted is tried.
const TRIES: usize = 10;

/// Why the kernel did not do it.
#[derive(Debug)]
pub(super) struct Refused(io::Error);

impl Refused {
    /// Says whether the kernel's answer was one of these error numbers.
    pub(super) fn is(&self, numbers: &[nix::errno::Errno]) -> bool {
        self.0.raw_os_error().is_some_and(|found| numbers.iter().any(|it| *it as i32 == found))
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self(error)
    }
}

/// Asks for all objects of a kind of the routing family.
pub(super) fn dump(message: &RouteNetlinkMessage) -> Result<Vec<RouteNetlinkMessage>, Refused> {
    dump_from(NETLINK_ROUTE, message)
}

/// Asks for all objects of a kind of any family.
pub(super) fn dump_from<M>(protocol: isize, message: &M) -> Result<Vec<M>, Refused>
where
    M: NetlinkSerializable + NetlinkDeserializable + Clone,
{
    for _ in 0..TRIES {
        if let Answers::Whole(answers) = exchange(protocol, message.clone(), NLM_F_DUMP)? {
            return Ok(answers);
        }
    }
    Err(io::Error::other("the kernel interrupted the listing again and again").into())
}

/// Has the kernel do something; further flags say how.
pub(super) fn change(message: RouteNetlinkMessage, flags: u16) -> Result<(), Refused> {
    exchange(NETLINK_ROUTE, message, NLM_F_ACK | flags).map(|_| ())
}

enum Answers<M> {
    Whole(Vec<M>),
    Interrupted,
}

fn exchange<M>(protocol: isize, message: M, flags: u16) -> Result<Answers<M>, Refused>
where
    M: NetlinkSerializable + NetlinkDeserializable,
{
    let mut socket = Socket::new(protocol)?;
    socket.bind_auto()?;
    socket.connect(&SocketAddr::new(0, 0))?;
    send(&socket, message, NLM_F_REQUEST | flags)?;
    let mut answers = Vec::new();
    let mut interrupted = false;
    loop {
        let (datagram, _) = socket.recv_from_full()?;
        let mut rest = datagram.as_slice();
        while !rest.is_empty() {
            let answer = NetlinkMessage::<M>::deserialize(rest).map_err(io::Error::other)?;
            interrupted |= answer.header.flags & NLM_F_DUMP_INTR != 0;
            let length = (answer.header.length as usize).next_multiple_of(4).max(4);
            match answer.payload {
                NetlinkPayload::InnerMessage(inner) => answers.push(inner),
                NetlinkPayload::Error(error) if error.code.is_some() => return Err(error.to_io().into()),
                NetlinkPayload::Error(_) | NetlinkPayload::Done(_) if interrupted => {
                    return Ok(Answers::Interrupted);
                }
                NetlinkPayload::Error(_) | NetlinkPayload::Done(_) => return Ok(Answers::Whole(answers)),
                _ => {}
            }
            rest = rest.get(length..).unwrap_or_default();
        }
    }
}

fn send<M: NetlinkSerializable>(socket: &Socket, message: M, flags: u16) -> io::Result<()> {
    let mut header = NetlinkHeader::default();
    header.flags = flags;
    header.sequence_number = 1;
    let mut packet = NetlinkMessage::new(header, NetlinkPayload::InnerMessage(message));
    packet.finalize();
    let mut bytes = vec![0; packet.buffer_len()];
    packet.serialize(&mut bytes);
    socket.send(&bytes, 0).map(|_| ())
}
