//! Links that are made: what networkd's `.netdev` says of them, and what the kernel is told, from one list.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::value::InterfaceName;

/// A link that is made. `[NetDev]`, systemd.netdev(5); `IFLA_LINKINFO`, rtnetlink(7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// `Kind=` and `IFLA_INFO_KIND`: `vlan`.
    pub kind: String,
    /// Link below.
    pub parent: Option<InterfaceName>,
    /// Setting of the parent's `[Network]` that lists it: `VLAN`; empty where it has no parent.
    pub parent_key: String,
    /// Section of its own in the `.netdev`: `VLAN`.
    pub section: String,
    /// What makes it what it is.
    pub settings: Vec<Setting>,
    /// What tells it from others: `id 42 on eno1`.
    pub summary: String,
}

impl Device {
    /// Says whether it is a bridge.
    #[must_use]
    pub fn is_bridge(&self) -> bool {
        self.kind == "bridge"
    }

    /// Says whether it is a bond.
    #[must_use]
    pub fn is_bond(&self) -> bool {
        self.kind == "bond"
    }

    /// Returns the number of a VLAN; absent: it is of another kind. `IFLA_VLAN_ID`.
    #[must_use]
    pub fn vlan(&self) -> Option<u32> {
        const ID: u16 = 1;
        self.number(ID).filter(|_| self.kind == "vlan")
    }

    /// Says whether it is a VRF.
    #[must_use]
    pub fn is_vrf(&self) -> bool {
        self.kind == "vrf"
    }

    /// Says whether one takes what comes in over its parent, which no master gets then: `rx_handler` of the kernel.
    #[must_use]
    pub fn receives_for_its_parent(&self) -> bool {
        receives_for_its_parent(&self.kind)
    }

    /// Returns a setting as a number.
    #[must_use]
    pub fn number(&self, attribute: u16) -> Option<u32> {
        self.settings.iter().find(|it| it.attribute == attribute)?.value.number()
    }
}

/// Says whether links of a kind take what comes in over their parent.
#[must_use]
pub fn receives_for_its_parent(kind: &str) -> bool {
    matches!(kind, "macvlan" | "macvtap" | "ipvlan" | "ipvtap")
}

/// One setting of a device, for networkd and for the kernel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Name in the device's section: `Id`.
    pub key: String,
    /// Value in the device's section; absent: networkd has no word for it, and the kernel's default is this one.
    pub text: Option<String>,
    /// Attribute in `IFLA_INFO_DATA`.
    pub attribute: u16,
    /// The attribute's bytes; none: a device has no such attribute.
    pub value: Bytes,
    /// Whether a device that is there can take it up.
    pub alteration: Alteration,
}

/// What a change of a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alteration {
    /// The device is deleted and made again.
    Recreate,
    /// The device takes it up as it is.
    InPlace,
    /// The device takes it up as it is, and must be told anew behind a change of another attribute, this one, of which the
    /// kernel keeps it a multiple. `bond_option_miimon_set`, `bond_options.c`.
    InPlaceBehind(u16),
}

impl Setting {
    /// Makes a setting that a device keeps for its life.
    pub fn fixed(key: &str, text: impl fmt::Display, attribute: u16, value: impl Into<Bytes>) -> Self {
        Self {
            key: key.to_owned(),
            text: Some(text.to_string()),
            attribute,
            value: value.into(),
            alteration: Alteration::Recreate,
        }
    }

    /// Makes a setting that a device can take up.
    pub fn alterable(key: &str, text: impl fmt::Display, attribute: u16, value: impl Into<Bytes>) -> Self {
        Self { alteration: Alteration::InPlace, ..Self::fixed(key, text, attribute, value) }
    }

    /// Makes a setting that a device can take up, and must be told anew behind a change of another attribute.
    #[must_use]
    pub fn behind(self, attribute: u16) -> Self {
        Self { alteration: Alteration::InPlaceBehind(attribute), ..self }
    }

    /// Says whether a device that is there can take it up.
    #[must_use]
    pub fn is_alterable(&self) -> bool {
        self.alteration != Alteration::Recreate
    }

    /// Makes a setting that only the kernel is told, because networkd cannot say anything else.
    pub fn implied(key: &str, attribute: u16, value: impl Into<Bytes>) -> Self {
        Self { text: None, ..Self::fixed(key, "", attribute, value) }
    }
}

/// Bytes of an attribute, in the machine's order; written in hexadecimal.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub Vec<u8>);

impl Bytes {
    /// Reads a number of one, two or four bytes.
    #[must_use]
    pub fn number(&self) -> Option<u32> {
        match *self.0.as_slice() {
            [byte] => Some(byte.into()),
            [a, b] => Some(u16::from_ne_bytes([a, b]).into()),
            [a, b, c, d] => Some(u32::from_ne_bytes([a, b, c, d])),
            _ => None,
        }
    }

    /// Reads a nest of attributes, up to the first broken one.
    #[must_use]
    pub fn nest(&self) -> Vec<(u16, Self)> {
        const HEADER: usize = 4;
        let mut found = Vec::new();
        let mut rest = self.0.as_slice();
        while let Some(([low, high, kind_low, kind_high], _)) = rest.split_first_chunk() {
            let length = usize::from(u16::from_ne_bytes([*low, *high]));
            let Some(value) = rest.get(HEADER..length) else { break };
            found.push((u16::from_ne_bytes([*kind_low, *kind_high]), Self(value.to_vec())));
            rest = rest.get(length.next_multiple_of(HEADER)..).unwrap_or_default();
        }
        found
    }
}

impl From<u8> for Bytes {
    fn from(value: u8) -> Self {
        Self(vec![value])
    }
}

impl From<bool> for Bytes {
    fn from(value: bool) -> Self {
        Self(vec![value.into()])
    }
}

impl From<u16> for Bytes {
    fn from(value: u16) -> Self {
        Self(value.to_ne_bytes().to_vec())
    }
}

impl From<u32> for Bytes {
    fn from(value: u32) -> Self {
        Self(value.to_ne_bytes().to_vec())
    }
}

impl From<Vec<(u16, Bytes)>> for Bytes {
    /// Writes attributes as a nest: length, kind, value, each filled up to four bytes.
    fn from(attributes: Vec<(u16, Bytes)>) -> Self {
        const HEADER: usize = 4;
        let mut nest = Vec::new();
        for (kind, Bytes(value)) in attributes {
            let length = u16::try_from(HEADER + value.len()).unwrap_or(u16::MAX);
            nest.extend(length.to_ne_bytes());
            nest.extend(kind.to_ne_bytes());
            nest.extend(value);
            nest.resize(nest.len().next_multiple_of(HEADER), 0);
        }
        Self(nest)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::str::FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let pair = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
        let bytes: Option<Vec<u8>> = (0..text.len()).step_by(2).map(pair).collect();
        bytes.map(Self).ok_or_else(|| format!("`{text}` is not hexadecimal"))
    }
}

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_in_hexadecimal() {
        let bytes = Bytes::from(vec![(1, Bytes::from(7_u8)), (2, Bytes(vec![1, 2, 3, 4]))]);
        assert_eq!(bytes.to_string(), "05000100070000000800020001020304");
        assert_eq!(bytes.nest(), [(1, Bytes::from(7_u8)), (2, Bytes(vec![1, 2, 3, 4]))]);
        assert_eq!(bytes.to_string().parse(), Ok(bytes));
        assert!("0g".parse::<Bytes>().is_err());
        assert!("é".parse::<Bytes>().is_err());
    }
}
