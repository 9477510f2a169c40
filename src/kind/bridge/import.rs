//! A bridge of the host to its table.

use super::render::{
    AGEING_TIME, FORWARD_DELAY, MULTICAST_SNOOPING, PRIORITY, STP_STATE, VLAN_DEFAULT_PVID, VLAN_FILTERING,
};
use crate::observed::{Observed, ObservedLink};
use crate::spec::{TableText, write};

/// `IFLA_BR_HELLO_TIME`, in hundredths of a second.
const HELLO_TIME: u16 = 2;
/// `IFLA_BR_MAX_AGE`, in hundredths of a second.
const MAX_AGE: u16 = 3;
/// Kinds whose links come and go with guests and containers, and become ports by themselves.
const TRANSIENT: &[&str] = &["tun", "veth", "macvtap"];

pub(super) fn import(name: &str, seen: &Observed, table: &mut TableText) -> Option<()> {
    let link = seen.link_of_kind(name, "bridge")?;
    let stays = |it: &&str| {
        let kind = seen.links.get(*it).and_then(|it| it.kind.as_deref());
        kind.is_none_or(|it| !TRANSIENT.contains(&it))
    };
    let ports: Vec<_> = seen.ports(name).filter(stays).collect();
    table.list("ports", &ports);
    let differs = |attribute, default| link.number(attribute).filter(|it| *it != default);
    if let Some(stp) = differs(STP_STATE, 0) {
        table.toml("stp", stp != 0);
    }
    if let Some(priority) = differs(PRIORITY, 0x8000) {
        table.toml("priority", priority);
    }
    times(link, table);
    if let Some(snooping) = differs(MULTICAST_SNOOPING, 1) {
        table.toml("multicast-snooping", snooping != 0);
    }
    if link.number(VLAN_FILTERING) == Some(1) {
        filtering(link, &ports, seen, table);
    }
    Some(())
}

fn times(link: &ObservedLink, table: &mut TableText) {
    let differs = |attribute, default| {
        link.number(attribute).filter(|it| *it != default).map(|it| it.saturating_mul(10))
    };
    if let Some(milliseconds) = differs(FORWARD_DELAY, 1500) {
        table.text("forward-delay-sec", format!("{milliseconds}ms"));
    }
    if let Some(milliseconds) = differs(AGEING_TIME, 30_000) {
        table.text("ageing-time-sec", format!("{milliseconds}ms"));
    }
    for (what, attribute, default) in [("hello time", HELLO_TIME, 200), ("greatest age", MAX_AGE, 2000)] {
        if let Some(milliseconds) = differs(attribute, default) {
            table.unsaid(&format!("its {what} of {milliseconds} ms"));
        }
    }
}

fn filtering(link: &ObservedLink, ports: &[&str], seen: &Observed, table: &mut TableText) {
    table.toml("vlan-filtering", true);
    if let Some(vlan) = link.number(VLAN_DEFAULT_PVID).filter(|it| *it != 0) {
        table.unsaid(&format!("its default VLAN {vlan}: ports have those that they are given"));
    }
    for port in ports {
        let vlans = seen.links.get(*port).map(|it| it.vlans.as_slice()).unwrap_or_default();
        let tagged: Vec<_> = vlans.iter().filter(|it| !it.untagged).map(|it| write::string(it.id)).collect();
        let mut keys = Vec::new();
        if !tagged.is_empty() {
            keys.push(format!("vlans = [{}]", tagged.join(", ")));
        }
        keys.extend(vlans.iter().find(|it| it.untagged).map(|it| format!("pvid = {}", it.id)));
        if !keys.is_empty() {
            table.toml(&format!("port.{}", write::key_text(port)), format!("{{ {} }}", keys.join(", ")));
        }
    }
}
