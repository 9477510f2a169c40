//! A synchronous netlink connection: requests with acknowledgement, dumps in many parts.

use std::cell::Cell;
use std::{fmt, io};

use netlink_packet_core::{
    DecodeError, Emitable, NLM_F_ACK, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NLMSG_ALIGNTO, NLMSG_DONE,
    NLMSG_ERROR, NLMSG_NOOP, NLMSG_OVERRUN, NetlinkBuffer, NetlinkHeader, NetlinkSerializable,
};
use netlink_sys::protocols::{NETLINK_ROUTE, NETLINK_SOCK_DIAG};
use netlink_sys::{Socket, SocketAddr};
use nix::errno::Errno;
use nix::libc::MSG_TRUNC;

use super::attributes::{Attributes, signed};

/// What the kernel fills at most in one part is half of this.
const BUFFER: usize = 64 * 1024;
/// How often a dump is read again because the kernel's tables changed meanwhile.
const ATTEMPTS: u32 = 32;
/// Length of a message's header.
const HEADER: usize = 16;
/// `NLMSGERR_ATTR_MSG`.
const MESSAGE: u16 = 1;

/// A netlink socket to the kernel, in the network namespace of the thread that opened it.
#[derive(Debug)]
pub(super) struct Connection {
    socket: Socket,
    sequence: Cell<u32>,
}

impl Connection {
    /// Connects to links, addresses, routes and rules.
    ///
    /// # Errors
    /// The kernel's.
    pub(super) fn to_routes() -> Result<Self, Refused> {
        Self::open(NETLINK_ROUTE)
    }

    /// Connects to the sockets.
    ///
    /// # Errors
    /// The kernel's.
    pub(super) fn to_sockets() -> Result<Self, Refused> {
        Self::open(NETLINK_SOCK_DIAG)
    }

    fn open(protocol: isize) -> Result<Self, Refused> {
        let mut socket = Socket::new(protocol)?;
        socket.set_cap_ack(true)?;
        socket.set_ext_ack(true)?;
        socket.bind_auto()?;
        socket.connect(&SocketAddr::new(0, 0))?;
        Ok(Self { socket, sequence: Cell::new(0) })
    }

    /// Has the kernel take the filters of a dump seriously.
    ///
    /// # Errors
    /// The kernel is older than 4.20.
    pub(super) fn filtering(self) -> Result<Self, Refused> {
        self.socket.set_netlink_get_strict_chk(true)?;
        Ok(self)
    }

