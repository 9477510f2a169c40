//! Attributes of the kernel's answers, read by hand: one that nobody knows yet must not hide a link or route.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hostwright::artifact::Bytes;
use netlink_packet_core::{NLA_ALIGNTO, NLA_HEADER_SIZE, NLA_TYPE_MASK};

/// Names of links by index.
pub(super) type Names = BTreeMap<u32, String>;

/// Attributes in the order in which the kernel wrote them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Attributes<'a>(Vec<(u16, &'a [u8])>);

impl<'a> Attributes<'a> {
    /// Reads attributes up to the end or the first broken one.
    pub(super) fn read(bytes: &'a [u8]) -> Self {
        let mut attributes = Vec::new();
        let mut rest = bytes;
        while let Some(([low, high, kind_low, kind_high], _)) = rest.split_first_chunk() {
            let length = usize::from(u16::from_ne_bytes([*low, *high]));
            let kind = u16::from_ne_bytes([*kind_low, *kind_high]) & NLA_TYPE_MASK;
            let Some(value) = rest.get(NLA_HEADER_SIZE..length) else {
                break;
            };
            attributes.push((kind, value));
            let next = length.next_multiple_of(NLA_ALIGNTO);
            rest = rest.get(next..).unwrap_or_default();
        }
        Self(attributes)
    }

    /// Returns the bytes of an attribute.
    pub(super) fn get(&self, kind: u16) -> Option<&'a [u8]> {
        let found = self.0.iter().find(|it| it.0 == kind)?;
        Some(found.1)
    }

    /// Returns all attributes as bytes; of those that stand several times, the last.
    pub(super) fn owned(&self) -> BTreeMap<u16, Bytes> {
        self.0.iter().map(|(kind, value)| (*kind, Bytes(value.to_vec()))).collect()
    }

    /// Leaves out an attribute that has a value.
    pub(super) fn without(self, kind: u16, value: &[u8]) -> Self {
        Self(self.0.into_iter().filter(|it| *it != (kind, value)).collect())
    }

    /// Iterates over the attributes.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u16, &'a [u8])> + '_ {
        self.0.iter().copied()
    }

    /// Returns the attributes in an attribute; none when it is absent.
    pub(super) fn nested(&self, kind: u16) -> Self {
        Self::read(self.get(kind).unwrap_or_default())
    }

    /// Returns a number of 32 bits.
    pub(super) fn number(&self, kind: u16) -> Option<u32> {
        unsigned(self.get(kind)?)
    }

    /// Returns a text without its NUL.
    pub(super) fn text(&self, kind: u16) -> Option<String> {
        self.get(kind).map(text)
    }

    /// Returns an IP address.
    pub(super) fn address(&self, kind: u16) -> Option<IpAddr> {
        address(self.get(kind)?)
    }

    /// Writes attributes in the order of their kinds; those that a table does not have are written as bytes.
    pub(super) fn describe(&self, table: &[Word], names: &Names) -> String {
        let mut sorted = self.0.clone();
        sorted.sort_by_key(|it| it.0);
        let words = sorted.iter().filter_map(|(kind, value)| {
            let Some(word) = table.iter().find(|it| it.kind == *kind) else {
                return Some(format!(" attribute {kind} {}", bytes(value)));
            };
            Some(match word.writer {
                Writer::Nothing => return None,
                Writer::Value(write) => format!(" {} {}", word.name, write(value)),
                Writer::Link => format!(" {} {}", word.name, link(value, names)),
                Writer::Links(write) => format!(" {} {}", word.name, write(value, names)),
            })
        });
        words.collect()
    }
}

/// How an attribute is written.
pub(super) struct Word {
    kind: u16,
    name: &'static str,
    writer: Writer,
}

impl Word {
    /// Describes an attribute that is left out: written elsewhere, or it varies with time.
    pub(super) const fn left_out(kind: u16) -> Self {
        Self { kind, name: "", writer: Writer::Nothing }
    }

    /// Describes an attribute that is written from its value alone.
    pub(super) const fn value(kind: u16, name: &'static str, write: fn(&[u8]) -> String) -> Self {
        Self { kind, name, writer: Writer::Value(write) }
    }

    /// Describes an attribute that is the index of a link.
    pub(super) const fn link(kind: u16, name: &'static str) -> Self {
        Self { kind, name, writer: Writer::Link }
    }

    /// Describes an attribute that has indices of links in it.
    pub(super) const fn links(kind: u16, name: &'static str, write: fn(&[u8], &Names) -> String) -> Self {
        Self { kind, name, writer: Writer::Links(write) }
    }
}

enum Writer {
    Nothing,
    Value(fn(&[u8]) -> String),
    Link,
    Links(fn(&[u8], &Names) -> String),
}

/// Reads a number of 32 bits in the machine's order.
pub(super) fn unsigned(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().copied().map(u32::from_ne_bytes)
}

/// Reads a number of 32 bits with a sign in the machine's order.
pub(super) fn signed(bytes: &[u8]) -> Option<i32> {
    bytes.first_chunk().copied().map(i32::from_ne_bytes)
}

/// Reads an IP address whose family is told by its length.
pub(super) fn address(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(|it| Ipv4Addr::from(it).into()),
        16 => <[u8; 16]>::try_from(bytes).ok().map(|it| Ipv6Addr::from(it).into()),
        _ => None,
    }
}

/// Writes an IP address.
pub(super) fn address_text(value: &[u8]) -> String {
    address(value).map_or_else(|| bytes(value), |it| it.to_string())
}

/// Writes a number of one to eight bytes in the machine's order.
pub(super) fn number_text(value: &[u8]) -> String {
    match *value {
        [byte] => byte.to_string(),
        [a, b] => u16::from_ne_bytes([a, b]).to_string(),
        [a, b, c, d] => u32::from_ne_bytes([a, b, c, d]).to_string(),
        _ => bytes(value),
    }
}

/// Reads a text up to its NUL.
pub(super) fn text(value: &[u8]) -> String {
    let ended = value.split(|it| *it == 0).next().unwrap_or_default();
    String::from_utf8_lossy(ended).into_owned()
}

/// Writes the name of a link, or its index when it has gone.
pub(super) fn link(value: &[u8], names: &Names) -> String {
    let name = unsigned(value).and_then(|index| names.get(&index));
    name.cloned().unwrap_or_else(|| number_text(value))
}

/// Writes bytes in hexadecimal.
pub(super) fn bytes(value: &[u8]) -> String {
    value.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything");
        text
    })
}
