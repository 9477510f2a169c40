//! MAC addresses.

use std::fmt;

use super::{Refusal, TextValue, by_text};

/// EUI-48 address of one station: neither a group's nor all zeroes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac([u8; 6]);

impl Mac {
    /// Makes an address from its six bytes, the first on the wire first; absent: no station's.
    #[must_use]
    pub fn new(bytes: [u8; 6]) -> Option<Self> {
        (bytes[0] & 1 == 0 && bytes != [0; 6]).then_some(Self(bytes))
    }

    /// Derives a locally administered address from 46 bits of a seed.
    #[must_use]
    pub fn derived(seed: [u8; 6]) -> Self {
        let mut bytes = seed;
        bytes[0] = bytes[0] & !1 | 2;
        Self(bytes)
    }

    /// Returns the six bytes, the first on the wire first.
    #[must_use]
    pub const fn bytes(self) -> [u8; 6] {
        self.0
    }
}

impl TextValue for Mac {
    const FORM: &'static str = "a MAC address, like \"3c:ec:ef:00:00:01\"";
    const PATTERN: &'static str = r"^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}$";

    fn parse(text: &str) -> Result<Self, Refusal> {
        let byte = |part: &str| {
            (part.len() == 2).then(|| {
                part.bytes().all(|it| it.is_ascii_hexdigit()).then(|| u8::from_str_radix(part, 16).ok())?
            })?
        };
        let bytes: Option<Vec<u8>> = text.split([':', '-']).map(byte).collect();
        let Some(Ok(bytes)) = bytes.map(<[u8; 6]>::try_from) else {
            return Err(format!("`{text}` is not a MAC address of six bytes, like `3c:ec:ef:00:00:01`"));
        };
        Self::new(bytes).ok_or_else(|| format!("MAC address `{text}` is no card's: it is a group's or zero"))
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let octets = self.0.map(|it| format!("{it:02x}"));
        f.write_str(&octets.join(":"))
    }
}

by_text!(Mac);

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn macs() {
        check::<Mac>("3C:EC:ef:00:00:01", Ok("3c:ec:ef:00:00:01"));
        check::<Mac>("3c-ec-ef-00-00-01", Ok("3c:ec:ef:00:00:01"));
        check::<Mac>("3c:ec:ef:00:00", Err("six bytes"));
        check::<Mac>("3c:ec:ef:00:00:+1", Err("six bytes"));
        check::<Mac>("01:00:5e:00:00:01", Err("a group's"));
        check::<Mac>("00:00:00:00:00:00", Err("or zero"));
        assert_eq!(Mac::derived([0xff; 6]).to_string(), "fe:ff:ff:ff:ff:ff");
    }
}
