//! A VRF of the host to its table.

use crate::artifact::VRF_TABLE;
use crate::observed::Observed;
use crate::spec::TableText;

pub(super) fn import(name: &str, seen: &Observed, table: &mut TableText) -> Option<()> {
    let number = seen.link_of_kind(name, "vrf")?.number(VRF_TABLE)?;
    table.toml("table", number);
    table.list("ports", seen.ports(name));
    Some(())
}
