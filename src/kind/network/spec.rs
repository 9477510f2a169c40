//! Keys of `[network.NAME]`.

use crate::keys;
use crate::spec::LinkName;

keys! {
    /// `[network.NAME]`: a libvirt network called NAME; guests name it instead of a link of the host.
    pub struct NetworkSpec {
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
