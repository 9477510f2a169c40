//! Why a text is not XML that hostwright can use.

use std::fmt;

/// Refusal of an XML text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum XmlError {
    /// The text is not well-formed XML; the parser's reason.
    Syntax(String),
    /// A value holds a character that no XML document may hold.
    Character(char),
    /// There are more disks than device names.
    Slots,
}

impl fmt::Display for XmlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(reason) => write!(f, "not well-formed XML: {reason}"),
            Self::Character(found) => {
                write!(f, "U+{:04X} cannot be written in XML", u32::from(*found))
            }
            Self::Slots => f.write_str("no disk name is left up to `vdzz`"),
        }
    }
}

impl std::error::Error for XmlError {}
