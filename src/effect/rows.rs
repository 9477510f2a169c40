//! The table: which operation disturbs what, on which systemd, where what holds. Each row was measured on the
//! versions that it names, or read in their source; one that follows from such a row and was not measured says so.

use super::{Holds, Operation, Row};
use crate::value::Harm;

use Holds::{
    Address, BfdOnPlainAddress, BfdOverBond, BondPort, ForeignRoutes, ForeignRules, Forsaken, Lease,
    Nexthops, NexthopsUnprotected, PlainAddress, Session, SessionOnLease, SessionOnPlainAddress,
    SessionOverBond, SessionOverPorts, UnknownDaemon, UnreadFile, UnreadFileOfSession,
};
use Operation::{Reconfigure, ReloadChanged, ReloadNew, ReloadUnchanged, Restart};

/// Versions that were measured; one between two of them counts as both.
pub(super) const MEASURED: &[u32] = &[247, 252, 254, 257, 262];

pub(super) const ALL: &[u32] = MEASURED;
const TAKES_PORTS_DOWN: &[u32] = &[252, 254];
/// Point releases from which a major version leaves ports of bonds up: measured on 254.26, the others by systemd issue 31165.
pub(super) const PORTS_LEFT_UP: &[(u32, u32)] = &[(253, 17), (254, 10), (255, 4), (256, 0)];
/// Whatever has networkd configure a link.
const CONFIGURES: &[Operation] = &[ReloadNew, ReloadChanged, Reconfigure, Restart];
/// Whatever has a networkd that runs configure a link.
const CONFIGURES_RUNNING: &[Operation] = &[ReloadNew, ReloadChanged, Reconfigure];
/// Whatever has networkd configure a link anew that it had configured before.
pub(super) const CONFIGURES_ANEW: &[Operation] = &[ReloadChanged, Reconfigure, Restart];
/// Whatever has networkd read its files.
const READS: &[Operation] = &[ReloadUnchanged, ReloadNew, ReloadChanged, Restart];

/// What keeps nexthop objects where the networkd that runs has no switch that does.
const WITHOUT_NEXTHOPS: &str = "with `no zebra nexthop kernel enable` in FRR there are none, and systemd 262 leaves them alone with `ManageForeignNextHops=no`";

