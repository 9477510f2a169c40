//! Keys of `[network.NAME]`.

use crate::keys;
use crate::spec::LinkName;
use crate::value::UuidText;

keys! {
    /// `[network.NAME]`: a libvirt network called NAME; guests name it instead of a link of the host.
    pub struct NetworkSpec {
        /// UUID in its usual writing. libvirt's `network/uuid`.
        ///
        /// Absent: derived from site, host and name. To adopt a network that is there, it must be that one's.
        optional uuid: UuidText,
        /// Guests get macvtap devices in bridge mode on a link. libvirt's `network/forward[@mode='bridge']`.
        required macvtap: MacvtapNetworkSpec,
    }
}

keys! {
    /// A network of macvtap devices.
    pub struct MacvtapNetworkSpec {
        /// Link below: a network card or a VLAN.
        required parent: LinkName,
    }
}
