//! Echo requests to BGP peers and gateways.

use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use hostwright::observed::{Flow, FlowKind};
use hostwright::value::is_link_local;
use nix::net::if_::if_nametoindex;

use super::{SMALL, TRIES};
use crate::machine::echo::Asked;

/// Time for which an answer is awaited.
const TRY: Duration = Duration::from_secs(1);
/// Bytes of IP and ICMP headers around the payload of an echo request.
const HEADERS: [u32; 2] = [28, 48];
/// MTU where a link does not tell its own.
const USUAL: u32 = 1500;

/// How long a packet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    /// As long as the links allow that it leaves over.
    Full,
    /// As short as every path carries it: longer ones did not get through from the beginning.
    Small,
}

/// Echo requests from an address on a link to a neighbour.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    from: IpAddr,
    to: IpAddr,
    /// Link that has the address.
    device: String,
    /// VRF of that link; absent: it is in none.
    vrf: Option<String>,
    /// Links that packets leave over: another one where the address is on `lo`.
    over: BTreeSet<String>,
    /// Longest packet that is sent: where a link gets longer ones, a way of several hops does not.
    longest: u32,
    size: Size,
}

impl Reach {
    /// Makes full-sized ones between two addresses, of which a link has the first.
    pub(crate) fn new([from, to]: [IpAddr; 2], vrf: Option<String>, device: String) -> Self {
        Self { from, to, over: [device.clone()].into(), device, vrf, longest: u32::MAX, size: Size::Full }
    }

    /// Says in words what is tried.
    pub(super) fn words(&self) -> String {
        let size = if self.size == Size::Small { "small" } else { "full-sized" };
        format!("{size} packets from {} to {} over {}", self.from, self.to, self.device)
    }

    /// Goes on with small packets; says whether it did not before.
    pub(super) fn becomes_small(&mut self) -> bool {
        std::mem::replace(&mut self.size, Size::Small) == Size::Full
    }

    /// Returns what the kernel is asked for the route of.
    pub(crate) fn flow(&self) -> Flow {
        let link = if is_link_local(self.to) { Some(&self.device) } else { self.vrf.as_ref() };
        let bound = link.and_then(|it| if_nametoindex(it.as_str()).ok()).unwrap_or_default();
        Flow::new(FlowKind::Session, self.from, self.to, bound)
    }

    /// Goes on over other links, or the same.
    pub(crate) fn leaves_over(&mut self, over: BTreeSet<String>, sys: &Path) {
        self.over = over;
        if !self.over.contains(&self.device) {
            self.longest = self.mtu(sys);
        }
    }

    /// Goes on in the VRF that its link is in now, or in none: a step may take the link out of it.
    pub(crate) fn goes_by(&mut self, vrf: impl FnOnce(&str) -> Option<String>) {
        self.vrf = vrf(&self.device);
    }

    /// Returns the VRF that packets go by; absent: none.
    #[cfg(test)]
    pub(crate) fn vrf(&self) -> Option<&str> {
        self.vrf.as_deref()
    }

    /// Tries it.
    pub(super) fn works(&self) -> bool {
        let size = if self.size == Size::Small { SMALL } else { self.payload(Path::new("/sys")) };
        let (from, device) = (Some(self.from), Some(self.device.as_str()));
        let asked = Asked { from, to: self.to, device, vrf: self.vrf.as_deref(), size };
        (0..TRIES).any(|_| asked.answers(TRY))
    }

    /// Returns the payload of an echo request that fills a packet: on some of its ways another one might be longer.
    fn payload(&self, sys: &Path) -> u32 {
        self.mtu(sys).saturating_sub(HEADERS[usize::from(self.to.is_ipv6())])
    }

    fn mtu(&self, sys: &Path) -> u32 {
        let mtu = |link: &String| {
            let text = fs::read_to_string(sys.join("class/net").join(link).join("mtu")).ok()?;
            text.trim().parse::<u32>().ok()
        };
        self.over.iter().filter_map(mtu).min().unwrap_or(USUAL).min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_as_long_as_the_links_allow_that_it_leaves_over() {
        let sys = tempfile::tempdir().expect("a folder");
        for (link, mtu) in [("lo", "65536\n"), ("eno1", "9000\n"), ("eno2", "1400\n")] {
            let link = sys.path().join("class/net").join(link);
            fs::create_dir_all(&link).expect("made");
            fs::write(link.join("mtu"), mtu).expect("written");
        }
        let ends = ["192.0.2.2", "192.0.2.9"].map(|it| it.parse().expect("an address"));
        let mut reach = Reach::new(ends, None, "lo".to_owned());
        let mut payload = |over: &[&str]| {
            reach.leaves_over(over.iter().map(|it| (*it).to_owned()).collect(), sys.path());
            reach.payload(sys.path())
        };
        assert_eq!(payload(&["eno1"]), 8972);
        assert_eq!(payload(&["gone"]), 1472);
        assert_eq!(payload(&["eno1", "eno2"]), 1372);
        assert_eq!(payload(&["eno1"]), 1372, "the hops behind it have no longer ones for that");
    }
}
