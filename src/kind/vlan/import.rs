//! A VLAN of the host to its table.

use super::render::{EGRESS_QOS, ID, IEEE_802_1Q, INGRESS_QOS, PROTOCOL};
use crate::artifact::Bytes;
use crate::observed::{Observed, ObservedLink};
use crate::spec::TableText;

/// `IFLA_VLAN_FLAGS`: flags and mask.
const FLAGS: u16 = 2;
/// `VLAN_FLAG_REORDER_HDR`, the kernel's default.
const REORDER: u8 = 1;

pub(super) fn import(name: &str, seen: &Observed, table: &mut TableText) -> Option<()> {
    let link = seen.link_of_kind(name, "vlan")?;
    if link.data.get(&PROTOCOL).is_some_and(|it| it.0 != IEEE_802_1Q) {
        return None;
    }
    table.toml("id", link.number(ID)?);
    table.text("parent", link.parent.as_ref()?);
    table.list("egress-qos-maps", maps(link, EGRESS_QOS));
    table.list("ingress-qos-maps", maps(link, INGRESS_QOS));
    if let Some(flags) = link.data.get(&FLAGS).and_then(|it| it.0.first()).filter(|it| **it != REORDER) {
        table.unsaid(&format!("its flags {flags:#x}, of GVRP, MVRP or loose binding"));
    }
    Some(())
}

/// Reads `struct ifla_vlan_qos_mapping` of each pair.
fn maps(link: &ObservedLink, attribute: u16) -> Vec<String> {
    let pairs = link.data.get(&attribute).map(Bytes::nest).unwrap_or_default();
    let pair = |(_, Bytes(value)): (u16, Bytes)| {
        let number = |at: usize| Bytes(value.get(at..at + 4).unwrap_or_default().to_vec()).number();
        Some(format!("{}-{}", number(0)?, number(4)?))
    };
    pairs.into_iter().filter_map(pair).collect()
}
