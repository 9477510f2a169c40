//! Routes, and where each leads.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::STATIC;
use crate::artifact::{Route, RouteType};
use crate::value::InterfaceName;

/// Protocol of what the kernel gives by itself: `RTPROT_KERNEL`.
pub const KERNEL: u8 = 2;

/// A route.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObservedRoute {
    /// Number of the table; 254 is `main`, 255 `local`.
    pub table: u32,
    /// `RTPROT_*`: 2 kernel, 3 boot, 4 static, 11 zebra, 12 bird, 186 bgp.
    pub protocol: u8,
    /// Link it leaves over, where it is one.
    pub device: Option<String>,
    /// Destination; a default route's has a prefix of length 0 and the family's zero address.
    pub to: IpNet,
    /// Gateway.
    pub via: Option<IpAddr>,
    /// Priority; 0 where none was given.
    pub metric: u32,
    /// Everything else that tells it from others, as text: type, scope, nexthops, source.
    pub rest: String,
}

impl ObservedRoute {
    /// Returns what the kernel makes of a route over a link.
    #[must_use]
    pub fn made_of(route: &Route, device: &InterfaceName) -> Self {
        let unicast = route.kind == RouteType::Unicast;
        let source = route.preferred_source.map_or_else(String::new, |it| format!(" src {it}"));
        Self {
            table: route.table,
            protocol: STATIC,
            device: unicast.then(|| device.to_string()),
            to: route.network(),
            via: route.via,
            metric: route.priority(),
            rest: format!("{}{source}", route.kind.word()),
        }
    }

    /// Says whether it is a route that hostwright gave to a link.
    #[must_use]
    pub fn is(&self, route: &Route, device: &InterfaceName) -> bool {
        let over = self.device.as_deref();
        let device = match route.kind {
            RouteType::Unicast => over == Some(device.as_str()),
            // The kernel shows IPv6 routes that lead nowhere over the loopback device.
            _ => over.is_none_or(|it| it == "lo"),
        };
        device
            && self.to == route.network()
            && self.table == route.table
            && self.protocol == STATIC
            && self.via == route.via
            && self.kind() == route.kind.word()
            && route.metric.is_none_or(|it| it == self.metric)
            && self.source() == route.preferred_source
    }

    /// Returns the word for what becomes of packets: `unicast`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.rest.split(' ').next().unwrap_or_default()
    }

    /// Returns the source address of packets that the host itself sends; absent: the kernel chooses.
    #[must_use]
    pub fn source(&self) -> Option<IpAddr> {
        self.rest.split(' ').skip_while(|it| *it != "src").nth(1)?.parse().ok()
    }

    /// Returns its nexthops as text where it has many; else nothing.
    fn nexthops(&self) -> &str {
        let (_, behind) = self.rest.split_once("nexthops [").unwrap_or_default();
        behind.split(']').next().unwrap_or_default()
    }

    /// Returns the links that it leaves over.
    #[must_use]
    pub fn devices(&self) -> BTreeSet<&str> {
        let words = self.nexthops().split(' ');
        let behind = words.clone().skip(1);
        let of_many = words.zip(behind).filter(|it| it.0 == "dev").map(|it| it.1);
        self.device.as_deref().into_iter().chain(of_many).collect()
    }

    /// Says whether packets go the same way by both: over the same link to the same gateway.
    #[must_use]
    pub fn leads_as(&self, other: &Self) -> bool {
        self.device == other.device
            && self.via == other.via
            && self.kind() == other.kind()
            && self.nexthops() == other.nexthops()
    }
}

impl fmt::Display for ObservedRoute {
    /// Writes where it leads: `10.0.0.0/8 via 192.0.2.1 over eno1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind() != "unicast" {
            write!(f, "{} ", self.kind())?;
        }
        match self.to.prefix_len() {
            0 => f.write_str("default")?,
            _ => write!(f, "{}", self.to)?,
        }
        self.via.iter().try_for_each(|it| write!(f, " via {it}"))?;
        let devices: Vec<_> = self.devices().into_iter().collect();
        if devices.is_empty() { Ok(()) } else { write!(f, " over {}", devices.join(" and ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(device: Option<&str>, rest: &str) -> ObservedRoute {
        ObservedRoute {
            table: 254,
            protocol: 12,
            device: device.map(str::to_owned),
            to: "10.0.0.0/8".parse().expect("a network"),
            via: device.and("192.0.2.1".parse().ok()),
            metric: 32,
            rest: rest.to_owned(),
        }
    }

    #[test]
    fn a_route_leaves_over_the_links_of_all_its_nexthops() {
        let many = "unicast scope global nexthops [via 192.0.2.1 dev eno1 weight 1; via 198.51.100.1 dev eno2 weight 1]";
        assert_eq!(route(None, many).devices(), ["eno1", "eno2"].into());
        assert_eq!(route(None, many).to_string(), "10.0.0.0/8 over eno1 and eno2");
        assert_eq!(route(Some("eno1"), "unicast").to_string(), "10.0.0.0/8 via 192.0.2.1 over eno1");
        assert_eq!(route(None, "blackhole").to_string(), "blackhole 10.0.0.0/8");
        assert!(!route(None, many).leads_as(&route(None, &many.replace("eno2", "eno3"))));
        assert!(!route(Some("eno1"), "unicast").leads_as(&route(Some("eno2"), "unicast")));
        assert!(route(Some("eno1"), "unicast").leads_as(&route(Some("eno1"), "unicast src 192.0.2.2")));
    }

    #[test]
    fn a_source_is_read_from_the_rest() {
        assert_eq!(route(None, "unicast src 192.0.2.2 pref 0").source(), "192.0.2.2".parse().ok());
        assert_eq!(route(None, "unicast scope global").source(), None);
    }
}
