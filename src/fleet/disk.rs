//! Disks that tables of two hosts write.

use std::collections::BTreeMap;

use super::allow::{Cause, Finding};
use super::facts::Facts;
use super::place::warning;
use crate::artifact::Origin;
use crate::diagnostic::Code;
use crate::source::Located;

/// Beginning of the paths of disks whose names are the same on every host.
const WORLD_WIDE: &str = "/dev/disk/by-id/wwn-";

pub(super) fn is_world_wide(disk: &str) -> bool {
    disk.starts_with(WORLD_WIDE)
}

pub(super) fn check(hosts: &[Facts]) -> Vec<Finding<'_>> {
    let mut users: BTreeMap<&str, (&Facts, &Located<Origin>)> = BTreeMap::new();
    let mut found = Vec::new();
    for host in hosts {
        let writes = |place: &Located<Origin>| !host.idle.contains(&place.value);
        let disks = host.disks.iter().filter(|(disk, _)| is_world_wide(disk));
        for (disk, place) in disks.filter(|(_, place)| writes(place)) {
            let Some((first, other)) = users.insert(disk, (host, place)) else { continue };
            let labels = [(first, other), (host, place)]
                .map(|(host, place)| format!("by `[{}]` on `{}`", place.value, host.name.value));
            let message =
                format!("disk `{disk}` is written {} and {}, which may run at once", labels[0], labels[1]);
            let places = [(other.span, labels[0].as_str()), (place.span, labels[1].as_str())];
            let hint = "write `start = \"manual\"` on all hosts but one where a guest or container moves between them";
            let diagnostic = warning(Code::DiskOfTwoHosts, places, message).hint(hint);
            let causes = [(first, other), (host, place)].map(|(host, place)| Cause::of(host, place)).into();
            found.push(Finding { diagnostic, causes });
        }
    }
    found
}
