//! Networks that a guest would miss on a host that it could move to.

use std::collections::BTreeSet;

use super::facts::Facts;
use crate::artifact::Origin;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::value::{Lun, TextValue};

pub(super) fn check(hosts: &[Facts], diagnostics: &mut Diagnostics) {
    for host in hosts {
        let mut said = BTreeSet::new();
        for (guest, networks) in &host.guests {
            for partner in hosts.iter().filter(|it| is_partner(host, guest, it)) {
                for network in networks.value.iter().filter(|it| !partner.networks.contains_key(*it)) {
                    if said.insert((network, partner.name.value.as_str())) {
                        diagnostics.push(missing(host, guest, network, partner));
                    }
                }
            }
        }
    }
}

fn missing(host: &Facts, guest: &Origin, network: &str, partner: &Facts) -> Diagnostic {
    let message = format!(
        "host `{}` has no network `{network}`, on which guest `{}` of `{}` is: it cannot move there",
        partner.name.value, guest.name, host.name.value
    );
    let hint = format!("add `[network.{network}]` to `{}`", partner.name.value);
    let diagnostic =
        Diagnostic::warning(Code::NetworkMissingOnPartner, partner.name.span, message).hint(hint);
    match host.networks.get(network) {
        Some(span) => diagnostic.also(*span, format!("`{}` has it here", host.name.value)),
        None => diagnostic,
    }
}

/// Says whether a guest could move to another host: one of the same site that reaches a disk of it.
fn is_partner(host: &Facts, guest: &Origin, other: &Facts) -> bool {
    let is_other = host.name.value != other.name.value && host.site == other.site;
    let disks =
        || host.disks.iter().filter(|(_, place)| place.value == *guest).map(|(disk, _)| disk.as_str());
    is_other && disks().any(|disk| reaches(host, disk, other))
}

fn reaches(host: &Facts, disk: &str, other: &Facts) -> bool {
    if disk.starts_with('/') {
        return super::disk::is_world_wide(disk) && other.disks.contains_key(disk);
    }
    let Ok(lun) = Lun::parse(disk) else { return false };
    let mut targets = host.targets.iter().filter(|(_, place)| place.value.name == lun.target.as_str());
    targets.any(|(target, _)| other.targets.contains_key(target))
}
