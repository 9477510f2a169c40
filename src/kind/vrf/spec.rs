//! Keys of `[vrf.NAME]`.

use crate::keys;
use crate::render::LinkSettings;
use crate::spec::LinkName;

keys! {
    /// `[vrf.NAME]`: a VRF device called NAME. Its ports keep their addresses; their routes go to its table.
    pub struct VrfSpec {
        /// Number of the table, none of the kernel's own 253 to 255. `Table=`, systemd.netdev(5).
        required table: u32,
        /// Links whose routes go to the table. `VRF=`, systemd.network(5).
        list ports: LinkName,
        block settings: LinkSettings,
    }
}