/// The rows.
pub(super) const ROWS: &[Row] = &[
    Row {
        operations: CONFIGURES,
        versions: ALL,
        holds: ForeignRoutes,
        harm: Harm::Routes,
        why: "this networkd started without `ManageForeignRoutes=no` and deletes routes of others",
        remedy: Some("networkd reads it at the next boot, or at one `hostwright networkd restart`"),
        source: "systemd-networkd, networkd-route.c `link_drop_routes`; measured on 247, 252, 254, 257, 262",
    },
    Row {
        operations: CONFIGURES,
        versions: &[252, 254, 257, 262],
        holds: ForeignRules,
        harm: Harm::Routes,
        why: "this networkd started without `ManageForeignRoutingPolicyRules=no` and deletes rules of others",
        remedy: Some("networkd reads it at the next boot, or at one `hostwright networkd restart`"),
        source: "measured on 252, 257, 262; 247 leaves them",
    },
    Row {
        operations: CONFIGURES,
        versions: &[252, 254],
        holds: Nexthops,
        harm: Harm::Routes,
        why: "networkd deletes nexthop objects of others, and the kernel the routes that use them",
        remedy: Some(WITHOUT_NEXTHOPS),
        source: "systemd issue 29034; measured with FRR on 252",
    },
    Row {
        operations: CONFIGURES_RUNNING,
        versions: &[257],
        holds: Nexthops,
        harm: Harm::Routes,
        why: "networkd deletes nexthop objects of others that it saw come, and the kernel the routes that use them",
        remedy: Some(WITHOUT_NEXTHOPS),
        source: "sonic-buildimage issue 26344; measured with FRR on 257, even with `ManageForeignNextHops=no`",
    },
    Row {
        operations: &[Restart],
        versions: &[257],
        holds: NexthopsUnprotected,
        harm: Harm::Routes,
        why: "this networkd started without `ManageForeignNextHops=no`, and one that starts deletes nexthop objects of others",
        remedy: Some(
            "one that starts with `ManageForeignNextHops=no` leaves them alone; with `no zebra nexthop kernel enable` in FRR there are none",
        ),
        source: "measured with FRR on 257; one that starts with it leaves them",
    },
    Row {
        operations: CONFIGURES,
        versions: &[262],
        holds: NexthopsUnprotected,
        harm: Harm::Routes,
        why: "this networkd started without `ManageForeignNextHops=no` and deletes nexthop objects of others",
        remedy: Some("networkd reads it at the next boot, or at one `hostwright networkd restart`"),
        source: "measured on 262",
    },
    Row {
        operations: CONFIGURES,
        versions: ALL,
        holds: UnknownDaemon,
        harm: Harm::Routes,
        why: "what networkd does to the routes of this routing daemon was not measured",
        remedy: None,
        source: "measured with BIRD and FRR alone",
    },
    Row {
        operations: &[ReloadChanged, Reconfigure],
        versions: &[247],
        holds: Address,
        harm: Harm::Links,
        why: "networkd takes the link's addresses away and gives them again",
        remedy: Some("a newer systemd keeps them"),
        source: "networkd-link.c `link_drop_config` up to 249; measured on 247",
    },
    Row {
        operations: &[ReloadChanged, Reconfigure],
        versions: &[247],
        holds: Session,
        harm: Harm::Sessions,
        why: "a BGP session ends when its own address is taken away",
        remedy: None,
        source: "measured with BIRD on 247; FRR keeps a session that checks no TTL",
    },
    Row {
        operations: &[Reconfigure],
        versions: &[252, 254],
        holds: Address,
        harm: Harm::Links,
        why: "networkd takes the link's addresses away and gives them again",
        remedy: Some("a reload keeps them where their `Broadcast=` is written"),
        source: "networkd-link.c `link_drop_managed_config`; measured on 252 and 254",
    },
    Row {
        operations: &[Reconfigure],
        versions: &[252, 254],
        holds: Session,
        harm: Harm::Sessions,
        why: "a BGP session ends when its own address is taken away",
        remedy: None,
        source: "measured with BIRD on 252 and 254",
    },
    Row {
        operations: &[ReloadChanged, Restart],
        versions: &[252, 254],
        holds: PlainAddress,
        harm: Harm::Links,
        why: "networkd has loaded IPv4 addresses without `Broadcast=`, takes them away and gives them again",
        remedy: Some("hostwright's files write it, and networkd has loaded them from the next boot on"),
        source: "networkd-address.c `address_compare_func` of 251 to 254; measured on 252 and 254",
    },
    Row {
        operations: &[ReloadChanged, Restart],
        versions: &[252, 254],
        holds: SessionOnPlainAddress,
        harm: Harm::Sessions,
        why: "a BGP session ends when its own address is taken away",
        remedy: None,
        source: "measured with BIRD on 252 and 254; FRR keeps a session that checks no TTL on 252",
    },
    Row {
        operations: &[ReloadChanged, Restart],
        versions: &[252, 254],
        holds: BfdOnPlainAddress,
        harm: Harm::Sessions,
        why: "BFD hears nothing while its own address is away, and ends the session with it",
        remedy: None,
        source: "RFC 5880, section 6.8.4, of what was measured on 252 and 254; not measured with BFD",
    },
    Row {
        operations: &[ReloadChanged, Reconfigure, Restart],
        versions: TAKES_PORTS_DOWN,
        holds: BfdOverBond,
        harm: Harm::Sessions,
        why: "BFD may miss its packets while a port of the bond is down, and ends the session",
        remedy: Some("systemd 253.17, 254.10 and 255.4 keep them up"),
        source: "RFC 5880, section 6.8.4, of systemd issue 31165; not measured with BFD",
    },
    Row {
        operations: &[ReloadChanged, Reconfigure, Restart],
        versions: TAKES_PORTS_DOWN,
        holds: BondPort,
        harm: Harm::Links,
        why: "networkd takes ports of a bond down and up again",
        remedy: Some("systemd 253.17, 254.10 and 255.4 keep them up"),
        source: "systemd issue 31165; measured on 252, not so on 247, 257, 262",
    },
    Row {
        operations: &[Restart],
        versions: TAKES_PORTS_DOWN,
        holds: SessionOverBond,
        harm: Harm::Sessions,
        why: "networkd takes all ports of the bond down at once, and a session ends when the bond notices",
        remedy: Some("systemd 253.17, 254.10 and 255.4 keep them up"),
        source: "systemd issue 31165; measured on 252, where some runs kept the session",
    },
    Row {
        operations: &[ReloadChanged],
        versions: TAKES_PORTS_DOWN,
        holds: SessionOverPorts,
        harm: Harm::Sessions,
        why: "networkd takes several ports of the bond, or the only one that is up, down at one reload, and a session ends when the bond notices",
        remedy: Some("change one port at a time; systemd 253.17, 254.10 and 255.4 keep them up"),
        source: "of a restart measured on 252, where some runs kept the session; not measured with a reload",
    },
    Row {
        operations: &[ReloadChanged, Reconfigure],
        versions: &[247, 252, 254],
        holds: Lease,
        harm: Harm::Links,
        why: "networkd gives a lease back and drops advertised addresses, and asks for them anew",
        remedy: Some("give the link a static address"),
        source: "networkd-link.c `link_reconfigure_impl`; not measured",
    },
    Row {
        operations: &[Reconfigure],
        versions: &[257, 262],
        holds: Lease,
        harm: Harm::Links,
        why: "networkd gives a lease back and drops advertised addresses, and asks for them anew",
        remedy: Some("a reload keeps them"),
        source: "networkd-link.c `LINK_RECONFIGURE_CLEANLY`; not measured",
    },
    Row {
        operations: &[Restart],
        versions: &[252, 254],
        holds: Lease,
        harm: Harm::Links,
        why: "networkd that starts drops addresses from leases and advertisements as somebody else's",
        remedy: Some("give the link a static address"),
        source: "systemd issues 32569 and 37198, mended in 257; not measured",
    },
    Row {
        operations: &[Restart],
        versions: &[252, 254],
        holds: SessionOnLease,
        harm: Harm::Sessions,
        why: "a BGP session ends when its own address is taken away",
        remedy: None,
        source: "as for static addresses, measured with BIRD on 247, 252 and 254",
    },
    Row {
        operations: &[ReloadChanged, Reconfigure],
        versions: &[247, 252, 254],
        holds: SessionOnLease,
        harm: Harm::Sessions,
        why: "a BGP session ends when its own address is taken away",
        remedy: None,
        source: "as for static addresses, measured with BIRD on 247, 252 and 254",
    },
    Row {
        operations: &[Reconfigure],
        versions: &[257, 262],
        holds: SessionOnLease,
        harm: Harm::Sessions,
        why: "a BGP session ends when its own address is taken away",
        remedy: None,
        source: "as for static addresses, measured with BIRD on 247, 252 and 254",
    },
    Row {
        operations: &[ReloadUnchanged, ReloadNew, ReloadChanged],
        versions: &[252, 254, 257, 262],
        holds: Forsaken,
        harm: Harm::Sessions,
        why: "networkd would find the file of a link gone, and take the link's addresses away",
        remedy: Some("a boot makes the files anew"),
        source: "networkd-link.c `link_reconfigure_impl` from 250 on; measured on 252",
    },
    Row {
        operations: READS,
        versions: ALL,
        holds: UnreadFile,
        harm: Harm::Links,
        why: "networkd would read the file of a link that somebody changed since it was last read",
        remedy: Some(
            "have networkd read it at a time of your choice, by `systemctl reload systemd-networkd` (from 248 on), or take the change back",
        ),
        source: "networkd-network.c `network_reload`; measured on 252 and 257",
    },
    Row {
        operations: READS,
        versions: ALL,
        holds: UnreadFileOfSession,
        harm: Harm::Sessions,
        why: "nobody knows what the changed file does to a session that goes over its link",
        remedy: None,
        source: "what the file says",
    },
];
