//! Keys of `[bond.NAME]`.

use std::net::Ipv4Addr;

use crate::render::LinkSettings;
use crate::spec::LinkName;
use crate::value::{Mac, TimeSpan};
use crate::{keys, words};

/// How ports share the traffic. `Mode=` of `[Bond]`, systemd.netdev(5); `bonding` of the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Mode {
    /// One packet after the other over the ports in turn.
    BalanceRr,
    /// One port at a time.
    ActiveBackup,
    /// By a hash of the addresses.
    BalanceXor,
    /// Each packet over all ports.
    Broadcast,
    /// LACP, IEEE 802.1AX.
    Lacp,
    /// Outgoing by load.
    BalanceTlb,
    /// Both ways by load.
    BalanceAlb,
}

words!(Mode {
    "balance-rr" | "round-robin" | "0" => Self::BalanceRr,
    "active-backup" | "failover" | "1" => Self::ActiveBackup,
    "balance-xor" | "iphash" | "2" => Self::BalanceXor,
    "broadcast" | "3" => Self::Broadcast,
    "802.3ad" | "lacp" | "4" => Self::Lacp,
    "balance-tlb" | "5" => Self::BalanceTlb,
    "balance-alb" | "6" => Self::BalanceAlb,
});

/// How often the partner is asked to send. `LACPTransmitRate=`, systemd.netdev(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum LacpRate {
    /// Every 30 seconds.
    Slow,
    /// Every second.
    Fast,
}

words!(LacpRate { "slow" => Self::Slow, "fast" => Self::Fast, });

/// What decides over which port a packet goes. `TransmitHashPolicy=`, systemd.netdev(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum HashPolicy {
    /// MAC addresses.
    Layer2,
    /// IP addresses and ports.
    Layer34,
    /// MAC and IP addresses.
    Layer23,
    /// MAC and IP addresses inside a tunnel.
    Encap23,
    /// IP addresses and ports inside a tunnel.
    Encap34,
}

words!(HashPolicy {
    "layer2" => Self::Layer2,
    "layer3+4" => Self::Layer34,
    "layer2+3" => Self::Layer23,
    "encap2+3" => Self::Encap23,
    "encap3+4" => Self::Encap34,
});

keys! {
    /// `[bond.NAME]`: a bond device called NAME, several links as one.
    pub struct BondSpec {
        /// How ports share the traffic. `Mode=`, systemd.netdev(5).
        ///
        /// `802.3ad` needs a switch that speaks LACP; `active-backup` needs nothing.
        #[unlike("parameters" => "what stands in it stands in the table of the bond itself")]
        required mode: Mode,
        /// Links that are bonded; they have no addresses of their own. `Bond=`, systemd.network(5).
        #[also("interfaces", "slaves", "members", "links")]
        list ports: LinkName,
        /// Port that is used whenever it works, in the modes `active-backup`, `balance-tlb` and `balance-alb`.
        /// `PrimarySlave=`, systemd.network(5).
        ///
        /// Absent: the one that works stays.
        #[also("primary-slave")]
        optional primary: LinkName,
        /// How often the partner is asked to send, in mode `802.3ad`. `LACPTransmitRate=`, systemd.netdev(5).
        ///
        /// Absent: `slow`.
        #[also("lacp-rate")]
        optional lacp_transmit_rate: LacpRate,
        /// What decides over which port a packet goes, in the modes `balance-xor`, `802.3ad` and `balance-tlb`.
        /// `TransmitHashPolicy=`, systemd.netdev(5).
        ///
        /// Absent: `layer3+4`. The kernel's own default, `layer2`, sends everything to one gateway over one port.
        #[also("xmit-hash-policy")]
        optional transmit_hash_policy: HashPolicy,
        /// Ports that must work for the bond to have a carrier. `MinLinks=`, systemd.netdev(5).
        ///
        /// Absent: one.
        optional min_links: u32,
        /// How often the carriers of the ports are looked at. `MIIMonitorSec=`, systemd.netdev(5).
        ///
        /// Absent: `100ms`; never where `arp-ip-targets` are asked instead.
        #[also("mii-monitor-interval", "miimon")]
        optional mii_monitor_sec: TimeSpan,
        /// How long a carrier must be there before its port is used. `UpDelaySec=`, systemd.netdev(5).
        ///
        /// Absent: at once.
        #[also("up-delay")]
        optional up_delay_sec: TimeSpan,
        /// How long a carrier must be gone before its port is left. `DownDelaySec=`, systemd.netdev(5).
        ///
        /// Absent: at once.
        #[also("down-delay")]
        optional down_delay_sec: TimeSpan,
        /// How often the targets are asked. `ARPIntervalSec=`, systemd.netdev(5).
        ///
        /// Absent: every second, where there are targets.
        #[also("arp-interval")]
        optional arp_interval_sec: TimeSpan,
        /// Stations that are asked by ARP over each port, 16 at most. `ARPIPTargets=`, systemd.netdev(5).
        #[also("arp-ip-target")]
        list arp_ip_targets: Ipv4Addr,
        /// MAC address. `MACAddress=`, systemd.netdev(5).
        ///
        /// Absent: derived from site, host and name, the same live and after a boot.
        #[also("mac-address", "hwaddress")]
        optional mac: Mac,
        block settings: LinkSettings,
    }
}
