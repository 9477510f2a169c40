//! Why libvirt did not do as asked.

use std::fmt;

/// Message of a call that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure(pub(super) String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

#[cfg(feature = "libvirt")]
impl Failure {
    /// Tells what was tried and what libvirt said.
    pub(super) fn of<'a>(tried: &'a str, name: &'a str) -> impl FnOnce(virt::error::Error) -> Self {
        move |error| Self(format!("{tried} `{name}`: {}", error.message()))
    }

    /// Tells that a definition cannot be read.
    pub(super) fn unreadable(name: &str) -> impl FnOnce(hostwright::xml::XmlError) -> Self {
        move |error| Self(format!("the definition of `{name}`: {error}"))
    }
}
