//! Maximum transmission units.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Refusal;

/// Largest payload of a frame in bytes; 68 (RFC 791) to 65535. `MTUBytes=`, systemd.network(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Mtu(u32);

impl Mtu {
    /// What Ethernet carries without jumbo frames.
    pub const ETHERNET: Self = Self(1500);

    /// Checks a number of bytes.
    ///
    /// # Errors
    /// The range and the number.
    pub fn new(bytes: i64) -> Result<Self, Refusal> {
        match u32::try_from(bytes) {
            Ok(bytes @ 68..=65535) => Ok(Self(bytes)),
            _ => Err(format!("MTU {bytes} is not between 68 and 65535")),
        }
    }

    /// Returns the number of bytes.
    #[must_use]
    pub const fn bytes(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Mtu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mtus() {
        for good in [68, 1500, 65535] {
            assert_eq!(Mtu::new(good).map(|it| i64::from(it.bytes())), Ok(good));
        }
        for bad in [-1, 0, 67, 65536] {
            assert!(Mtu::new(bad).is_err_and(|it| it.contains("between 68 and 65535")));
        }
    }
}
