//! Versions of systemd: the major one, and the point release where it is known.

/// A version of systemd.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    /// Major version: 255.
    pub major: u32,
    /// Point release: 4 of 255.4; absent: nobody knows, or there was none yet.
    pub point: Option<u32>,
}

impl Release {
    /// Reads what a version begins with: `255.4-1ubuntu8`; absent: no number.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let number = |text: &str| {
            let digits = text.find(|it: char| !it.is_ascii_digit()).map_or(text, |end| &text[..end]);
            Some((digits.parse().ok()?, text[digits.len()..].to_owned()))
        };
        let (major, rest) = number(text)?;
        let point = rest.strip_prefix('.').and_then(number).map(|it| it.0);
        Some(Self { major, point })
    }
}

#[cfg(test)]
mod tests {
    use super::Release;

    #[test]
    fn a_point_release_is_read_where_there_is_one() {
        for (text, expected) in [
            ("255.4-1ubuntu8", Some((255, Some(4)))),
            ("252.39-1~deb12u2", Some((252, Some(39)))),
            ("v249-27-g5c6d7e8", Some((249, None))),
            ("252-32.el9", Some((252, None))),
            ("257~rc1", Some((257, None))),
            ("252.so", Some((252, None))),
            ("next", None),
            ("", None),
        ] {
            assert_eq!(Release::parse(text).map(|it| (it.major, it.point)), expected, "{text}");
        }
    }
}
