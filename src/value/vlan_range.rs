//! Ranges of VLAN identifiers.

use std::fmt;

use super::{Refusal, TextValue, VlanId, by_text};

/// One VLAN or several with adjacent numbers: `20`, `20-29`. `VLAN=`, systemd.network(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VlanRange {
    first: VlanId,
    last: VlanId,
}

impl VlanRange {
    /// Iterates over the identifiers.
    pub fn ids(self) -> impl Iterator<Item = VlanId> {
        (self.first.number()..=self.last.number()).filter_map(|it| VlanId::new(it.into()).ok())
    }
}

impl From<VlanId> for VlanRange {
    fn from(id: VlanId) -> Self {
        Self { first: id, last: id }
    }
}

impl TextValue for VlanRange {
    const FORM: &'static str = "VLANs, like 20 or \"20-29\"";

    fn parse(text: &str) -> Result<Self, Refusal> {
        let id = |part: &str| {
            let digits = !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit());
            let number = part.parse().ok().filter(|_| digits);
            let refusal = || format!("`{text}` is neither a VLAN id nor a range, like `20-29`");
            number.ok_or_else(refusal).and_then(VlanId::new)
        };
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let range = Self { first: id(first)?, last: id(last)? };
        if range.first > range.last {
            return Err(format!("`{text}` ends before it begins"));
        }
        Ok(range)
    }
}

impl fmt::Display for VlanRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last { self.first.fmt(f) } else { write!(f, "{}-{}", self.first, self.last) }
    }
}

by_text!(VlanRange);

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn vlan_ranges() {
        check::<VlanRange>("20", Ok("20"));
        check::<VlanRange>("20-29", Ok("20-29"));
        check::<VlanRange>("20-20", Ok("20"));
        check::<VlanRange>("29-20", Err("ends before"));
        check::<VlanRange>("0-20", Err("between 1 and 4094"));
        check::<VlanRange>("20-", Err("neither"));
    }
}
