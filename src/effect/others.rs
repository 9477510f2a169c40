//! The part of the table that is about what others gave to a link, and about their routes that depend on its addresses.

use super::rows::{ALL, CONFIGURES_ANEW};
use super::{Holds, Operation, Row};
use crate::value::Harm;

use Holds::{
    ForeignAddress, ForeignMaster, ForeignNeighbor, RoutesByAddress, RoutesByPlainAddress,
    RoutesOnForeignMaster, SessionOnForeignAddress, SessionOnForeignMaster, SourceOnForeignAddress,
    StorageOnForeignAddress,
};

/// The rows.
pub(super) const ROWS: &[Row] = &[
    Row {
        operations: CONFIGURES_ANEW,
        versions: ALL,
        holds: ForeignAddress,
        harm: Harm::Links,
        why: "networkd deletes addresses that somebody else gave to the link",
        remedy: Some("write them in the spec, or let their owner put them on a link of his own"),
        source: "measured on 247, 252, 257, 262",
    },
    Row {
        operations: CONFIGURES_ANEW,
        versions: ALL,
        holds: SessionOnForeignAddress,
        harm: Harm::Sessions,
        why: "a BGP session speaks from an address that somebody else gave to the link, and ends when networkd deletes it",
        remedy: Some("write the address in the spec"),
        source: "as for static addresses that are taken away, measured with BIRD on 247, 252 and 254",
    },
    Row {
        operations: CONFIGURES_ANEW,
        versions: ALL,
        holds: StorageOnForeignAddress,
        harm: Harm::Storage,
        why: "an iSCSI session speaks from an address that somebody else gave to the link, and hears nothing when networkd deletes it",
        remedy: Some("write the address in the spec"),
        source: "of what was measured with addresses on 247, 252, 257, 262; not measured with iSCSI",
    },
    Row {
        operations: CONFIGURES_ANEW,
        versions: ALL,
        holds: SourceOnForeignAddress,
        harm: Harm::Routes,
        why: "routes have an address as their source that somebody else gave to the link, and the kernel deletes them with it",
        remedy: Some("write the address in the spec"),
        source: "fib_semantics.c `fib_sync_down_addr`; not measured",
    },
    Row {
        operations: CONFIGURES_ANEW,
        versions: ALL,
        holds: ForeignNeighbor,
        harm: Harm::Routes,
        why: "networkd deletes permanent neighbors that somebody else gave to the link, and what goes by them is lost",
        remedy: Some(
            "write them in the spec; where FRR made them for a session without addresses of its own, number it",
        ),
        source: "networkd-neighbor.c `link_drop_foreign_neighbors`; measured on 252 and 257, with FRR on 257",
    },
    Row {
        operations: CONFIGURES_ANEW,
        versions: ALL,
        holds: ForeignMaster,
        harm: Harm::Links,
        why: "networkd takes the link from a master that its file does not name, and the kernel takes it down and up again",
        remedy: Some("`KeepMaster=yes` in the link's file, from 250 on"),
        source: "networkd-setlink.c; measured on 252, 257 and 262",
    },
    Row {
        operations: CONFIGURES_ANEW,
        versions: ALL,
        holds: SessionOnForeignMaster,
        harm: Harm::Sessions,
        why: "a BGP session goes over a link that the kernel takes down and up again when networkd takes it from its master",
        remedy: Some("`KeepMaster=yes` in the link's file, from 250 on"),
        source: "of what was measured with links on 252, 257 and 262; not measured with a session",
    },
    Row {
        operations: CONFIGURES_ANEW,
        versions: ALL,
        holds: RoutesOnForeignMaster,
        harm: Harm::Routes,
        why: "routes of others leave over a link that the kernel takes down and up again when networkd takes it from its master",
        remedy: Some("`KeepMaster=yes` in the link's file, from 250 on"),
        source: "fib_semantics.c `fib_sync_down_dev`, of what was measured with links; not measured",
    },
    Row {
        operations: &[Operation::ReloadChanged, Operation::Reconfigure],
        versions: &[247],
        holds: RoutesByAddress,
        harm: Harm::Routes,
        why: BY_ADDRESS,
        remedy: Some("a newer systemd keeps the addresses"),
        source: BY_KERNEL,
    },
    Row {
        operations: &[Operation::Reconfigure],
        versions: &[252, 254],
        holds: RoutesByAddress,
        harm: Harm::Routes,
        why: BY_ADDRESS,
        remedy: Some("a reload keeps the addresses where their `Broadcast=` is written"),
        source: BY_KERNEL,
    },
    Row {
        operations: &[Operation::ReloadChanged, Operation::Restart],
        versions: &[252, 254],
        holds: RoutesByPlainAddress,
        harm: Harm::Routes,
        why: BY_ADDRESS,
        remedy: Some(
            "hostwright's files write `Broadcast=`, and networkd has loaded them from the next boot on",
        ),
        source: BY_KERNEL,
    },
];

const BY_ADDRESS: &str = "networkd takes addresses away and gives them again, and the kernel deletes routes of others over the link, or from them, on the way";
const BY_KERNEL: &str = "fib_frontend.c `fib_disable_ip`, fib_semantics.c `fib_sync_down_addr`, of what was measured with addresses; not measured with routes";
