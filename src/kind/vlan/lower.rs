//! `[vlan.NAME]` to a VLAN.

use std::collections::BTreeMap;

use super::Vlan;
use super::spec::VlanSpec;
use crate::diagnostic::{Code, Diagnostic};
use crate::lower::Lower;
use crate::source::Located;
use crate::value::{InterfaceName, QosMap};

/// systemd that brought the maps.
const QOS_MAPS_SINCE: u32 = 248;
/// Largest priority that fits the tag.
const LARGEST_IN_TAG: u32 = 7;

pub(super) fn lower(name: &Located<InterfaceName>, spec: &VlanSpec, cx: &mut Lower<'_>) -> Option<Vlan> {
    let settings = spec.settings.lower(&name.value, cx);
    let egress = maps("EgressQOSMaps=", &spec.egress_qos_maps, |it| it.to, cx);
    let ingress = maps("IngressQOSMaps=", &spec.ingress_qos_maps, |it| it.from, cx);
    Some(Vlan {
        name: name.value.clone(),
        id: spec.id.value,
        parent: spec.parent.value.0.clone(),
        egress: egress?,
        ingress: ingress?,
        settings: settings?,
    })
}

fn maps(
    directive: &str,
    maps: &[Located<QosMap>],
    in_tag: fn(&QosMap) -> u32,
    cx: &mut Lower<'_>,
) -> Option<Vec<(u32, u32)>> {
    let mut pairs = BTreeMap::new();
    for map in maps {
        cx.since(map.span, directive, QOS_MAPS_SINCE)?;
        if in_tag(&map.value) > LARGEST_IN_TAG {
            let message =
                format!("priority {} does not fit into a VLAN tag, which has 0 to 7", in_tag(&map.value));
            cx.push(Diagnostic::error(Code::InvalidValue, map.span, message));
            return None;
        }
        if let Some((_, first)) = pairs.insert(map.value.from, (map.value.to, map.span)) {
            let message = format!("priority {} is mapped twice, one map is for it alone", map.value.from);
            cx.push(Diagnostic::error(Code::DuplicateValue, map.span, message).also(first, "first here"));
            return None;
        }
    }
    // A mapping to 0 is the kernel's default, and it does not report it.
    Some(pairs.into_iter().map(|(from, (to, _))| (from, to)).filter(|(_, to)| *to != 0).collect())
}
