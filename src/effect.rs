//! What networkd does to whom: a table of what was measured, and the rows of it that hold on a host.

mod about;
mod kernel;
mod others;
mod rows;
mod situation;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::observed::Release;
use crate::value::Harm;
use rows::{MEASURED, PORTS_LEFT_UP, ROWS};
pub use situation::Situation;

/// systemd that brought `networkctl reload --no-reconfigure`.
const WITHOUT_RECONFIGURE_SINCE: u32 = 262;

/// What is done to networkd, or to the kernel beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// The kernel is told of a link that networkd has not loaded.
    NetlinkUnloaded,
    /// The kernel is told of a link that networkd has loaded, and networkd is not.
    NetlinkLoaded,
    /// A link is deleted.
    Delete,
    /// A card is given another number of virtual functions. `sriov_numvfs`.
    ChangeFunctions,
    /// A reload that finds no changed file.
    ReloadUnchanged,
    /// A reload that finds files of links that networkd has not loaded, and no other change.
    ReloadNew,
    /// A reload that finds the changed file of a link that networkd has loaded.
    ReloadChanged,
    /// `networkctl reload --no-reconfigure`, from 262 on.
    ReloadWithoutReconfigure,
    /// `networkctl reconfigure` of a link.
    Reconfigure,
    /// `systemctl restart systemd-networkd`, or its crash.
    Restart,
    /// The link loses its carrier and has it again.
    CarrierBlip,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::NetlinkUnloaded,
        Self::NetlinkLoaded,
        Self::Delete,
        Self::ChangeFunctions,
        Self::ReloadUnchanged,
        Self::ReloadNew,
        Self::ReloadChanged,
        Self::ReloadWithoutReconfigure,
        Self::Reconfigure,
        Self::Restart,
        Self::CarrierBlip,
    ];

    /// Says whether a networkd knows it, by its major version.
    #[must_use]
    pub const fn is_known_to(self, version: u32) -> bool {
        !matches!(self, Self::ReloadWithoutReconfigure) || version >= WITHOUT_RECONFIGURE_SINCE
    }

    /// Returns its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NetlinkUnloaded => "netlink-unloaded",
            Self::NetlinkLoaded => "netlink-loaded",
            Self::Delete => "delete",
            Self::ChangeFunctions => "change-functions",
            Self::ReloadUnchanged => "reload-unchanged",
            Self::ReloadNew => "reload-new",
            Self::ReloadChanged => "reload-changed",
            Self::ReloadWithoutReconfigure => "reload-without-reconfigure",
            Self::Reconfigure => "reconfigure",
            Self::Restart => "restart",
            Self::CarrierBlip => "carrier-blip",
        }
    }
}

/// What must hold on a host for a row to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holds {
    Always,
    /// FRR runs and no other routing daemon.
    FrrAlone,
    /// Others have routes or may get them, and networkd is not kept from them.
    ForeignRoutes,
    /// Others have rules, and networkd is not kept from them.
    ForeignRules,
    /// Others have nexthop objects.
    Nexthops,
    /// Others have nexthop objects, and networkd is not kept from them.
    NexthopsUnprotected,
    /// A routing daemon runs that nobody measured.
    UnknownDaemon,
    /// The link has addresses that were given to it.
    Address,
    /// A BGP session, or BFD for one, speaks from such an address.
    Session,
    /// networkd has loaded the link from a file that may lack `Broadcast=` for its IPv4 addresses.
    PlainAddress,
    /// As `PlainAddress`, and a session speaks from one of them.
    SessionOnPlainAddress,
    /// As `PlainAddress`, and BFD for a session speaks from one of them.
    BfdOnPlainAddress,
    /// Routes of others leave over the link or have one of its addresses as their source, and no session is known that has them
    /// from its peer and would be lost with the address.
    RoutesByAddress,
    /// As `RoutesByAddress`, for addresses as in `PlainAddress`.
    RoutesByPlainAddress,
    /// The link is a port of a bond.
    BondPort,
    /// The link is a port of a bond over which a BGP session goes.
    SessionOverBond,
    /// As `SessionOverBond`, and networkd is told of another of the bond's ports at the same reload, or none else is up.
    SessionOverPorts,
    /// The link is a port of a bond over which BFD for a session goes.
    BfdOverBond,
    /// The link has addresses that its file does not give.
    ForeignAddress,
    /// As `ForeignAddress`, and a BGP session or BFD for one speaks from one of them.
    SessionOnForeignAddress,
    /// As `ForeignAddress`, and an iSCSI session speaks from one of them.
    StorageOnForeignAddress,
    /// As `ForeignAddress`, and routes have one of them as their source.
    SourceOnForeignAddress,
    /// The link has permanent neighbors that its file does not give.
    ForeignNeighbor,
    /// The link has a master that its file neither gives nor lets it keep.
    ForeignMaster,
    /// As `ForeignMaster`, and a BGP session or BFD for one goes over the link.
    SessionOnForeignMaster,
    /// As `ForeignMaster`, and routes of others leave over the link, or over what is above it.
    RoutesOnForeignMaster,
    /// networkd has loaded the link.
    Loaded,
    /// Links of others are built on the link, or are its ports.
    ForeignLinks,
    /// The link has virtual functions.
    Functions,
    /// networkd has loaded the link, which has an address from a lease or an advertisement.
    Lease,
    /// As `Lease`, and a BGP session or BFD for one speaks from it.
    SessionOnLease,
    /// The file that networkd has loaded for some link is gone.
    Forsaken,
    /// Somebody else changed the file of some link since networkd may have read it.
    UnreadFile,
    /// As `UnreadFile`, and a BGP session or BFD for one goes over the link.
    UnreadFileOfSession,
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
struct Row {
    operations: &'static [Operation],
    versions: &'static [u32],
    holds: Holds,
    harm: Harm,
    why: &'static str,
    remedy: Option<&'static str>,
    source: &'static str,
}

