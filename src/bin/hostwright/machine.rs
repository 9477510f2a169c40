//! The narrow ports to the machine.

pub(crate) mod arp;
pub(crate) mod bridges;
pub(crate) mod cgroup;
pub(crate) mod daemons;
mod definitions;
mod disk;
mod echo;
pub(crate) mod iscsi;
pub(crate) mod libvirt;
mod look;
pub(crate) mod namespaces;
pub(crate) mod neighbors;
pub(crate) mod netlink;
pub(crate) mod networkd;
pub(crate) mod picture;
mod probe;
pub(crate) mod real;
mod refusals;
pub(crate) mod systemd;
pub(crate) mod taps;

/// All ports; each connects when it is first asked.
#[derive(Debug, Default)]
pub(crate) struct Ports {
    /// Links, addresses, routes, sockets.
    pub(crate) netlink: netlink::Netlink,
    /// Units and jobs.
    pub(crate) systemd: systemd::Systemd,
    /// Networks and domains, looked at.
    pub(crate) libvirt: libvirt::Libvirt,
    /// Networks and domains, changed.
    pub(crate) patience: libvirt::Patience,
}
