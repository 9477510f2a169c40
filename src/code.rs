//! Codes of diagnostics, each with the page that `hostwright explain CODE` prints.

use std::fmt;

use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $code:ident = $name:literal,)+) => {
        /// Name of a rule.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $doc])+ $code,)+
        }

        impl Code {
            /// All codes, in the order of this file.
            pub const ALL: &'static [Self] = &[$(Self::$code,)+];

            /// Returns the kebab-case name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$code => $name,)+ }
            }

            /// Returns the page: rule, reason, remedy.
            #[must_use]
            pub const fn page(self) -> &'static str {
                match self { $(Self::$code => concat!($($doc, "\n"),+),)+ }
            }
        }
    };
}

codes! {
    /// The text is not TOML.
    ///
    /// hostwright reads TOML 1.1. The line, or the table under a broken header, is left out, the rest of the text is
    /// checked. What tables say about each other is checked when all of it is TOML.
    TomlSyntax = "toml-syntax",
    /// A key or a table that stands twice in one file.
    ///
    /// TOML lets none be written again: which of both holds would depend on their order.
    DuplicateKey = "duplicate-key",
    /// A value has another type than the key asks for, or a text that the key's form does not allow.
    ///
    /// `hostwright explain KEY` names the form. Sizes and times are strings with a unit: `"8GiB"`, `"5min"`.
    InvalidValue = "invalid-value",
    /// A string holds a line break, a NUL or another control character.
    ///
    /// Strings end up in units, networkd files and XML, where a line break would begin a new setting.
    ControlCharacter = "control-character",
    /// A key that this version does not know.
    ///
    /// No key is accepted and ignored: what hostwright does not act on yet is unknown to it.
    /// `hostwright explain --list` prints all keys.
    UnknownKey = "unknown-key",
    /// A table whose first word is no kind, or a kind that this version does not know.
    UnknownKind = "unknown-kind",
    /// A word that the key does not know.
    UnknownValue = "unknown-value",
    /// A key that must be there is not.
    MissingKey = "missing-key",
    /// Keys of which exactly one must be given: none is, or several are.
    ExactlyOneKey = "exactly-one-key",
    /// A table stands in two places.
    ///
    /// With `include` a table stands whole in one file: there are no overrides.
    DuplicateTable = "duplicate-table",
    /// An included file holds something else than `[kind.name]` tables under headers of their own.
    ///
    /// `language`, `include`, `[host]` and keys before the first header belong to the main file.
    IncludeForm = "include-form",
    /// A file named by `include` could not be read.
    IncludeUnreadable = "include-unreadable",
    /// A `language` that this version does not speak.
    ///
    /// `language` owns defaults and meanings; a newer hostwright renders an old spec as before.
    Language = "language",
    /// A name that the kernel, systemd or libvirt would not take, or that they use themselves.
    InvalidName = "invalid-name",
    /// Two tables of different kinds give the same name to an interface, a unit or a mount point.
    DuplicateName = "duplicate-name",
    /// A name that no table declares.
    UnknownReference = "unknown-reference",
    /// A link is, over other links, its own parent.
    ParentCycle = "parent-cycle",
    /// An MTU above that of the parent.
    ///
    /// Frames would be dropped; networkd would raise the parent's MTU by itself, which resets many NICs.
    MtuAboveParent = "mtu-above-parent",
    /// A VLAN identifier that is used twice on one parent.
    DuplicateVlanId = "duplicate-vlan-id",
    /// An address, MAC address or disk that two tables claim.
    DuplicateValue = "duplicate-value",
    /// A directive or feature that the target's systemd does not have.
    SystemdTooOld = "systemd-too-old",
    /// Keys that cannot stand together.
    Conflict = "conflict",
    /// Two specs of a fleet describe one host: name and site are the same.
    ///
    /// Name and site are the seed of the MAC addresses and UUIDs that are not written: they would be the same on both
    /// hosts. Another `site` or `name` tells them apart.
    DuplicateHost = "duplicate-host",
    /// A value that two hosts of a fleet have, and that only one may have: a MAC address, an address, a guest's UUID, the name
    /// of an iSCSI initiator.
    ///
    /// A MAC address or UUID that is left out is derived from site, host and name, and differs. A guest that moves between two
    /// hosts may stand in both specs under one name, if one of them has `start = "manual"`. Addresses that links give
    /// themselves are not compared, nor private ones of two sites, nor those of a network that is the host's own: a bridge
    /// that leads to no network card.
    DuplicateInFleet = "duplicate-in-fleet",
    /// An address for one station, /32 or /128, that two hosts have on links that lead to no network card.
    ///
    /// As an address that BGP announces from several hosts it is meant; as a router's own it is not.
    AddressOnTwoHosts = "address-on-two-hosts",
    /// VLAN devices of one name that have another identifier on other hosts of the site.
    ///
    /// The report stands at the identifier that fewer hosts have.
    VlanIdDiffers = "vlan-id-differs",
    /// A network that a guest needs on a host to which it could move, and that is not there.
    ///
    /// A guest can move to a host of the same site that uses one of its disks, known by its WWN, or that logs in to the
    /// target of one: libvirt looks for the guest's networks by name there.
    NetworkMissingOnPartner = "network-missing-on-partner",
    /// A disk that tables of two hosts write, neither of which waits for the administrator.
    ///
    /// Two kernels that mount one file system, or two guests on one disk, destroy it. Where a guest moves, the spec of all hosts
    /// but one has `start = "manual"`.
    DiskOfTwoHosts = "disk-of-two-hosts",
    /// A bug of hostwright: please report it with the spec.
    Internal = "internal",
}

impl Code {
    /// Finds a code by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
