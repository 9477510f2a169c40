//! The machine: everything that is observed of it and done to it.

pub(crate) mod libvirt;
