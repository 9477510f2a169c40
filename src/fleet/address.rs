//! Addresses that two hosts have.

use std::net::IpAddr;

use super::allow::{Cause, Finding};
use super::facts::{Facts, HostAddress};
use super::place::warning;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// Refuses addresses that two hosts have on one wire; warns of those that routers may announce from both.
pub(super) fn check<'a>(hosts: &'a [Facts], diagnostics: &mut Diagnostics) -> Vec<Finding<'a>> {
    let mut all: Vec<_> = hosts
        .iter()
        .flat_map(|host| host.addresses.iter().map(move |it| (host, it)))
        .filter(|(_, it)| !is_link_local(it.address))
        .collect();
    all.sort_by_key(|(host, it)| (it.address, &host.site));
    let mut found = Vec::new();
    for pair in all.windows(2) {
        let [(host, one), (other_host, other)] = pair else { continue };
        if one.address == other.address && (host.site == other_host.site || !is_private(one.address)) {
            found.extend(report([(host, one), (other_host, other)], diagnostics));
        }
    }
    found
}

fn report<'a>(pair: [(&'a Facts, &HostAddress); 2], diagnostics: &mut Diagnostics) -> Option<Finding<'a>> {
    let labels = pair.map(|(host, it)| format!("`{}` on `{}`", it.place.value.name, host.name.value));
    let [one, other] = pair.map(|(_, it)| it);
    let places = [(one.place.span, labels[0].as_str()), (other.place.span, labels[1].as_str())];
    let message = format!("address `{}` is that of {} and of {}", one.address, labels[0], labels[1]);
    if one.wired && other.wired {
        let hint = "give one of them another address";
        diagnostics.push(Diagnostic::twice(Code::DuplicateInFleet, places, message).hint(hint));
        return None;
    }
    [one, other].iter().all(|it| it.wired || it.single).then(|| {
        let hint = "meant where BGP announces it from both; a router's own differs";
        let diagnostic = warning(Code::AddressOnTwoHosts, places, message).hint(hint);
        Finding { diagnostic, causes: pair.map(|(host, it)| Cause::of(host, &it.place)).into() }
    })
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(it) => it.is_link_local(),
        IpAddr::V6(it) => it.is_unicast_link_local(),
    }
}

/// Says whether an address means something at its own site alone. RFC 1918, RFC 4193.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(it) => it.is_private(),
        IpAddr::V6(it) => it.is_unique_local(),
    }
}
