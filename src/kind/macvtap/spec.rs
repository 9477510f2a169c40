//! Keys of `[macvtap.NAME]`.

use crate::artifact::MacvtapMode;
use crate::render::LinkSettings;
use crate::spec::LinkName;
use crate::value::Mac;
use crate::{keys, words};

words!(MacvtapMode {
    "bridge" => Self::Bridge,
    "private" => Self::Private,
    "vepa" => Self::Vepa,
    "passthru" => Self::Passthru,
});

keys! {
    /// `[macvtap.NAME]`: a macvtap device called NAME. Guests of libvirt get theirs by a network.
    pub struct MacvtapSpec {
        /// Link below.
        required parent: LinkName,
        /// How frames are delivered. `Mode=`, systemd.netdev(5).
        ///
        /// `bridge` delivers between the taps of a parent and to the wire; the kernel's own default,
        /// `vepa`, needs a switch that sends frames back.
        default mode: MacvtapMode = "\"bridge\"",
        /// MAC address. `MACAddress=`, systemd.netdev(5).
        ///
        /// Absent: derived from site, host and name, the same live and after a boot.
        optional mac: Mac,
        block settings: LinkSettings,
    }
}
