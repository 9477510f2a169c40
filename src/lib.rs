//! hostwright: one TOML file that describes a hypervisor host, compiled to what the host needs.

pub mod artifact;
pub mod code;
pub mod diagnostic;
pub mod observed;
pub mod plan;
pub mod source;
pub mod value;
pub mod xml;
