//! Keys of `[safety]`.

use std::net::IpAddr;

use super::names::TargetRef;
use crate::value::{Endpoint, Harm, HttpAddress, Text, TimeSpan};
use crate::{keys, words};

words!(Harm {
    "links" => Self::Links,
    "routes" => Self::Routes,
    "sessions" | "bgp" => Self::Sessions,
    "storage" | "iscsi" => Self::Storage,
    "containers" => Self::Containers,
    "guests" | "vms" | "domains" => Self::Guests,
});

keys! {
    /// `[safety]`: what a change may disturb, and how it is watched.
    pub struct SafetyTable {
        /// What a plan may disturb without being asked: `links`, `routes`, `sessions`, `storage`, `containers`, `guests`.
        ///
        /// What is disturbed beyond stops the plan before its first step; `--allow` adds to it for once. What may be
        /// disturbed must work again when the change is done, or it is taken back.
        ///
        /// `sessions` are those of BGP, and of BFD for them; `storage` has iSCSI sessions that do not reach their portals, too,
        /// and `links` the connection that the change is asked for over.
        list allow: Harm,
        /// How long an apply waits for `hostwright confirm` before it takes everything back.
        ///
        /// Absent: it does not wait, but watches for `watch`.
        optional confirm: TimeSpan,
        /// How long an apply is watched after its last step where nobody confirms it.
        ///
        /// At least one hold time of the BGP sessions finds what they find. Absent: 90 s, or the longest hold time that a
        /// session here was negotiated with, where that is longer, 10 minutes at most; BIRD and FRR in the network namespace of
        /// the host tell of it. RFC 4271, sections 4.2 and 10.
        optional watch: TimeSpan,
        /// What becomes of `systemctl restart systemd-networkd` by others, package upgrades among them.
        ///
        /// `refuse` has systemd refuse it: `RefuseManualStop=`, systemd.unit(5). `allow` does nothing.
        default networkd_restart: NetworkdRestart = "\"refuse\"",
        /// What must work after a change if it worked before.
        named probe: ProbeSpec,
    }
}

keys! {
    /// `[safety.probe.NAME]`: a trial of something that must work. Exactly one key beside `timeout` is given.
    pub struct ProbeSpec {
        /// Address that answers an echo request. RFC 792, RFC 4443.
        optional ping: IpAddr,
        /// Service that takes a TCP connection.
        optional tcp: Endpoint,
        /// Peer with an established BGP session.
        optional bgp_peer: IpAddr,
        /// `[iscsi.NAME]` that is logged in.
        optional iscsi_session: TargetRef,
        /// Address that answers `GET` with a status below 400.
        optional http: HttpAddress,
        /// Program and its arguments; it works when it ends with 0.
        list command: Text,
        /// Time after which it has failed: 100 ms to 30 s.
        default timeout: TimeSpan = "\"3s\"",
    }
}

/// What becomes of a restart of networkd by others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkdRestart {
    /// systemd refuses it.
    Refuse,
    /// It is done.
    Allow,
}

words!(NetworkdRestart { "refuse" => Self::Refuse, "allow" => Self::Allow, });
