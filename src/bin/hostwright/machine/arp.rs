//! Whether a station has an IPv4 address already, before the host takes it. RFC 5227, section 2.1.
//!
//! The question names no sender. The kernel's own questions do: on a link without an address they name another link's, and
//! every station would believe that address to be behind this link.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::{AsFd, AsRawFd};
use std::time::{Duration, Instant};

use hostwright::value::{InterfaceAddress, InterfaceName};
use nix::errno::Errno;
use nix::ifaddrs::{self, getifaddrs};
use nix::libc::{ARPHRD_ETHER, ETH_P_ARP};
use nix::net::if_::InterfaceFlags;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{LinkAddr, MsgFlags, recvfrom, sendto};
use socket2::{Domain, Protocol, Socket, Type};

use crate::failure::{During, Failure};

/// Questions, the time between two, and the time for which answers to the last are awaited.
const QUESTIONS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_millis(300);
/// Longest wait for links that take no frames yet: of a bond by LACP not before a port of it may send, seconds behind its carrier.
const LIMIT: Duration = Duration::from_secs(8);
/// Header of Ethernet, and ARP for IPv4 behind it.
const HEADER: usize = 14;
const LENGTH: usize = HEADER + 28;
/// Hardware type Ethernet, protocol IPv4, and the lengths of their addresses.
const FORM: [u8; 6] = [0, 1, 8, 0, 6, 4];

/// Asks for addresses, each on a link of its own, all at once. IPv6 asks by itself; links without Ethernet are passed over.
///
/// # Errors
/// The kernel's, which of them a station has, or which nobody could be asked for.
pub(crate) fn probe(list: &[(InterfaceName, InterfaceAddress)]) -> Result<(), Failure> {
    let what = || "ask for addresses".to_owned();
    let links = ethernet().during(what)?;
    let questions = list.iter().filter_map(|(name, address)| match address.ip() {
        IpAddr::V4(ip) => Some(Question { name, ip, link: *links.get(name.as_str())?, refused: None }),
        IpAddr::V6(_) => None,
    });
    let mut asked: Vec<_> = questions.collect();
    // One for all links: to close one takes the kernel longer than to make a link.
    let socket = open().during(what)?;
    let begun = Instant::now();
    for number in 1.. {
        asked.retain_mut(|it| it.is_asked(&socket, number));
        if asked.is_empty() {
            break;
        }
        let is_done = number >= QUESTIONS && asked.iter().all(|it| it.refused.is_none());
        let is_last = is_done || begun.elapsed() >= LIMIT;
        let taken = answers(&socket, &asked, if is_last { PATIENCE } else { PAUSE }).during(what)?;
        if !taken.is_empty() {
            return Err(Failure::new(what(), taken.join(", ")));
        }
        if is_last {
            break;
        }
    }
    // To take an address unasked is not what was said.
    let unasked = asked.iter().find_map(|it| Some(format!("{} on {}: {}", it.ip, it.name, it.refused?)));
    unasked.map_or(Ok(()), |it| Err(Failure::new(what(), it)))
}

/// Finds all links of Ethernet that use ARP: a VRF refuses its frames.
fn ethernet() -> nix::Result<BTreeMap<String, LinkAddr>> {
    let uses_arp = |it: &ifaddrs::InterfaceAddress| !it.flags.contains(InterfaceFlags::IFF_NOARP);
    let links = getifaddrs()?.filter(uses_arp).filter_map(|it| {
        let link = *it.address?.as_link_addr()?;
        (link.hatype() == ARPHRD_ETHER && link.addr().is_some()).then_some((it.interface_name, link))
    });
    Ok(links.collect())
}

/// Opens a socket for ARP on all links.
fn open() -> io::Result<Socket> {
    let protocol = u16::try_from(ETH_P_ARP).unwrap_or_default().to_be();
    Socket::new(Domain::PACKET, Type::RAW, Some(Protocol::from(i32::from(protocol))))
}

/// Listens for stations that say that an address is their own.
fn answers(socket: &Socket, asked: &[Question<'_>], patience: Duration) -> nix::Result<Vec<String>> {
    let mut taken = Vec::new();
    let end = Instant::now() + patience;
    while let Some((link, frame)) = next(socket, end)? {
        let answered = asked.iter().filter(|it| it.link.ifindex() == link && it.is_answered_by(&frame));
        for said in answered.map(Question::said) {
            if !taken.contains(&said) {
                taken.push(said);
            }
        }
    }
    Ok(taken)
}

/// Waits for a frame until a time; returns it with the number of its link.
fn next(socket: &Socket, end: Instant) -> nix::Result<Option<(usize, [u8; LENGTH])>> {
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let left = PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO);
        let mut wait = [PollFd::new(socket.as_fd(), PollFlags::POLLIN)];
        match poll(&mut wait, left) {
            Ok(0) => return Ok(None),
            Err(Errno::EINTR) => continue,
            done => drop(done?),
        }
        let mut frame = [0; LENGTH];
        match recvfrom::<LinkAddr>(socket.as_raw_fd(), &mut frame) {
            Ok((LENGTH, Some(from))) => return Ok(Some((from.ifindex(), frame))),
            // A link that goes down is told to everybody who listens.
            Ok(_) | Err(Errno::EINTR | Errno::ENETDOWN) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Question on a link for an address.
struct Question<'a> {
    name: &'a InterfaceName,
    ip: Ipv4Addr,
    link: LinkAddr,
    /// Why it was never sent; absent: it was.
    refused: Option<Errno>,
}

impl Question<'_> {
    /// Asks everybody on the link, beyond the usual questions only where nobody was asked yet; says whether there may be an
    /// answer: a link that is down asks nobody.
    fn is_asked(&mut self, socket: &Socket, number: u32) -> bool {
        let is_new = number == 1 || self.refused.is_some();
        if number > QUESTIONS && !is_new {
            return true;
        }
        match sendto(socket.as_raw_fd(), &self.frame(), &self.link, MsgFlags::empty()) {
            Ok(_) => self.refused = None,
            Err(Errno::ENETDOWN | Errno::ENXIO | Errno::ENODEV) => return false,
            Err(errno) if is_new => self.refused = Some(errno),
            Err(_) => {}
        }
        true
    }

    /// Returns the frame to everybody: who has the address, asked by nobody.
    fn frame(&self) -> [u8; LENGTH] {
        let (kind, request) = ([8, 6], [0, 1]);
        let mac = self.mac();
        let parts: [&[u8]; 9] =
            [&[0xff; 6], &mac, &kind, &FORM, &request, &mac, &[0; 4], &[0; 6], &self.ip.octets()];
        let mut frame = [0; LENGTH];
        frame.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
        frame
    }

    fn mac(&self) -> [u8; 6] {
        self.link.addr().unwrap_or_default()
    }

    /// Says whether a frame comes from another station that has the address.
    fn is_answered_by(&self, frame: &[u8; LENGTH]) -> bool {
        frame[HEADER..HEADER + 6] == FORM
            && frame[HEADER + 8..HEADER + 14] != self.mac()
            && frame[HEADER + 14..HEADER + 18] == self.ip.octets()
    }

    fn said(&self) -> String {
        format!("a station on {} has {} already", self.name, self.ip)
    }
}
