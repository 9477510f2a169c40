//! libvirt's XML: read, compared with what is there, completed with what is there, written.

mod carry;
mod complete;
mod error;
mod identity;
mod mark;
mod missing;
mod normal;
mod read;
mod secret;
mod slots;
mod tree;
mod write;

#[cfg(test)]
mod samples;

pub use complete::complete;
pub use error::XmlError;
pub use mark::{mark, marked, networks, taps};
pub use missing::missing;
pub use secret::has_console_password;
pub use tree::{Element, Node};
pub use write::escaped;
