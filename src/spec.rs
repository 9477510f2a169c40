//! What the user wrote, spans kept.

pub mod document;
pub mod host;
mod include;
pub mod keys;
pub mod lints;
mod mistyped;
mod names;
mod place;
mod read;
mod reader;
pub mod referring;
pub mod safety;
pub(crate) mod syntax;
pub mod tree;
mod unknown;
pub mod write;

pub use document::{HostSpec, Sources};
pub use keys::{Form, Key, Keys, Presence, Scalar, Table};
pub use names::{LinkName, LunOf, Namespace, NetworkName, Reference, UnitOf};
pub use place::Place;
pub use read::{Named, Read, Word};
pub(crate) use reader::node;
pub use reader::{Cx, Node, TableReader};
pub use write::TableText;
