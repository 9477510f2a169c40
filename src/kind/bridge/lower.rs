//! `[bridge.NAME]` to a bridge.

use std::collections::BTreeMap;

use super::Bridge;
use super::spec::{BridgeSpec, PortSpec};
use crate::artifact::{Port, PortVlan};
use crate::diagnostic::{Code, Diagnostic};
use crate::lower::Lower;
use crate::source::Located;
use crate::spec::Named;
use crate::value::InterfaceName;

const PRIORITY: u16 = 0x8000;

pub(super) fn lower(name: &Located<InterfaceName>, spec: &BridgeSpec, cx: &mut Lower<'_>) -> Option<Bridge> {
    let settings = spec.settings.lower(&name.value, cx);
    let priority = priority(spec, cx);
    let known = check_ports(spec, cx).and(check_forward_delay(spec, cx));
    let filtering = spec.vlan_filtering.value;
    let tagged = |id| PortVlan { id, untagged: false };
    let own = filtering.then(|| cx.vlans_on(&name.value).into_iter().map(tagged).collect());
    known?;
    Some(Bridge {
        name: name.value.clone(),
        ports: spec.ports.iter().map(|it| port(&it.value.0, spec)).collect(),
        stp: spec.stp.value,
        priority: priority?,
        forward_delay: spec.forward_delay_sec.value,
        ageing_time: spec.ageing_time_sec.value,
        multicast_snooping: spec.multicast_snooping.value,
        vlans: own,
        mac: cx.link_mac(spec.mac.as_ref(), &name.value),
        settings: settings?,
    })
}

fn priority(spec: &BridgeSpec, cx: &mut Lower<'_>) -> Option<u16> {
    let Some(priority) = &spec.priority else { return Some(PRIORITY) };
    u16::try_from(priority.value)
        .map_err(|_| {
            let message = format!("priority {} is not between 1 and 65535", priority.value);
            cx.push(Diagnostic::error(Code::InvalidValue, priority.span, message));
        })
        .ok()
}

/// Refuses what the kernel does not take with the spanning tree protocol: IEEE 802.1D, table 17-1.
fn check_forward_delay(spec: &BridgeSpec, cx: &mut Lower<'_>) -> Option<()> {
    let delay = &spec.forward_delay_sec;
    if !spec.stp.value || (2_000..=30_000).contains(&delay.value.milliseconds()) {
        return Some(());
    }
    let message = format!("with `stp` `forward-delay-sec` is between 2 s and 30 s, found `{}`", delay.value);
    cx.push(Diagnostic::error(Code::InvalidValue, delay.span, message));
    None
}

fn check_ports(spec: &BridgeSpec, cx: &mut Lower<'_>) -> Option<()> {
    let checked: Vec<_> = spec.port.iter().map(|it| check_port(spec, it, cx)).collect();
    checked.into_iter().collect()
}

fn check_port(spec: &BridgeSpec, port: &Named<PortSpec>, cx: &mut Lower<'_>) -> Option<()> {
    let known = spec.ports.iter().any(|it| it.value.0.as_str() == port.name.value.as_str());
    let message = if !known {
        format!("`{}` is not one of the `ports` of this bridge", port.name.value)
    } else if !spec.vlan_filtering.value {
        format!("port `{}` is given VLANs, but the bridge does not filter VLANs", port.name.value)
    } else {
        return check_pvid(&port.body, cx);
    };
    let hint = if known { "write `vlan-filtering = true` in the bridge" } else { "add it to `ports`" };
    cx.push(Diagnostic::error(Code::Conflict, port.name.span, message).hint(hint));
    None
}

fn check_pvid(port: &PortSpec, cx: &mut Lower<'_>) -> Option<()> {
    let Some(pvid) = &port.pvid else { return Some(()) };
    let Some(range) = port.vlans.iter().find(|it| it.value.ids().any(|id| id == pvid.value)) else {
        return Some(());
    };
    let message =
        format!("VLAN {} is given to the port twice: with its tag by `vlans`, without by `pvid`", pvid.value);
    cx.push(Diagnostic::error(Code::Conflict, range.span, message).also(pvid.span, "without its tag"));
    None
}

fn port(link: &InterfaceName, spec: &BridgeSpec) -> Port {
    let mut vlans = BTreeMap::new();
    let given = spec.port.iter().find(|it| it.name.value.as_str() == link.as_str()).map(|it| &it.body);
    for range in given.iter().flat_map(|it| &it.vlans) {
        vlans.extend(range.value.ids().map(|id| (id, false)));
    }
    vlans.extend(given.and_then(|it| it.pvid.as_ref()).map(|it| (it.value, true)));
    let vlans = vlans.into_iter().map(|(id, untagged)| PortVlan { id, untagged }).collect();
    Port { link: link.clone(), vlans: spec.vlan_filtering.value.then_some(vlans), elected: None }
}
