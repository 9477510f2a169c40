//! Codes of diagnostics, each with the page that `hostwright explain CODE` prints.

use std::fmt;

use serde::{Serialize, Serializer};

macro_rules! codes {
    (
        errors { $($(#[doc = $doc:literal])+ $code:ident = $name:literal,)+ }
        fleet { $($(#[doc = $fleet_doc:literal])+ $fleet:ident = $fleet_name:literal,)+ }
        fleet_lints { $($(#[doc = $between_doc:literal])+ $between:ident = $between_name:literal,)+ }
        lints { $($(#[doc = $lint_doc:literal])+ $lint:ident = $lint_name:literal,)+ }
    ) => {
        /// Name of a rule.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $doc])+ $code,)+
            $($(#[doc = $fleet_doc])+ $fleet,)+
            $($(#[doc = $between_doc])+ $between,)+
            $($(#[doc = $lint_doc])+ $lint,)+
        }

        impl Code {
            /// All codes, in the order of this file.
            pub const ALL: &'static [Self] =
                &[$(Self::$code,)+ $(Self::$fleet,)+ $(Self::$between,)+ $(Self::$lint,)+];

            /// Codes of what only several hosts show together.
            pub const FLEET: &'static [Self] = &[$(Self::$fleet,)+ $(Self::$between,)+];

            /// Codes of warnings that only several hosts show together; `[lints]` of one of them can allow them.
            pub const FLEET_LINTS: &'static [Self] = &[$(Self::$between,)+];

            /// Codes of warnings about one host, which `[lints]` can allow.
            pub const LINTS: &'static [Self] = &[$(Self::$lint,)+];

            /// Returns the kebab-case name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$code => $name,)+
                    $(Self::$fleet => $fleet_name,)+
                    $(Self::$between => $between_name,)+
                    $(Self::$lint => $lint_name,)+
                }
            }

            /// Returns the page: rule, reason, remedy, an example of what is wrong and what is right.
            #[must_use]
            pub const fn page(self) -> &'static str {
                match self {
                    $(Self::$code => concat!($($doc, "\n",)+ "\n", include_str!(concat!("code/", $name, ".md"))),)+
                    $(Self::$fleet => concat!(
                        $($fleet_doc, "\n",)+
                        "\n",
                        include_str!(concat!("code/", $fleet_name, ".md"))
                    ),)+
                    $(Self::$between => concat!(
                        $($between_doc, "\n",)+
                        "\n",
                        include_str!(concat!("code/", $between_name, ".md")),
                        "\nA warning of `check --fleet`. Where it is meant so, the spec of one of the hosts says why:\n",
                        "`[lints] ", $between_name, " = { allow = \"…\" }`, for single tables with `on = [\"kind.name\"]`.\n"
                    ),)+
                    $(Self::$lint => concat!(
                        $($lint_doc, "\n",)+
                        "\n",
                        include_str!(concat!("code/", $lint_name, ".md")),
                        "\nA warning. Where it is meant so, the spec says why:\n",
                        "`[lints] ", $lint_name, " = { allow = \"…\" }`, for single tables with `on = [\"kind.name\"]`.\n"
                    ),)+
                }
            }
        }
    };
}

codes! {
    errors {
        /// The text is not TOML.
        TomlSyntax = "toml-syntax",
        /// A value has another type than the key asks for, or a text that the key's form does not allow.
        InvalidValue = "invalid-value",
        /// A string holds a line break, a NUL or another control character.
        ControlCharacter = "control-character",
        /// A key that this version does not know.
        UnknownKey = "unknown-key",
        /// A table whose first word is no kind, or a kind that this version does not know.
        UnknownKind = "unknown-kind",
        /// A word that the key does not know.
        UnknownValue = "unknown-value",
        /// A key that must be there is not.
        MissingKey = "missing-key",
        /// Keys of which exactly one must be given: none is, or several are.
        ExactlyOneKey = "exactly-one-key",
        /// A key or a table that stands twice in one file.
        DuplicateKey = "duplicate-key",
        /// A table stands in two places.
        DuplicateTable = "duplicate-table",
        /// An included file holds something else than `[kind.name]` tables under headers of their own.
        IncludeForm = "include-form",
        /// A file named by `include` could not be read.
        IncludeUnreadable = "include-unreadable",
        /// A `language` that this version does not speak.
        Language = "language",
        /// A name that the kernel, systemd or libvirt would not take, or that they use themselves.
        InvalidName = "invalid-name",
        /// Two tables of different kinds give the same name to an interface or a unit.
        DuplicateName = "duplicate-name",
        /// A name that no table declares.
        UnknownReference = "unknown-reference",
        /// A link is, over other links, its own parent.
        ParentCycle = "parent-cycle",
        /// An MTU above that of the link below.
        MtuAboveParent = "mtu-above-parent",
        /// An IPv6 address on a link whose MTU is below 1280.
        MtuBelowIpv6 = "mtu-below-ipv6",
        /// A VLAN identifier that is used twice on one parent.
        DuplicateVlanId = "duplicate-vlan-id",
        /// A MAC address that is given twice.
        DuplicateMac = "duplicate-mac",
        /// A network card that two tables match.
        DuplicateCard = "duplicate-card",
        /// An address of the host that is given twice in one routing table.
        DuplicateAddress = "duplicate-address",
        /// A directory that two file systems are mounted on.
        DuplicateMountPoint = "duplicate-mount-point",
        /// A disk, volume or file that two tables write: the same path, the same number or name on a target, or a disk
        /// and one of its partitions.
        DuplicateDisk = "duplicate-disk",
        /// A UUID that two guests or two networks have.
        DuplicateUuid = "duplicate-uuid",
        /// An iSCSI target that two tables log in to.
        DuplicateTarget = "duplicate-target",
        /// Two networks give out virtual functions of the same network card.
        DuplicateVf = "duplicate-vf",
        /// A value that a table gives twice: a slot of a guest, a portal, a priority.
        DuplicateValue = "duplicate-value",
        /// A link that is a port of two masters, or twice of one.
        TwoMasters = "two-masters",
        /// A link that is a port of a bond or bridge and carries macvlan or macvtap devices.
        PortAndParent = "port-and-parent",
        /// A macvlan or macvtap device of mode `passthru` that is not alone on its parent.
        PassthruNotAlone = "passthru-not-alone",
        /// An address on a link that is a port of a bond or bridge.
        AddressOnPort = "address-on-port",
        /// Two routes lead to the same network in the same table with the same metric.
        RouteConflict = "route-conflict",
        /// A gateway or neighbor that the host cannot reach over the link, or that is the host itself.
        UnreachableGateway = "unreachable-gateway",
        /// Addresses of IPv4 and IPv6 in one route or rule.
        MixedFamilies = "mixed-families",
        /// A link that is not of the kind that is needed.
        WrongLink = "wrong-link",
        /// A `device` that does not lie below `/dev`.
        NotADevice = "not-a-device",
        /// A directive or feature that the target's systemd does not have.
        SystemdTooOld = "systemd-too-old",
        /// Keys that cannot stand together, or that mean nothing where they stand.
        Conflict = "conflict",
        /// An entry of `[lints]` that is not the code of a warning.
        UnknownLint = "unknown-lint",
        /// A bug of hostwright.
        Internal = "internal",
    }
    fleet {
        /// Two specs of a fleet describe one host: name and site are the same.
        DuplicateHost = "duplicate-host",
        /// A value that two hosts of a fleet have, and that only one may have: a MAC address, an address, a guest's UUID, the
        /// name of an iSCSI initiator.
        DuplicateInFleet = "duplicate-in-fleet",
    }
    fleet_lints {
        /// An address for one station, /32 or /128, that two hosts have on links that lead to no network card.
        AddressOnTwoHosts = "address-on-two-hosts",
        /// VLAN devices of one name that have another identifier on other hosts of the site.
        VlanIdDiffers = "vlan-id-differs",
        /// A network that a guest needs on a host to which it could move, and that is not there.
        NetworkMissingOnPartner = "network-missing-on-partner",
        /// A disk that tables of two hosts write, neither of which waits for the administrator.
        DiskOfTwoHosts = "disk-of-two-hosts",
    }
    lints {
        /// An address of one link lies in the network of another link, in the same routing table.
        OverlappingNetworks = "overlapping-networks",
        /// The IPv6 default route comes from router advertisements alone.
        RaDefaultRoute = "ra-default-route",
        /// Default routes over two links with one metric, of which leases or advertisements give one at least.
        CompetingDefaults = "competing-defaults",
        /// Raw lines give a bond or bridge its MAC address in `[Link]`, on systemd 257 to 261.
        MacInNetwork = "mac-in-network",
        /// Guests or containers are on a bridge that filters VLANs, and nothing gives them one.
        NoVlanForGuests = "no-vlan-for-guests",
        /// A guest on a macvtap device with `trust-guest-rx-filters = false`, on a host that speaks IPv6.
        UntrustedRxFilters = "untrusted-rx-filters",
        /// A guest that is meant to migrate has a disk in a file of this host.
        LocalFileDisk = "local-file-disk",
        /// A guest that is meant to migrate has a CD that is a file of this host.
        LocalCdrom = "local-cdrom",
        /// A guest that is meant to migrate has the host's own processor.
        HostPassthrough = "host-passthrough",
        /// A guest that is meant to migrate has a virtual function of a network card that nothing stands in for.
        SrIovWithoutTeaming = "sr-iov-without-teaming",
        /// A network card is renamed to a name of the kernel's own making: `eth0`.
        KernelName = "kernel-name",
        /// Guests get macvtap devices on a link that the host has an address on.
        MacvtapWithoutHost = "macvtap-without-host",
        /// More than 16 macvlan and macvtap devices on one network card.
        ManyMacvtaps = "many-macvtaps",
        /// A bridge between a network card and nothing but guests.
        BridgeOnNic = "bridge-on-nic",
        /// An iSCSI target with one portal.
        SinglePortal = "single-portal",
        /// Portals of one target lie on links with different MTUs.
        PortalMtu = "portal-mtu",
        /// A disk by the name that the kernel gave it: `/dev/sdb`.
        UnstableDevice = "unstable-device",
        /// A disk of an iSCSI target that nothing in the spec logs in to.
        UnprovidedDevice = "unprovided-device",
        /// A volume is used without the target that brings its group, by what another table says.
        MissingNeed = "missing-need",
        /// A mount option that only `/etc/fstab` knows.
        FstabOption = "fstab-option",
        /// Plans may disturb BGP sessions, and nothing stands behind an apply: neither `confirm` nor a probe.
        NoConfirm = "no-confirm",
        /// An entry of `[lints]` that allows nothing.
        UnusedAllow = "unused-allow",
    }
}

impl Code {
    /// Finds a code by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }

    /// Says whether what has this code is a warning.
    #[must_use]
    pub fn is_lint(self) -> bool {
        Self::LINTS.contains(&self) || self.is_of_a_fleet()
    }

    /// Says whether what has this code is a warning that only several hosts show together.
    #[must_use]
    pub fn is_of_a_fleet(self) -> bool {
        Self::FLEET_LINTS.contains(&self)
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

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn every_page_says_rule_reason_and_remedy() {
        for code in Code::ALL {
            let paragraphs = code.page().split("\n\n").filter(|it| !it.trim().is_empty()).count();
            assert!(paragraphs >= if code.is_lint() { 4 } else { 3 }, "{code} has {paragraphs}");
            assert_eq!(Code::parse(code.name()), Some(*code));
        }
    }
}
