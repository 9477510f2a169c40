//! Networks that a guest would miss on a host that it could move to.

use super::allow::{Cause, Finding};
use super::facts::Facts;
use crate::artifact::Origin;
use crate::diagnostic::{Code, Diagnostic};
use crate::value::{Lun, TextValue};

pub(super) fn check(hosts: &[Facts]) -> Vec<Finding<'_>> {
    let mut found = Vec::new();
    for host in hosts {
        for (guest, networks) in host.guests.iter().filter(|(guest, _)| !host.staying.contains(guest)) {
            for partner in hosts.iter().filter(|it| is_partner(host, guest, it)) {
                let missing = networks.value.iter().filter(|it| !partner.networks.contains_key(*it));
                found.extend(missing.map(|it| self::missing(host, guest, it, partner)));
            }
        }
    }
    found
}

fn missing<'a>(host: &'a Facts, guest: &Origin, network: &str, partner: &'a Facts) -> Finding<'a> {
    let message = format!(
        "host `{}` has no network `{network}`, on which guest `{}` of `{}` is: it cannot move there",
        partner.name.value, guest.name, host.name.value
    );
    let hint = format!("add `[network.{network}]` to `{}`", partner.name.value);
    let diagnostic =
        Diagnostic::warning(Code::NetworkMissingOnPartner, partner.name.span, message).hint(hint);
    let given = host.networks.get(network);
    let diagnostic = match given {
        Some(it) => diagnostic.also(it.span, format!("`{}` has it here", host.name.value)),
        None => diagnostic,
    };
    let tables = given.map(|it| it.value.clone()).into_iter().chain([guest.clone()]).collect();
    Finding { diagnostic, causes: vec![Cause { host, tables }, Cause { host: partner, tables: Vec::new() }] }
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
