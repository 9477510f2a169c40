//! Domain values, one file each: what a text may be, and how it is written again.
//!
//! Whoever holds one holds a valid one.

mod absolute_path;
mod address;
mod byte_size;
mod capability;
mod endpoint;
mod harm;
mod interface_name;
mod iqn;
mod item_name;
mod lun;
mod mac;
mod machine_name;
mod mtu;
mod portal;
mod qos_map;
mod slot;
mod text;
mod time_span;
mod unit_name;
mod vcpu_count;
mod vlan_id;
mod vlan_range;
mod volume;

pub use absolute_path::AbsolutePath;
pub use address::{Destination, InterfaceAddress, is_link_local};
pub use byte_size::ByteSize;
pub use capability::Capability;
pub use endpoint::{Endpoint, HttpAddress};
pub use harm::Harm;
pub use interface_name::InterfaceName;
pub use iqn::Iqn;
pub use item_name::ItemName;
pub use lun::{Lun, Wwn};
pub use mac::Mac;
pub use machine_name::MachineName;
pub use mtu::Mtu;
pub use portal::Portal;
pub use qos_map::QosMap;
pub use slot::Slot;
pub(crate) use text::is_forbidden;
pub use text::{
    CredentialName, DomainName, FileSystem, Machine, MountOption, PciPath, Reason, Text, UserName, UuidText,
    Word,
};
pub use time_span::TimeSpan;
pub use unit_name::{UnitName, escape_path};
pub use vcpu_count::VcpuCount;
pub use vlan_id::VlanId;
pub use vlan_range::VlanRange;
pub use volume::Volume;

/// Why a text or number is not a value; one message without a full stop.
pub type Refusal = String;

/// A value that is written as a string in a spec.
pub trait TextValue: Sized + std::fmt::Display {
    /// What the string may be, for `explain` and messages: `a MAC address, like …`.
    const FORM: &'static str;

    /// Pattern that every such string has, as JSON Schema writes it; empty: any string may be one.
    const PATTERN: &'static str = "";

    /// Reads the string.
    ///
    /// # Errors
    /// The rule that the string breaks, with the string.
    fn parse(text: &str) -> Result<Self, Refusal>;

    /// Returns what a refused string was meant to be where that is certain: it means the same to whoever reads it.
    #[must_use]
    fn mended(text: &str) -> Option<String> {
        let trimmed = text.trim();
        (trimmed != text).then(|| trimmed.to_owned())
    }

    /// Returns what a refused string was probably meant to be.
    #[must_use]
    fn guessed(_text: &str) -> Option<String> {
        None
    }
}

/// Implements `FromStr`, serde's traits and an `Ord`-friendly surface by way of [`TextValue`].
macro_rules! by_text {
    ($type:ty) => {
        impl std::str::FromStr for $type {
            type Err = crate::value::Refusal;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                <Self as crate::value::TextValue>::parse(text)
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
use by_text;

/// Declares a newtype over a checked string: its form, the check, what a refused one certainly was and what it probably
/// was.
macro_rules! checked_text {
    (
        $(#[$meta:meta])*
        $name:ident, $form:literal $(~ $pattern:literal)?, $check:expr $(, $mended:expr $(, $guessed:expr)?)?
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Returns the text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl crate::value::TextValue for $name {
            const FORM: &'static str = $form;
            $(const PATTERN: &'static str = $pattern;)?

            fn parse(text: &str) -> Result<Self, crate::value::Refusal> {
                let check: fn(&str) -> Result<(), crate::value::Refusal> = $check;
                check(text)?;
                Ok(Self(text.to_owned()))
            }
            $(
                fn mended(text: &str) -> Option<String> {
                    let mended: fn(&str) -> Option<String> = $mended;
                    mended(text)
                }
                $(
                    fn guessed(text: &str) -> Option<String> {
                        let guessed: fn(&str) -> Option<String> = $guessed;
                        guessed(text)
                    }
                )?
            )?
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        crate::value::by_text!($name);
    };
}
use checked_text;

#[cfg(test)]
#[track_caller]
fn check<T: TextValue>(text: &str, expected: Result<&str, &str>) {
    let found = T::parse(text).map(|value| value.to_string());
    match (found, expected) {
        (Ok(found), Ok(expected)) => assert_eq!(found, expected),
        (Err(found), Err(expected)) => assert!(found.contains(expected), "{found}"),
        (found, expected) => panic!("{text:?}: found {found:?}, expected {expected:?}"),
    }
}
