//! A macvlan device of the host to its table.

use crate::observed::Observed;
use crate::render::import_macvlan;
use crate::spec::TableText;

pub(super) fn import(name: &str, seen: &Observed, table: &mut TableText) -> Option<()> {
    import_macvlan("macvlan", name, seen, table)
}
