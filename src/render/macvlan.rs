//! macvlan and macvtap devices, which differ in their word alone.

use std::fmt;

use crate::artifact::{Device, Setting};
use crate::lower::Delivery;
use crate::observed::Observed;
use crate::spec::{TableText, Word};
use crate::value::InterfaceName;
use crate::words;

/// How a macvlan or macvtap device delivers frames. `Mode=` of `[MACVLAN]`, systemd.netdev(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MacvlanMode {
    /// Between all devices of a parent, and to the wire.
    Bridge,
    /// To the wire alone; never between devices of a parent.
    Private,
    /// To the wire; a switch with hairpin sends back.
    Vepa,
    /// One device has the whole parent.
    Passthru,
}

words!(MacvlanMode {
    "bridge" => Self::Bridge,
    "private" => Self::Private,
    "vepa" => Self::Vepa,
    "passthru" | "passthrough" => Self::Passthru,
});

/// `IFLA_MACVLAN_MODE`.
const MODE: u16 = 1;

impl MacvlanMode {
    /// Returns the bit of `enum macvlan_mode`.
    const fn bit(self) -> u32 {
        match self {
            Self::Private => 1,
            Self::Vepa => 2,
            Self::Bridge => 4,
            Self::Passthru => 8,
        }
    }
}

impl MacvlanMode {
    /// Says whether devices of one parent reach each other.
    #[must_use]
    pub const fn delivery(self) -> Delivery {
        match self {
            Self::Bridge => Delivery::Joined,
            Self::Private | Self::Vepa => Delivery::Apart,
            Self::Passthru => Delivery::Whole,
        }
    }
}

impl fmt::Display for MacvlanMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Has a device answer for its own addresses alone. Left to itself the kernel answers for the parent's, too: stations
/// would know those by the device's MAC address, and lose them when it goes. `arp_ignore`, `arp_announce`, ip-sysctl.
pub const ANSWERS_FOR_ITSELF: &[(&str, &str)] = &[("arp_announce", "2"), ("arp_ignore", "1")];

/// Describes a device of kind `macvlan` or `macvtap`.
#[must_use]
pub fn macvlan_device(kind: &str, parent: &InterfaceName, mode: MacvlanMode) -> Device {
    Device {
        kind: kind.to_owned(),
        parent: Some(parent.clone()),
        parent_key: kind.to_uppercase(),
        section: kind.to_uppercase(),
        settings: vec![Setting::fixed("Mode", mode, MODE, mode.bit())],
        summary: format!("{mode} on {parent}"),
    }
}

/// Writes a device of kind `macvlan` or `macvtap` to its table; absent: the link is none.
pub fn import_macvlan(kind: &str, name: &str, seen: &Observed, table: &mut TableText) -> Option<()> {
    let link = seen.link_of_kind(name, kind)?;
    let bit = link.number(MODE)?;
    let mode = MacvlanMode::VALUES.iter().find(|it| it.bit() == bit)?;
    table.text("parent", link.parent.as_ref()?);
    table.text("mode", mode);
    Some(())
}
