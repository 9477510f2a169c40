//! The part of the table that is about the kernel, and about networkd when the kernel was told something beside it.

use super::rows::ALL;
use super::{Holds, Operation, Row};
use crate::value::Harm;

/// The rows.
pub(super) const ROWS: &[Row] = &[
    Row {
        operations: &[Operation::NetlinkLoaded],
        versions: ALL,
        holds: Holds::Loaded,
        harm: Harm::Links,
        why: "with the next carrier networkd gives the link again what its file says, beside what the kernel was told",
        remedy: Some("change the file too, and have networkd read it where a reload is harmless"),
        source: "measured on 252 and 257",
    },
    Row {
        operations: &[Operation::ReloadWithoutReconfigure],
        versions: ALL,
        holds: Holds::UnreadFile,
        harm: Harm::Links,
        why: "with its next carrier networkd gives a link what the file says that it has read meanwhile",
        remedy: None,
        source: "networkd-link.c `link_carrier_gained`",
    },
    Row {
        operations: &[Operation::Delete],
        versions: ALL,
        holds: Holds::ForeignLinks,
        harm: Harm::Links,
        why: "the kernel deletes what others built on the link along with it, and frees its ports",
        remedy: Some("stop the guests and containers that use it"),
        source: "rtnetlink.c `rtnl_delete_link`, macvlan.c and 8021q/vlan.c on `NETDEV_UNREGISTER`; measured with libvirt's macvtaps",
    },
    Row {
        operations: &[Operation::ChangeFunctions],
        versions: ALL,
        holds: Holds::Functions,
        harm: Harm::Guests,
        why: "the kernel takes a new number only behind 0: all virtual functions go, from guests too",
        remedy: Some("a boot makes the number that the spec gives before anybody uses one"),
        source: "pci-sysfs, `sriov_numvfs_store`",
    },
    Row {
        operations: &[Operation::CarrierBlip],
        versions: ALL,
        holds: Holds::Always,
        harm: Harm::Sessions,
        why: "routing daemons reset a session whose link loses its carrier",
        remedy: None,
        source: "measured with BIRD on 247, 252, 257, 262",
    },
];
