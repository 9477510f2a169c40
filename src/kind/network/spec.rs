//! Keys of `[network.NAME]`.

use crate::keys;
use crate::spec::LinkName;
use crate::value::{UuidText, VlanId};

keys! {
    /// `[network.NAME]`: a libvirt network called NAME; guests name it instead of a link of the host. Exactly one key.
    pub struct NetworkSpec {
        /// UUID in its usual writing. libvirt's `network/uuid`.
        ///
        /// Absent: derived from site, host and name. To adopt a network that is there, it must be that one's.
        optional uuid: UuidText,
        /// Guests get macvtap devices in bridge mode on a link. libvirt's `network/forward[@mode='bridge']`.
        #[unlike(
            "forward" => "a network is one of `macvtap`, `bridge`, `sr-iov`: none does NAT",
            "ip" => "the network of the guests has no address of the host: that stands in a link"
        )]
        optional macvtap: MacvtapNetworkSpec,
        /// Guests get ports of a bridge. libvirt's `network/bridge`.
        optional bridge: BridgeNetworkSpec,
        /// Guests get virtual functions of a network card. libvirt's `network/forward[@mode='hostdev']`.
        optional sr_iov: SriovNetworkSpec,
    }
}

keys! {
    /// A network of macvtap devices.
    pub struct MacvtapNetworkSpec {
        /// Link below: a network card or a VLAN.
        #[also("link", "dev", "interface")]
        #[unlike("mode" => "take it out: devices of guests are in mode `bridge`")]
        required parent: LinkName,
    }
}

keys! {
    /// A network of ports of a bridge.
    pub struct BridgeNetworkSpec {
        /// The bridge: a `[bridge.NAME]`.
        required name: LinkName,
    }
}

keys! {
    /// A network of virtual functions.
    pub struct SriovNetworkSpec {
        /// Network card whose virtual functions guests get; it has some. libvirt's `forward/pf/@dev`.
        #[also("parent", "link", "dev")]
        required pf: LinkName,
        /// VLAN of the guests, set in the card. libvirt's `network/vlan/tag/@id`.
        ///
        /// Absent: none.
        optional vlan: VlanId,
    }
}