    /// Asks for a change and waits for the acknowledgement.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub(super) fn request(&self, message: &impl NetlinkSerializable, flags: u16) -> Result<(), Refused> {
        self.exchange::<(), Vec<()>>(message, NLM_F_ACK | flags, &|_| None)?;
        Ok(())
    }

    /// Asks for one thing.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub(super) fn query<T>(
        &self,
        message: &impl NetlinkSerializable,
        decode: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, Refused> {
        let answer = self.exchange::<T, Vec<T>>(message, NLM_F_ACK, &decode)?;
        Ok(answer.items.into_iter().next())
    }

    /// Asks for everything of a kind; what the decoder returns nothing for is left out.
    ///
    /// # Errors
    /// The kernel's refusal, or tables that change faster than they can be read.
    pub(super) fn dump<T>(
        &self,
        message: &impl NetlinkSerializable,
        decode: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Vec<T>, Refused> {
        self.gather(message, decode)
    }

    /// Asks for everything of a kind, of which little may be kept.
    ///
    /// # Errors
    /// As for [`Connection::dump`].
    pub(super) fn gather<T, C: Default + Extend<T>>(
        &self,
        message: &impl NetlinkSerializable,
        decode: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<C, Refused> {
        for _ in 0..ATTEMPTS {
            let answer = self.exchange(message, NLM_F_DUMP, &decode)?;
            if !answer.interrupted {
                return Ok(answer.items);
            }
        }
        Err(Refused::new(Errno::EINTR, "it changed while it was read"))
    }

    fn exchange<T, C: Default + Extend<T>>(
        &self,
        message: &impl NetlinkSerializable,
        flags: u16,
        decode: &impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Answer<C>, Refused> {
        let sequence = self.send(message, flags)?;
        let mut answer = Answer::default();
        let mut buffer = Vec::with_capacity(BUFFER);
        loop {
            self.receive(&mut buffer)?;
            if answer.read(&buffer, sequence, decode)? {
                return Ok(answer);
            }
        }
    }

    fn send(&self, message: &impl NetlinkSerializable, flags: u16) -> Result<u32, Refused> {
        let sequence = self.sequence.get().wrapping_add(1);
        self.sequence.set(sequence);
        let length = HEADER + message.buffer_len();
        let mut header = NetlinkHeader::default();
        header.length = u32::try_from(length).expect("requests are short");
        header.message_type = message.message_type();
        header.flags = NLM_F_REQUEST | flags;
        header.sequence_number = sequence;
        let mut bytes = vec![0; length];
        header.emit(&mut bytes);
        message.serialize(&mut bytes[HEADER..]);
        self.socket.send(&bytes, 0)?;
        Ok(sequence)
    }

    fn receive(&self, buffer: &mut Vec<u8>) -> Result<(), Refused> {
        loop {
            buffer.clear();
            match self.socket.recv(buffer, MSG_TRUNC) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(length) if length > buffer.len() => {
                    return Err(Refused::new(Errno::EMSGSIZE, "the answer is too long"));
                }
                done => return Ok(done.map(drop)?),
            }
        }
    }
}

/// What came back so far.
#[derive(Debug, Default)]
pub(super) struct Answer<C> {
    items: C,
    interrupted: bool,
}

impl<C> Answer<C> {
    /// Takes in the messages of one datagram that answer a request; says whether the last was among them.
    ///
    /// # Errors
    /// The kernel's refusal, or bytes that are no messages.
    pub(super) fn read<T>(
        &mut self,
        bytes: &[u8],
        sequence: u32,
        decode: &impl Fn(&[u8]) -> Option<T>,
    ) -> Result<bool, Refused>
    where
        C: Extend<T>,
    {
        let mut rest = bytes;
        while !rest.is_empty() {
            let part = NetlinkBuffer::new_checked(rest)?;
            if part.sequence_number() == sequence && self.take(&part, decode)? {
                return Ok(true);
            }
            rest = rest.get(aligned(part.length())..).unwrap_or_default();
        }
        Ok(false)
    }

    /// Takes a message in; says whether it was the last.
    fn take<T>(
        &mut self,
        part: &NetlinkBuffer<&[u8]>,
        decode: &impl Fn(&[u8]) -> Option<T>,
    ) -> Result<bool, Refused>
    where
        C: Extend<T>,
    {
        self.interrupted |= part.flags() & NLM_F_DUMP_INTR != 0;
        let payload = part.payload();
        match part.message_type() {
            NLMSG_ERROR => Refused::read(payload, HEADER).map_or(Ok(true), Err),
            NLMSG_DONE => Refused::read(payload, 0).map_or(Ok(true), Err),
            NLMSG_OVERRUN => Err(Refused::new(Errno::ENOBUFS, "messages were lost")),
            NLMSG_NOOP => Ok(false),
            _ => {
                self.items.extend(decode(payload));
                Ok(false)
            }
        }
    }
}

/// Why the kernel did not do it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    errno: Errno,
    message: Option<String>,
}

impl Refused {
    /// Names a reason in the kernel's way and in words.
    pub(super) fn new(errno: Errno, message: &str) -> Self {
        Self { errno, message: Some(message.to_owned()) }
    }

    /// Reads the end of an exchange; nothing when it was a success.
    fn read(payload: &[u8], skipped: usize) -> Option<Self> {
        let code = signed(payload).filter(|code| *code < 0)?;
        let extended = payload.get(4 + skipped..).unwrap_or_default();
        Some(Self {
            errno: Errno::from_raw(code.saturating_neg()),
            message: Attributes::read(extended).text(MESSAGE),
        })
    }

    /// Says whether this is the reason.
    pub(super) fn is(&self, errno: Errno) -> bool {
        self.errno == errno
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            Some(message) => write!(f, "{message} ({})", self.errno),
            None => write!(f, "{}", self.errno),
        }
    }
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        let errno = error.raw_os_error().map_or(Errno::EIO, Errno::from_raw);
        Self { errno, message: None }
    }
}

impl From<DecodeError> for Refused {
    fn from(error: DecodeError) -> Self {
        Self::new(Errno::EBADMSG, &error.to_string())
    }
}

/// Turns one reason to refuse into success.
pub(super) trait Unless<T> {
    /// Returns `instead` when the refusal has this reason.
    ///
    /// # Errors
    /// All other refusals.
    fn unless(self, errno: Errno, instead: T) -> Result<T, Refused>;
}

impl<T> Unless<T> for Result<T, Refused> {
    fn unless(self, errno: Errno, instead: T) -> Self {
        match self {
            Err(refused) if refused.is(errno) => Ok(instead),
            other => other,
        }
    }
}

/// Rounds a message's length up to where the next begins.
fn aligned(length: u32) -> usize {
    (length as usize).next_multiple_of(usize::from(NLMSG_ALIGNTO))
}