impl Row {
    /// Says whether it happens each time: a bond looks at its ports at an interval, and may miss that they were down; FRR
    /// writes its neighbor again when a networkd that starts sets up links, sooner or later than somebody sends by it, and
    /// ends a session without its address only with `ttl-security` or fast convergence; a changed file may say what holds
    /// already.
    fn certainty(&self, operation: Operation, situation: &Situation) -> Certainty {
        match (self.holds, operation) {
            (Holds::Session | Holds::SessionOnPlainAddress, _) if situation.has(Holds::FrrAlone) => {
                Certainty::ByChance
            }
            (
                Holds::SessionOverBond
                | Holds::SessionOverPorts
                | Holds::BfdOverBond
                | Holds::UnreadFile
                | Holds::UnreadFileOfSession,
                _,
            )
            | (Holds::ForeignNeighbor, Operation::Restart) => Certainty::ByChance,
            _ => Certainty::EachTime,
        }
    }

    /// Returns which links it is about.
    const fn subject(&self) -> Subject {
        match self.holds {
            Holds::UnreadFile | Holds::UnreadFileOfSession => Subject::Unread,
            _ => Subject::Operated,
        }
    }

    /// Says whether it is of a version, which counts as those beside it that were measured.
    fn is_of(&self, release: Release) -> bool {
        let is_mended = |it: &(u32, u32)| it.0 == release.major && it.1 <= release.point.unwrap_or(0);
        let of_ports = matches!(
            self.holds,
            Holds::BondPort | Holds::SessionOverBond | Holds::SessionOverPorts | Holds::BfdOverBond
        );
        neighbors(release.major).iter().any(|it| self.versions.contains(it))
            && !(of_ports && PORTS_LEFT_UP.iter().any(is_mended))
    }
}

/// How often an operation disturbs what it can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// Whenever it is done.
    EachTime,
    /// As the time of it falls, or as a file says that nobody has read; a plan takes it for certain.
    ByChance,
}

impl Certainty {
    /// Returns its words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::EachTime => "each time",
            Self::ByChance => "by chance",
        }
    }
}

/// Which links something is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The one that the operation is about.
    Operated,
    /// Those whose files somebody changed since networkd may have read them.
    Unread,
}

/// What an operation disturbs on a host, for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disturbance {
    /// What is disturbed.
    pub harm: Harm,
    /// Which links it is about.
    pub subject: Subject,
    /// How often.
    pub certainty: Certainty,
    /// The reason; a sentence without a full stop.
    pub why: &'static str,
    /// What would make it harmless; absent: nothing is known.
    pub remedy: Option<&'static str>,
    /// Where it was measured or read.
    pub source: &'static str,
}

/// Foretells an operation: what it disturbs; nothing: it is harmless.
#[must_use]
pub fn forecast(operation: Operation, situation: &Situation) -> Vec<Disturbance> {
    let counts = |row: &&Row| {
        row.operations.contains(&operation)
            && situation.versions.iter().any(|it| row.is_of(*it))
            && situation.has(row.holds)
    };
    let said = |row: &Row| Disturbance {
        harm: row.harm,
        subject: row.subject(),
        certainty: row.certainty(operation, situation),
        why: row.why,
        remedy: row.remedy,
        source: row.source,
    };
    ROWS.iter().chain(others::ROWS).chain(kernel::ROWS).filter(counts).map(said).collect()
}

/// Returns what is disturbed, without the reasons.
#[must_use]
pub fn harms<'a>(forecast: impl IntoIterator<Item = &'a Disturbance>) -> BTreeSet<Harm> {
    forecast.into_iter().map(|it| it.harm).collect()
}

/// Returns the measured versions that one counts as: itself, or its neighbours on both sides.
fn neighbors(version: u32) -> Vec<u32> {
    if MEASURED.contains(&version) {
        return vec![version];
    }
    let below = MEASURED.iter().rev().find(|it| **it < version);
    let above = MEASURED.iter().find(|it| **it > version);
    below.into_iter().chain(above).copied().collect()
}
