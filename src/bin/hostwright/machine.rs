//! The narrow ports to the machine.

pub(crate) mod networkd;
pub(crate) mod systemd;
