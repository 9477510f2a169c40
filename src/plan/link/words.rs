//! Differences in words.

use super::difference::Difference;
use crate::artifact::{Link, Setting};
use crate::plan::draft::Draft;

/// What differs of a link of which the kernel has everything, and networkd something else.
pub const SETTINGS_OF_NETWORKD: &str = "settings of networkd";

/// Says in words what differs.
pub(super) fn described(differences: &[Difference]) -> String {
    differences.iter().map(words).collect::<Vec<_>>().join(", ")
}

/// Says in words what differs, what only networkd can give included, which no difference in the kernel tells of.
pub(super) fn described_with_file(draft: &Draft<'_>, link: &Link, differences: &[Difference]) -> String {
    let mut all = of_networkd(draft, link);
    if !differences.is_empty() {
        all.insert(0, described(differences));
    } else if all.is_empty() {
        all.push(SETTINGS_OF_NETWORKD.to_owned());
    }
    all.join(", ")
}

/// Says what only networkd gives a link now, and what it gave by the former spec.
fn of_networkd(draft: &Draft<'_>, link: &Link) -> Vec<String> {
    let Some(former) = draft.before.link(&link.name) else { return Vec::new() };
    let beyond = |one: &Link, other: &Link, sign: &str| -> Vec<_> {
        let alone = one.by_networkd.iter().filter(|it| !other.by_networkd.contains(it));
        alone.map(|it| format!("{sign} {it}")).collect()
    };
    let mut all = [beyond(link, former, "+"), beyond(former, link, "-")].concat();
    if link.raw != former.raw {
        all.push(SETTINGS_OF_NETWORKD.to_owned());
    }
    all
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
