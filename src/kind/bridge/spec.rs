//! Keys of `[bridge.NAME]`.

use crate::keys;
use crate::render::LinkSettings;
use crate::spec::LinkName;
use crate::value::{Mac, TimeSpan, VlanId, VlanRange};

keys! {
    /// `[bridge.NAME]`: a bridge called NAME, a switch in the kernel.
    pub struct BridgeSpec {
        /// Links that are its ports; they have no addresses of their own. `Bridge=`, systemd.network(5).
        ///
        /// Guests' and containers' interfaces become ports by themselves.
        #[also("interfaces", "slaves", "members", "links", "bridge-ports")]
        #[unlike("parameters" => "what stands in it stands in the table of the bridge itself")]
        list ports: LinkName,
        /// What single ports do otherwise; NAME is one of `ports`.
        named port: PortSpec,
        /// Whether it speaks the spanning tree protocol. `STP=`, systemd.netdev(5).
        #[also("bridge-stp")]
        default stp: bool = "false",
        /// Priority in the spanning tree, 1 to 65535, lower first. `Priority=`, systemd.netdev(5).
        ///
        /// Absent: 32768.
        optional priority: u32,
        /// How long a port listens and learns before it forwards, with the spanning tree protocol.
        /// `ForwardDelaySec=`, systemd.netdev(5).
        #[also("forward-delay", "bridge-fd")]
        default forward_delay_sec: TimeSpan = "\"15s\"",
        /// How long a station is remembered. `AgeingTimeSec=`, systemd.netdev(5).
        #[also("ageing-time", "aging-time")]
        default ageing_time_sec: TimeSpan = "\"5min\"",
        /// Whether multicast goes only where it was asked for. `MulticastSnooping=`, systemd.netdev(5).
        default multicast_snooping: bool = "true",
        /// Whether each port passes only the VLANs that it is given. `VLANFiltering=`, systemd.netdev(5).
        ///
        /// The host itself takes part in those VLANs for which it has a `[vlan.NAME]` on the bridge. A port without
        /// `vlans` and `pvid` passes nothing: there is no default VLAN, `DefaultPVID=none`.
        #[also("bridge-vlan-aware", "vlan-aware")]
        default vlan_filtering: bool = "false",
        /// MAC address. `MACAddress=`, systemd.netdev(5).
        ///
        /// Absent: derived from site, host and name, the same live and after a boot.
        #[also("mac-address", "hwaddress")]
        optional mac: Mac,
        block settings: LinkSettings,
    }
}

keys! {
    /// A port of a bridge that filters VLANs. `[BridgeVLAN]`, systemd.network(5).
    pub struct PortSpec {
        /// VLANs that pass with their tags: numbers and ranges. `VLAN=`, systemd.network(5).
        #[also("vlan", "vids", "bridge-vids")]
        list vlans: VlanRange,
        /// VLAN of frames without a tag, which leave without one, too. `PVID=` and `EgressUntagged=`, systemd.network(5).
        ///
        /// Absent: such frames are dropped.
        #[also("bridge-pvid", "native-vlan")]
        optional pvid: VlanId,
    }
}
