//! Spans of time.

use std::fmt;

use super::{Refusal, TextValue, by_text};

/// Time between two events, up to 49 days in whole milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeSpan(u32);

/// Units by their length in milliseconds, the longest first.
const UNITS: &[(&str, u32)] = &[("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000), ("ms", 1)];

/// Other words for the units, systemd.time(7).
const SYNONYMS: &[(&str, &[&str])] = &[
    ("d", &["d", "day", "days"]),
    ("h", &["h", "hr", "hour", "hours"]),
    ("min", &["min", "m", "minute", "minutes"]),
    ("s", &["s", "sec", "second", "seconds"]),
    ("ms", &["ms", "msec"]),
];

impl TimeSpan {
    /// Returns the milliseconds.
    #[must_use]
    pub const fn milliseconds(self) -> u32 {
        self.0
    }

    /// Returns the whole seconds.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.0 / 1000
    }
}

impl TextValue for TimeSpan {
    const FORM: &'static str = "a time with its unit, like \"5min\", \"15s\" or \"100ms\"";
    const PATTERN: &'static str = r"^[0-9]+(d|h|min|s|ms)$";

    fn parse(text: &str) -> Result<Self, Refusal> {
        let refusal = || format!("`{text}` is not a time with its unit, like `5min`, `15s` or `100ms`");
        let digits = text.find(|it: char| !it.is_ascii_digit()).ok_or_else(refusal)?;
        let (number, unit) = text.split_at(digits);
        let unit = UNITS.iter().find(|it| it.0 == unit).ok_or_else(refusal)?;
        let number: u32 = number.parse().map_err(|_| refusal())?;
        let long = || format!("`{text}` is longer than 49 days");
        number.checked_mul(unit.1).map(Self).ok_or_else(long)
    }

    fn mended(text: &str) -> Option<String> {
        let text = text.trim();
        let (number, unit) = text.split_at(text.find(|it: char| !it.is_ascii_digit())?);
        let unit = unit.trim_start();
        let (ours, _) = SYNONYMS.iter().find(|(_, words)| words.contains(&unit))?;
        Some(format!("{number}{ours}"))
    }

    fn guessed(text: &str) -> Option<String> {
        let digits = text.trim();
        digits.bytes().all(|it| it.is_ascii_digit()).then(|| format!("{digits}s"))
    }
}

impl fmt::Display for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = |it: &&(&str, u32)| self.0.is_multiple_of(it.1);
        match UNITS.iter().find(whole).filter(|_| self.0 > 0) {
            Some((unit, length)) => write!(f, "{}{unit}", self.0 / length),
            None => f.write_str("0s"),
        }
    }
}

by_text!(TimeSpan);

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn time_spans() {
        check::<TimeSpan>("5min", Ok("5min"));
        check::<TimeSpan>("300s", Ok("5min"));
        check::<TimeSpan>("1500ms", Ok("1500ms"));
        check::<TimeSpan>("0s", Ok("0s"));
        check::<TimeSpan>("5", Err("with its unit"));
        check::<TimeSpan>("s", Err("with its unit"));
        check::<TimeSpan>("5 min", Err("with its unit"));
        assert_eq!(TimeSpan::mended(" 5 minutes").as_deref(), Some("5min"));
        assert_eq!([TimeSpan::mended("5"), TimeSpan::mended("5M")], [None, None]);
        check::<TimeSpan>("-5s", Err("with its unit"));
        check::<TimeSpan>("50d", Err("49 days"));
    }
}
