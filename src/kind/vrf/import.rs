//! A VRF of the host to its table.

use super::render::TABLE;
use crate::observed::Observed;
use crate::spec::TableText;

pub(super) fn import(name: &str, seen: &Observed, table: &mut TableText) -> Option<()> {
    let number = seen.link_of_kind(name, "vrf")?.number(TABLE)?;
    table.toml("table", number);
    table.list("ports", seen.ports(name));
    Some(())
}
