//! Priorities of the kernel and of VLAN tags.

use std::fmt;

use super::{Refusal, TextValue, by_text};

/// Mapping of one priority to another: `FROM-TO`. `EgressQOSMaps=`, systemd.netdev(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QosMap {
    /// Left side.
    pub from: u32,
    /// Right side.
    pub to: u32,
}

impl TextValue for QosMap {
    const FORM: &'static str = "two priorities, like \"6-7\"";

    fn parse(text: &str) -> Result<Self, Refusal> {
        let refusal = || format!("`{text}` is not two priorities, from and to, like `6-7`");
        let (from, to) = text.split_once('-').ok_or_else(refusal)?;
        let number = |part: &str| -> Result<u32, Refusal> {
            let digits = part.bytes().all(|it| it.is_ascii_digit());
            part.parse().ok().filter(|_| digits).ok_or_else(refusal)
        };
        Ok(Self { from: number(from)?, to: number(to)? })
    }
}

impl fmt::Display for QosMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.from, self.to)
    }
}

by_text!(QosMap);

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn qos_maps() {
        check::<QosMap>("6-7", Ok("6-7"));
        check::<QosMap>("6", Err("two priorities"));
        check::<QosMap>("6-+7", Err("two priorities"));
        check::<QosMap>("6-99999999999", Err("two priorities"));
    }
}
