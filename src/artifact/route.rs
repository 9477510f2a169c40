//! Routes, rules of policy routing and neighbors that hostwright gives to a link.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::value::{Destination, Mac};

/// Number of the table `main`.
pub const MAIN_TABLE: u32 = 254;

/// Attribute of a VRF's kernel state that has the number of its table: `IFLA_VRF_TABLE`.
pub const VRF_TABLE: u16 = 1;

/// What the kernel makes of an IPv6 route without a metric: `IP6_RT_PRIO_USER`.
pub const IPV6_METRIC: u32 = 1024;

/// What the kernel gives the IPv6 route to an address's own network: `IP6_RT_PRIO_ADDRCONF`.
pub const IPV6_CONNECTED_METRIC: u32 = 256;

/// What becomes of packets on a route. `Type=` of `[Route]`, systemd.network(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RouteType {
    /// They go on.
    Unicast,
    /// They vanish.
    Blackhole,
    /// The sender hears that nobody is there.
    Unreachable,
    /// The sender hears that it may not.
    Prohibit,
    /// The next rule decides.
    Throw,
}

impl RouteType {
    /// Returns networkd's and iproute2's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unicast => "unicast",
            Self::Blackhole => "blackhole",
            Self::Unreachable => "unreachable",
            Self::Prohibit => "prohibit",
            Self::Throw => "throw",
        }
    }
}

/// A static route, protocol `static`. One that is not unicast leads over no link.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Route {
    /// Where it leads; `default` is of the family of gateway or source, else IPv4.
    pub to: Destination,
    /// Gateway; absent: the destination is on the link.
    pub via: Option<IpAddr>,
    /// Whether the gateway is taken to be on the link, though no address reaches it.
    pub on_link: bool,
    /// Priority, lower first; absent: the kernel's default.
    pub metric: Option<u32>,
    /// Number of the table.
    pub table: u32,
    /// What becomes of packets.
    pub kind: RouteType,
    /// Source address of packets that the host itself sends; absent: the kernel chooses.
    pub preferred_source: Option<IpAddr>,
}

impl Route {
    /// Returns the destination with its family.
    #[must_use]
    pub fn network(&self) -> IpNet {
        match (self.to, self.via.or(self.preferred_source)) {
            (Destination::Network(net), _) => net,
            (Destination::Default, Some(IpAddr::V6(_))) => IpNet::V6(ipnet::Ipv6Net::default()),
            (Destination::Default, _) => IpNet::V4(ipnet::Ipv4Net::default()),
        }
    }

    /// Returns the metric with the kernel's default.
    #[must_use]
    pub fn priority(&self) -> u32 {
        let default = if self.network().addr().is_ipv6() { IPV6_METRIC } else { 0 };
        self.metric.unwrap_or(default)
    }

    /// Says whether the kernel has one of both alone: destination, table and metric are the same.
    #[must_use]
    pub fn excludes(&self, other: &Self) -> bool {
        let key = |it: &Self| (it.network(), it.table, it.priority());
        key(self) == key(other)
    }
}

/// A rule of policy routing that looks up a table, protocol `static`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rule {
    /// Order among all rules, lower first.
    pub priority: u32,
    /// Source that it holds for; absent: all.
    pub from: Option<IpNet>,
    /// Destination that it holds for; absent: all.
    pub to: Option<IpNet>,
    /// Number of the table that is looked up.
    pub table: u32,
}

impl Rule {
    /// Says whether it is one of IPv4; one end is always there.
    #[must_use]
    pub fn is_ipv4(&self) -> bool {
        self.from.or(self.to).is_none_or(|it| it.addr().is_ipv4())
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:", self.priority)?;
        self.from.iter().try_for_each(|it| write!(f, " from {it}"))?;
        self.to.iter().try_for_each(|it| write!(f, " to {it}"))?;
        write!(f, " table {}", self.table)
    }
}

/// A station whose hardware address is given instead of asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Neighbor {
    /// Its address.
    pub address: IpAddr,
    /// Its MAC address.
    pub link_layer_address: Mac,
}
