//! Keys of `[host]`.

use crate::value::{Iqn, ItemName};
use crate::{keys, words};

keys! {
    /// `[host]`: the host itself.
    pub struct HostTable {
        /// Name of the host. With the site it is the seed of UUIDs and MAC addresses.
        #[also("hostname")]
        #[unlike(
            "gateway" => "a route stands in its link: `routes = [{ to = \"default\", via = \"…\" }]` in `[nic.NAME]`",
            "dns" => "`dns` is a key of a link, like `[nic.NAME]`",
            "domain" => "domains that are searched are `domains` of a link; a guest is `[domain.NAME]`"
        )]
        required name: ItemName,
        /// Name of the place; hosts of one name at two sites get different MAC addresses.
        ///
        /// Absent: empty.
        optional site: ItemName,
        /// Major version of systemd to compile for.
        ///
        /// Absent: the one installed on the machine that compiles.
        optional systemd: u32,
        /// What the host is for iSCSI targets.
        optional iscsi: HostIscsi,
        /// What becomes of bridges that packages make by themselves.
        ///
        /// They are `virbr0` of libvirt, `lxcbr0` of LXC, `lxdbr0` of LXD and `incusbr0` of Incus. `remove` stops them
        /// and keeps them from coming back; one that a running guest or container uses is left, and the plan stops and
        /// says who. `leave` does nothing, and puts back what `remove` took away. A libvirt network `default` that the
        /// spec itself declares is none of them.
        default default_bridges: DefaultBridges = "\"remove\"",
    }
}

keys! {
    /// `[host.iscsi]`: what the host is for iSCSI targets.
    pub struct HostIscsi {
        /// Name under which the host logs in; targets know it. `iface.initiatorname` of open-iscsi.
        ///
        /// Absent: what `/etc/iscsi/initiatorname.iscsi` says, which hostwright never changes.
        optional initiator: Iqn,
    }
}

/// What becomes of bridges that packages make by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultBridges {
    /// They are kept away.
    Remove,
    /// They are as their packages make them.
    Leave,
}

words!(DefaultBridges { "remove" => Self::Remove, "leave" => Self::Leave, });
