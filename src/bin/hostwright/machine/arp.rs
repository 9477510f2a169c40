//! Whether a station has an IPv4 address already, before the host takes it. RFC 5227, section 2.1.
//!
//! The question names no sender. The kernel's own questions do: on a link without an address they name another link's, and
//! every station would believe that address to be behind this link.

use std::io::{ErrorKind, Read};
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use hostwright::value::{InterfaceAddress, InterfaceName};
use nix::ifaddrs::getifaddrs;
use nix::libc::{ARPHRD_ETHER, ETH_P_ARP};
use nix::sys::socket::{LinkAddr, bind};
use socket2::{Domain, Protocol, Socket, Type};

use crate::failure::{During, Failure};

/// Questions, and the time for which each is waited.
const QUESTIONS: u32 = 3;
const PATIENCE: Duration = Duration::from_millis(300);
/// Sockets that are open at once: a program has 1024 files.
const AT_ONCE: usize = 256;
/// Header of Ethernet, and ARP for IPv4 behind it.
const HEADER: usize = 14;
const LENGTH: usize = HEADER + 28;
/// Hardware type Ethernet, protocol IPv4, and the lengths of their addresses.
const FORM: [u8; 6] = [0, 1, 8, 0, 6, 4];

/// Asks for addresses, each on a link of its own, all at once. IPv6 asks by itself; links without Ethernet are passed over.
///
/// # Errors
/// The kernel's, or which of them a station has.
pub(crate) fn probe(list: &[(InterfaceName, InterfaceAddress)]) -> Result<(), Failure> {
    list.chunks(AT_ONCE).try_for_each(probe_some)
}

fn probe_some(list: &[(InterfaceName, InterfaceAddress)]) -> Result<(), Failure> {
    let what = || "ask for addresses".to_owned();
    let mut asked = Vec::new();
    for (name, address) in list {
        if let (IpAddr::V4(ip), Some(link)) = (address.ip(), ethernet(name)?) {
            let socket = open(&link).during(what)?;
            asked.push(Question { name, ip, mac: link.addr().unwrap_or_default(), socket });
        }
    }
    for _ in 0..QUESTIONS {
        // A link that is down asks nobody.
        asked.retain(|it| it.socket.send(&it.frame()).is_ok());
        let end = Instant::now() + PATIENCE;
        let taken: Vec<_> = asked.iter().filter(|it| it.is_answered(end)).map(Question::said).collect();
        if !taken.is_empty() {
            return Err(Failure::new(what(), taken.join(", ")));
        }
    }
    Ok(())
}

/// Finds a link of Ethernet.
fn ethernet(name: &InterfaceName) -> Result<Option<LinkAddr>, Failure> {
    let all = getifaddrs().during(|| "list the links".to_owned())?;
    let mut own = all.filter(|it| it.interface_name == name.as_str());
    let link = own.find_map(|it| it.address?.as_link_addr().copied());
    Ok(link.filter(|it| it.hatype() == ARPHRD_ETHER && it.addr().is_some()))
}

/// Opens a socket for ARP on a link.
fn open(link: &LinkAddr) -> std::io::Result<Socket> {
    let protocol = u16::try_from(ETH_P_ARP).unwrap_or_default().to_be();
    let socket = Socket::new(Domain::PACKET, Type::RAW, Some(Protocol::from(i32::from(protocol))))?;
    bind(socket.as_raw_fd(), link)?;
    Ok(socket)
}

/// Question on a link for an address.
struct Question<'a> {
    name: &'a InterfaceName,
    ip: Ipv4Addr,
    mac: [u8; 6],
    socket: Socket,
}

impl Question<'_> {
    /// Returns the frame to everybody: who has the address, asked by nobody.
    fn frame(&self) -> [u8; LENGTH] {
        let kind = [8, 6];
        let request = [0, 1];
        let parts: [&[u8]; 9] =
            [&[0xff; 6], &self.mac, &kind, &FORM, &request, &self.mac, &[0; 4], &[0; 6], &self.ip.octets()];
        let mut frame = [0; LENGTH];
        frame.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
        frame
    }

    /// Waits for a station that says that the address is its own.
    fn is_answered(&self, end: Instant) -> bool {
        let mut buffer = [0; 2 * LENGTH];
        loop {
            let left = end.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            if self.socket.set_read_timeout(Some(left)).is_err() {
                return false;
            }
            match (&self.socket).read(&mut buffer) {
                Ok(length) if self.is_claimed_by(&buffer[..length]) => return true,
                Err(error) if error.kind() != ErrorKind::Interrupted => return false,
                _ if Instant::now() >= end => return false,
                _ => {}
            }
        }
    }

    /// Says whether a frame comes from another station that has the address.
    fn is_claimed_by(&self, frame: &[u8]) -> bool {
        let sender = frame.get(HEADER + 8..HEADER + 14);
        let address = frame.get(HEADER + 14..HEADER + 18);
        frame.get(HEADER..HEADER + 6) == Some(&FORM)
            && sender.is_some_and(|it| it != self.mac)
            && address == Some(&self.ip.octets())
    }

    fn said(&self) -> String {
        format!("a station on {} has {} already", self.name, self.ip)
    }
}
