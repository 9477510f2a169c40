//! Echo requests that must not be fragmented: RFC 792, RFC 4443. Sent without a program: it would come from a disk.

use std::io::{self, ErrorKind, Read};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV6};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use hostwright::value::is_link_local;
use nix::net::if_::if_nametoindex;
use nix::sys::socket::{setsockopt, sockopt};
use socket2::{Domain, Protocol, Socket, Type};

/// Length of a header of IPv4 without options.
const HEADER: usize = 20;
/// `IP_DF`, and the hops that a packet may take.
const DONT_FRAGMENT: [u8; 2] = [0x40, 0];
const HOPS: u8 = 64;
/// Types of the request and of the reply, for IPv4 and for IPv6.
const TYPES: [[u8; 2]; 2] = [[8, 0], [128, 129]];
/// Longest packet.
const LONGEST: usize = 1 << 16;

/// Tells the requests of several at once apart.
static NUMBER: AtomicU16 = AtomicU16::new(0);

/// Somebody who is asked for an echo.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// Own address; absent: the kernel's choice.
    pub(super) from: Option<IpAddr>,
    /// Whom.
    pub(super) to: IpAddr,
    /// Link on which a link-local address is.
    pub(super) device: Option<&'a str>,
    /// VRF in which the own address is.
    pub(super) vrf: Option<&'a str>,
    /// Bytes behind the headers.
    pub(super) size: u32,
}

impl Asked<'_> {
    /// Asks, and waits for the answer for a time; where nothing can be sent, too: what keeps it may pass.
    pub(super) fn answers(&self, limit: Duration) -> bool {
        let end = Instant::now() + limit;
        let answered = self.ask(end).unwrap_or(false);
        if !answered {
            std::thread::sleep(end.saturating_duration_since(Instant::now()));
        }
        answered
    }

    fn ask(&self, end: Instant) -> io::Result<bool> {
        let number = std::process::id().to_le_bytes();
        let number = u16::from_le_bytes([number[0], number[1]]) ^ NUMBER.fetch_add(1, Ordering::Relaxed);
        let socket = self.open()?;
        socket.send(&self.packet(number))?;
        let mut packet = vec![0; LONGEST];
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            socket.set_read_timeout(Some(left))?;
            match (&socket).read(&mut packet) {
                Ok(length) if self.is_answer(&packet[..length], number) => return Ok(true),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Opens a socket that hears of this one alone.
    fn open(&self) -> io::Result<Socket> {
        let (domain, protocol) = match self.to {
            IpAddr::V4(_) => (Domain::IPV4, Protocol::ICMPV4),
            IpAddr::V6(_) => (Domain::IPV6, Protocol::ICMPV6),
        };
        let socket = Socket::new(domain, Type::RAW, Some(protocol))?;
        match self.to {
            IpAddr::V4(_) => socket.set_header_included_v4(true)?,
            IpAddr::V6(_) => setsockopt(&socket, sockopt::Ipv6DontFrag, &true)?,
        }
        if let Some(vrf) = self.vrf.filter(|_| !is_link_local(self.to)) {
            socket.bind_device(Some(vrf.as_bytes()))?;
        }
        if let Some(from) = self.from {
            socket.bind(&self.end(from)?.into())?;
        }
        socket.connect(&self.end(self.to)?.into())?;
        Ok(socket)
    }

    fn end(&self, ip: IpAddr) -> io::Result<SocketAddr> {
        Ok(match (ip, self.device) {
            (IpAddr::V6(v6), Some(device)) if is_link_local(ip) => {
                SocketAddrV6::new(v6, 0, 0, if_nametoindex(device)?).into()
            }
            _ => SocketAddr::new(ip, 0),
        })
    }

    /// Returns what is sent; the kernel writes the header and the sum of IPv6, and what is left 0 in that of IPv4.
    fn packet(&self, number: u16) -> Vec<u8> {
        let [kind, _] = TYPES[usize::from(self.to.is_ipv6())];
        let [high, low] = number.to_be_bytes();
        let mut message = vec![kind, 0, 0, 0, high, low, 0, 1];
        message.resize(message.len() + self.size as usize, 0);
        let IpAddr::V4(to) = self.to else { return message };
        let sum = sum(&message).to_be_bytes();
        message[2..4].copy_from_slice(&sum);
        [header(to).as_slice(), &message].concat()
    }

    fn is_answer(&self, packet: &[u8], number: u16) -> bool {
        let [_, kind] = TYPES[usize::from(self.to.is_ipv6())];
        let [high, low] = number.to_be_bytes();
        let behind =
            if self.to.is_ipv6() { 0 } else { packet.first().map_or(0, |it| usize::from(it & 15) * 4) };
        packet
            .get(behind..)
            .is_some_and(|it| it.starts_with(&[kind, 0]) && it.get(4..6) == Some(&[high, low]))
    }
}

fn header(to: Ipv4Addr) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    // Version 4, five words; protocol ICMP.
    header[0] = 0x45;
    header[6..8].copy_from_slice(&DONT_FRAGMENT);
    header[8..10].copy_from_slice(&[HOPS, 1]);
    header[16..].copy_from_slice(&to.octets());
    header
}

/// Returns the sum of RFC 1071.
fn sum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks(2).map(|it| u32::from(it[0]) << 8 | u32::from(*it.get(1).unwrap_or(&0)));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or_default()
}
