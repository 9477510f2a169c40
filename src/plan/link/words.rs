//! Differences in words.

use super::difference::Difference;
use crate::artifact::Setting;

/// What differs of a link of which the kernel has everything, and networkd something else.
pub const SETTINGS_OF_NETWORKD: &str = "settings of networkd";

/// Says in words what differs.
pub(super) fn described(differences: &[Difference]) -> String {
    if differences.is_empty() {
        return SETTINGS_OF_NETWORKD.to_owned();
    }
    differences.iter().map(words).collect::<Vec<_>>().join(", ")
}

fn words(difference: &Difference) -> String {
    match difference {
        Difference::Identity(text) => text.clone(),
        Difference::Device(_, _, wanted) => {
            let pair = |it: &Setting| format!("{} {}", it.key, it.text.as_deref().unwrap_or_default());
            wanted.iter().map(pair).collect::<Vec<_>>().join(", ")
        }
        Difference::Vlans(_, wanted) => {
            let ids: Vec<_> = wanted.iter().map(|it| it.id.to_string()).collect();
            format!("its own VLANs {}", ids.join(" "))
        }
        Difference::Mtu(Some(before), after) => format!("MTU {before} → {after}"),
        Difference::Mtu(None, after) => format!("MTU {after}"),
        Difference::Down => "up".to_owned(),
        Difference::Sysctl(path, _, wanted) => {
            format!("{} {wanted}", path.rsplit('/').next().unwrap_or(path))
        }
        Difference::MissingPort(it) => format!("+ port {}", it.link),
        Difference::ChangedPort(_, it) => format!("VLANs of port {}", it.link),
        Difference::FormerPort(it) => format!("- port {}", it.link),
        Difference::Elected(_, _, Some(port)) => format!("prefers {port}"),
        Difference::Elected(_, _, None) => "prefers no port".to_owned(),
        Difference::MissingAddress(it) => format!("+ {}", it.address),
        Difference::FormerAddress(it) => format!("- {}", it.address),
        Difference::MissingRoute(it) => format!("+ route {}", it.to),
        Difference::FormerRoute(it) => format!("- route {}", it.to),
        Difference::ChangedRoute(_, it) => format!("route {}", it.to),
        Difference::MissingRule(it) => format!("+ rule {it}"),
        Difference::FormerRule(it) => format!("- rule {it}"),
        Difference::MissingNeighbor(it) => format!("+ neighbor {}", it.address),
        Difference::FormerNeighbor(it) => format!("- neighbor {}", it.address),
        Difference::ChangedNeighbor(_, it) => format!("neighbor {}", it.address),
    }
}
