//! Keys of `[vrf.NAME]`.

use crate::keys;
use crate::render::LinkSettings;
use crate::spec::LinkName;
use crate::value::Mac;

keys! {
    /// `[vrf.NAME]`: a VRF device called NAME. Its ports keep their addresses; their routes go to its table.
    pub struct VrfSpec {
        /// Number of the table, none of the kernel's own 253 to 255. `Table=`, systemd.netdev(5).
        #[also("vrf-table")]
        required table: u32,
        /// Links whose routes go to the table. `VRF=`, systemd.network(5).
        #[also("interfaces", "slaves", "members", "links")]
        list ports: LinkName,
        /// MAC address. `MACAddress=`, systemd.netdev(5).
        ///
        /// Absent: derived from site, host and name, the same live and after a boot.
        #[also("mac-address", "hwaddress")]
        optional mac: Mac,
        block settings: LinkSettings,
    }
}
