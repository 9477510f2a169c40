//! Keys of `[macvlan.NAME]`.

use crate::keys;
use crate::render::{LinkSettings, MacvlanMode};
use crate::spec::LinkName;
use crate::value::Mac;

keys! {
    /// `[macvlan.NAME]`: a macvlan device called NAME. Guests with macvtap devices reach the host over one.
    pub struct MacvlanSpec {
        /// Link below.
        #[also("link", "device", "interface", "source")]
        required parent: LinkName,
        /// How frames are delivered. `Mode=`, systemd.netdev(5).
        ///
        /// `bridge` delivers between the devices of a parent and to the wire; the kernel's own default,
        /// `vepa`, needs a switch that sends frames back.
        default mode: MacvlanMode = "\"bridge\"",
        /// MAC address. `MACAddress=`, systemd.netdev(5).
        ///
        /// Absent: derived from site, host and name, the same live and after a boot.
        #[also("mac-address", "hwaddress")]
        optional mac: Mac,
        block settings: LinkSettings,
    }
}
