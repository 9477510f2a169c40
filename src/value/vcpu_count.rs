//! Numbers of virtual processors.

use super::Refusal;

/// Number of virtual processors; 1 to 4096, which is QEMU's most for any machine. `domain/vcpu` of libvirt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VcpuCount(u32);

impl VcpuCount {
    /// Checks a number.
    ///
    /// # Errors
    /// The range and the number.
    pub fn new(number: i64) -> Result<Self, Refusal> {
        match u32::try_from(number) {
            Ok(number @ 1..=4096) => Ok(Self(number)),
            _ => Err(format!("{number} virtual processors are not between 1 and 4096")),
        }
    }

    /// Returns the number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vcpu_counts() {
        for good in [1, 4096] {
            assert_eq!(VcpuCount::new(good).map(|it| i64::from(it.number())), Ok(good));
        }
        for bad in [-1, 0, 4097, 99_999_999_999] {
            assert!(VcpuCount::new(bad).is_err_and(|it| it.contains("between 1 and 4096")));
        }
    }
}
