//! Keys of `[dummy.NAME]`.

use crate::keys;
use crate::render::LinkSettings;
use crate::value::Mac;

keys! {
    /// `[dummy.NAME]`: a link without a wire called NAME, for addresses that no cable takes away.
    pub struct DummySpec {
        /// MAC address. `MACAddress=`, systemd.netdev(5).
        ///
        /// Absent: derived from site, host and name, the same live and after a boot.
        #[also("mac-address", "hwaddress")]
        optional mac: Mac,
        block settings: LinkSettings,
    }
}
