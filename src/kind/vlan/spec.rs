//! Keys of `[vlan.NAME]`.

use crate::keys;
use crate::render::LinkSettings;
use crate::spec::LinkName;
use crate::value::VlanId;

keys! {
    /// `[vlan.NAME]`: an IEEE 802.1Q VLAN device called NAME. It has its parent's MAC address.
    pub struct VlanSpec {
        /// Tag on the wire, 1 to 4094. `Id=`, systemd.netdev(5).
        required id: VlanId,
        /// Link that carries the tagged frames.
        required parent: LinkName,
        block settings: LinkSettings,
    }
}
