//! VLAN identifiers.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Refusal;

/// Tag of an IEEE 802.1Q VLAN; 1 to 4094. `Id=`, systemd.netdev(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct VlanId(u16);

impl VlanId {
    /// Checks a number.
    ///
    /// # Errors
    /// The range and the number.
    pub fn new(id: i64) -> Result<Self, Refusal> {
        match u16::try_from(id) {
            Ok(id @ 1..=4094) => Ok(Self(id)),
            _ => Err(format!("VLAN id {id} is not between 1 and 4094")),
        }
    }

    /// Returns the number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Display for VlanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vlan_ids() {
        for good in [1, 42, 4094] {
            assert_eq!(VlanId::new(good).map(|it| i64::from(it.number())), Ok(good));
        }
        for bad in [-1, 0, 4095, 65536 + 1] {
            assert!(VlanId::new(bad).is_err_and(|it| it.contains("between 1 and 4094")));
        }
    }
}
