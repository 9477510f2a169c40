//! The narrow ports to the machine.
#![allow(
    clippy::disallowed_methods,
    reason = "files and clocks are what ports are for"
)]

pub(crate) mod networkd;
pub(crate) mod systemd;
