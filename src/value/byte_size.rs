//! Sizes in bytes.

use std::fmt;

use super::{Refusal, TextValue, by_text};

/// A number of bytes, 1 MiB or more, written with a binary unit: `512MiB`, `8GiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(u64);

const UNITS: [(&str, u64); 4] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

/// Nothing that a spec sizes runs in less.
const LEAST: u64 = 1 << 20;

impl ByteSize {
    /// Returns the number of bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// Returns the number of whole KiB.
    #[must_use]
    pub const fn kibibytes(self) -> u64 {
        self.0 >> 10
    }
}

impl TextValue for ByteSize {
    const FORM: &'static str = "a size with a binary unit, like \"8GiB\"";
    const PATTERN: &'static str = r"^[0-9]+ *(KiB|MiB|GiB|TiB)$";

    fn parse(text: &str) -> Result<Self, Refusal> {
        let split = text.find(|it: char| !it.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = (&text[..split], text[split..].trim_start());
        let factor = UNITS.iter().find(|(word, _)| *word == unit).map(|(_, factor)| *factor);
        let bytes = number.parse::<u64>().ok().zip(factor).and_then(|(n, by)| n.checked_mul(by));
        match bytes {
            Some(bytes) if bytes >= LEAST => Ok(Self(bytes)),
            Some(_) => Err(format!("`{text}` is less than 1MiB")),
            _ => {
                Err(format!("`{text}` is not a size: a whole number with KiB, MiB, GiB or TiB, like `8GiB`"))
            }
        }
    }

    fn mended(text: &str) -> Option<String> {
        let text = text.trim();
        let (number, unit) = text.split_at(text.find(|it: char| !it.is_ascii_digit())?);
        let unit = UNITS.iter().find(|it| it.0.eq_ignore_ascii_case(unit.trim_start()))?;
        Some(format!("{number}{}", unit.0))
    }

    fn guessed(text: &str) -> Option<String> {
        let text = text.trim();
        let (number, unit) = text.split_at(text.find(|it: char| !it.is_ascii_digit())?);
        // A gigabyte of others is 1000 or 1024 megabytes.
        let unit = unit.trim_start().trim_end_matches(['b', 'B']);
        let unit = UNITS.iter().find(|it| it.0.get(..1).is_some_and(|it| it.eq_ignore_ascii_case(unit)))?;
        Some(format!("{number}{}", unit.0))
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, factor) = UNITS.into_iter().find(|(_, by)| self.0.is_multiple_of(*by)).unwrap_or(("B", 1));
        write!(f, "{}{unit}", self.0 / factor)
    }
}

by_text!(ByteSize);

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn byte_sizes() {
        check::<ByteSize>("8GiB", Ok("8GiB"));
        check::<ByteSize>("1536 MiB", Ok("1536MiB"));
        check::<ByteSize>("2048MiB", Ok("2GiB"));
        check::<ByteSize>("8GB", Err("KiB, MiB, GiB or TiB"));
        check::<ByteSize>("8", Err("KiB"));
        check::<ByteSize>("2048KiB", Ok("2MiB"));
        check::<ByteSize>("1023KiB", Err("less than 1MiB"));
        check::<ByteSize>("0MiB", Err("less than 1MiB"));
        check::<ByteSize>("-1GiB", Err("KiB"));
        check::<ByteSize>("18446744073709551615TiB", Err("KiB"));
    }
}
