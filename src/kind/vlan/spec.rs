//! Keys of `[vlan.NAME]`.

use crate::keys;
use crate::render::LinkSettings;
use crate::spec::LinkName;
use crate::value::{QosMap, VlanId};

keys! {
    /// `[vlan.NAME]`: an IEEE 802.1Q VLAN device called NAME. It has its parent's MAC address.
    pub struct VlanSpec {
        /// Tag on the wire, 1 to 4094. `Id=`, systemd.netdev(5).
        #[also("tag", "vlan", "vlan-id")]
        required id: VlanId,
        /// Link that carries the tagged frames.
        #[also("link", "device", "raw-device", "interface", "master")]
        required parent: LinkName,
        /// Priority in the tag for each of the kernel's: `FROM-TO`. `EgressQOSMaps=`, systemd.netdev(5).
        ///
        /// Absent: 0 for all. From systemd 248 on.
        list egress_qos_maps: QosMap,
        /// The kernel's priority for each in the tag: `FROM-TO`. `IngressQOSMaps=`, systemd.netdev(5).
        ///
        /// Absent: 0 for all. From systemd 248 on.
        list ingress_qos_maps: QosMap,
        block settings: LinkSettings,
    }
}
