//! The reference.
/// l
#[must_use]
pub fn list() -> Vec<String> { Vec::new() }
/// l
#[must_use]
pub fn key(_: &str) -> Option<String> { None }
/// l
#[must_use]
pub fn kind(_: &str) -> Option<String> { None }
/// l
#[must_use]
pub fn code(_: &str) -> Option<String> { None }
/// l
#[must_use]
pub fn nearest(_: &str) -> Option<String> { None }
