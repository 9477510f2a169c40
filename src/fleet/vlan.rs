//! VLAN devices of one name that are in different VLANs.

use std::collections::BTreeMap;

use super::allow::{Cause, Finding};
use super::facts::Facts;
use crate::artifact::Origin;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Located;
use crate::value::VlanId;

/// Devices of one name at one site, by host.
type Devices<'a> = BTreeMap<(&'a str, &'a str), Vec<(&'a Facts, Located<VlanId>)>>;

pub(super) fn check(hosts: &[Facts]) -> Vec<Finding<'_>> {
    let mut devices = Devices::new();
    for host in hosts {
        for (name, id) in &host.vlans {
            devices.entry((&host.site, name)).or_default().push((host, *id));
        }
    }
    let mut found = Vec::new();
    for ((_, name), here) in devices {
        let (usual_host, usual) = usual(&here);
        for (host, id) in here.iter().filter(|(_, it)| it.value != usual.value) {
            let message = format!(
                "VLAN `{name}` has id {} on host `{}` and {} on `{}`",
                id.value, host.name.value, usual.value, usual_host.name.value
            );
            let diagnostic = Diagnostic::warning(Code::VlanIdDiffers, id.span, message);
            let hint = format!("write `id = {}` where it is the same VLAN, else another name", usual.value);
            let label = format!("on `{}`", usual_host.name.value);
            let diagnostic = diagnostic.also(usual.span, label).hint(hint);
            let cause = |host| Cause { host, tables: vec![Origin::new("vlan", name)] };
            found.push(Finding { diagnostic, causes: vec![cause(*host), cause(usual_host)] });
        }
    }
    found
}

/// Returns the identifier that most hosts have, by the first of them; of several that of the first host.
fn usual<'a>(here: &[(&'a Facts, Located<VlanId>)]) -> (&'a Facts, Located<VlanId>) {
    let count = |id: &Located<VlanId>| here.iter().filter(|(_, it)| it.value == id.value).count();
    let mut best = here[0];
    for one in here {
        if count(&one.1) > count(&best.1) {
            best = *one;
        }
    }
    best
}
