//! Keys of `[nic.NAME]`.

use crate::render::LinkSettings;
use crate::source::Located;
use crate::value::{Mac, PciPath, VlanId};
use crate::{keys, words};

/// What wakes a host that is off. `WakeOnLan=`, systemd.link(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// Nothing.
    Off,
    /// The cable.
    Phy,
    /// Frames to its own address.
    Unicast,
    /// Frames to groups.
    Multicast,
    /// Frames to all.
    Broadcast,
    /// Questions for its address.
    Arp,
    /// The packet that is made for it.
    Magic,
}

words!(Wake {
    "off" => Self::Off,
    "phy" => Self::Phy,
    "unicast" => Self::Unicast,
    "multicast" => Self::Multicast,
    "broadcast" => Self::Broadcast,
    "arp" => Self::Arp,
    "magic" => Self::Magic,
});

/// Carrier that a virtual function shows. `LinkState=`, systemd.link(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// The card's own.
    Auto,
    /// Always there.
    Yes,
    /// Never there.
    No,
}

words!(LinkState { "auto" => Self::Auto, "yes" => Self::Yes, "no" => Self::No, });

keys! {
    /// `[nic.NAME]`: a network card; NAME is its kernel name.
    pub struct NicSpec {
        /// Hardware that must bear the name; another one is an error before anything is changed.
        ///
        /// Absent: whatever bears the name.
        optional expect: MatchSpec as "match",
        /// Whether the card that `match` knows gets this name at boot. `Name=`, systemd.link(5).
        #[unlike("set-name" => "the table has the name of its card: `rename = true` gives it to the card that `match` knows")]
        default rename: bool = "false",
        /// What wakes the host when it is off. `WakeOnLan=`, systemd.link(5).
        ///
        /// Absent: what the driver does. Needs `match`, like all that udev sets; takes effect at boot.
        #[also("wol")]
        list wake_on_lan: Wake,
        /// Whether the card checks sums of what it receives. `ReceiveChecksumOffload=`, systemd.link(5).
        ///
        /// Absent: what the driver does. Takes effect at boot.
        optional receive_checksum_offload: bool,
        /// Whether the card makes sums of what it sends. `TransmitChecksumOffload=`, systemd.link(5).
        ///
        /// Absent: what the driver does. Takes effect at boot.
        optional transmit_checksum_offload: bool,
        /// Whether the card divides TCP over IPv4. `TCPSegmentationOffload=`, systemd.link(5).
        ///
        /// Absent: what the driver does. Takes effect at boot.
        optional tcp_segmentation_offload: bool,
        /// Whether the card divides TCP over IPv6. `TCP6SegmentationOffload=`, systemd.link(5).
        ///
        /// Absent: what the driver does. Takes effect at boot.
        optional tcp6_segmentation_offload: bool,
        /// Whether the kernel divides packets as late as it can. `GenericSegmentationOffload=`, systemd.link(5).
        ///
        /// Absent: what the driver does. Takes effect at boot.
        optional generic_segmentation_offload: bool,
        /// Whether the kernel joins packets of one stream. `GenericReceiveOffload=`, systemd.link(5).
        ///
        /// Absent: what the driver does. Takes effect at boot.
        optional generic_receive_offload: bool,
        /// Whether the card joins packets of one stream; not on a host that forwards. `LargeReceiveOffload=`, systemd.link(5).
        ///
        /// Absent: what the driver does. Takes effect at boot.
        optional large_receive_offload: bool,
        /// Number of virtual functions. `SR-IOVVirtualFunctions=`, systemd.link(5).
        ///
        /// Absent: as the driver has it, mostly none. Takes effect at boot; from systemd 251 on.
        #[also("sr-iov-virtual-functions", "virtual-function-count", "numvfs")]
        optional vfs: u32,
        /// `[nic.NAME.vf.N]`: a virtual function by its number, from 0 on. `[SR-IOV]`, systemd.link(5).
        ///
        /// Takes effect at boot; what changes for one that is there, at once where `links` may be disturbed.
        named vf: VfSpec,
        block settings: LinkSettings,
    }
}

keys! {
    /// What a network card is known by.
    pub struct MatchSpec {
        /// Permanent MAC address. Absent: not asked.
        #[also("mac-address", "permanent-mac-address", "hwaddr")]
        optional mac: Mac,
        /// udev's `ID_PATH`, as `udevadm info` shows it. Absent: not asked.
        #[also("id-path")]
        optional path: PciPath,
    }
}

impl MatchSpec {
    /// Returns what the card is known by, each a card's own.
    pub(super) fn names(&self) -> impl Iterator<Item = Located<String>> {
        let mac = self.mac.iter().map(|it| it.map(|it| it.to_string()));
        mac.chain(self.path.iter().map(|it| it.clone().map(|it| it.to_string())))
    }
}

keys! {
    /// A virtual function. What is not written is left to the driver.
    pub struct VfSpec {
        /// VLAN that the card puts its frames in. `VLANId=`, systemd.link(5). Absent: none.
        optional vlan: VlanId,
        /// Its MAC address. `MACAddress=`, systemd.link(5). Absent: the driver's.
        optional mac: Mac,
        /// Whether it may do what guests mostly may not: more addresses, all multicast. `Trust=`, systemd.link(5).
        optional trust: bool,
        /// Whether frames from other MAC addresses are dropped. `MACSpoofCheck=`, systemd.link(5).
        optional spoof_check: bool,
        /// Carrier that it shows. `LinkState=`, systemd.link(5). Absent: the driver's, mostly `auto`.
        optional link_state: LinkState,
    }
}
