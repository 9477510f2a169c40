//! What names one of two specs: the number of a generation, or a file.

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;

/// One of two specs that are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Version {
    /// Number of a generation.
    Generation(u64),
    /// A file; one whose name is a number is written with its directory.
    File(PathBuf),
}

impl FromStr for Version {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.parse().map_or_else(|_| Self::File(text.into()), Self::Generation))
    }
}
