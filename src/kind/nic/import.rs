//! A network card of the host to its table.

use crate::observed::Observed;
use crate::spec::{TableText, write::string};

const LOOPBACK: &str = "lo";

pub(super) fn import(name: &str, seen: &Observed, table: &mut TableText) -> Option<()> {
    let link = seen.links.get(name).filter(|it| it.kind.is_none() && name != LOOPBACK)?;
    if let Some(mac) = link.hardware_mac() {
        table.toml("match", format!("{{ mac = {} }}", string(mac)));
    }
    Some(())
}
