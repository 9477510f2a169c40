//! Keys of `[nic.NAME]`.

use crate::keys;
use crate::render::LinkSettings;
use crate::value::{Mac, PciPath};

keys! {
    /// `[nic.NAME]`: a network card; NAME is its kernel name.
    pub struct NicSpec {
        /// Hardware that must bear the name; another one is an error before anything is changed.
        ///
        /// Absent: whatever bears the name.
        optional expect: MatchSpec as "match",
        block settings: LinkSettings,
    }
}

keys! {
    /// What a network card is known by.
    pub struct MatchSpec {
        /// Permanent MAC address. Absent: not asked.
        optional mac: Mac,
        /// udev's `ID_PATH`, as `udevadm info` shows it. Absent: not asked.
        optional path: PciPath,
    }
}
