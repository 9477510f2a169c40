//! What is lost by a changed file that networkd reads: link-local addresses, addresses from leases and advertisements, and
//! what lines do that hostwright does not understand.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{ANY_SESSION, Loss, effect, named, over};
use crate::artifact::{Content, Device, Link, network_place};
use crate::ini;
use crate::observed::{Flow, ObservedAddress, ObservedLink, Speaker};
use crate::plan::Effect;
use crate::plan::draft::Draft;
use crate::plan::link::file_differs;
use crate::value::is_link_local;

/// Sections that hostwright writes whole.
const SECTIONS: &[&str] = &["Match", "Address", "Route", "RoutingPolicyRule", "Neighbor", "BridgeVLAN"];
/// Other keys that it writes.
const KEYS: &[&str] = &[
    "Link.MTUBytes",
    "Link.RequiredForOnline",
    "Network.LinkLocalAddressing",
    "Network.IPv6AcceptRA",
    "Network.LLDP",
    "Network.IgnoreCarrierLoss",
    "Network.KeepConfiguration",
    "Network.ConfigureWithoutCarrier",
    "Network.KeepMaster",
    "Network.DHCP",
    "Network.DNS",
    "Network.Domains",
];
/// `RTPROT_RA` and `RTPROT_DHCP`.
const LENT: [u8; 2] = [9, 16];

/// Returns what is lost when networkd reads the file of a link that is there.
pub(in crate::plan::link) fn of_file(draft: &Draft<'_>, link: &Link, present: &ObservedLink) -> Vec<Loss> {
    if !is_read(draft, link) {
        return Vec::new();
    }
    let [had, wanted] = files(draft, link);
    let mut losses = of_link_local(draft, link, present, &wanted);
    losses.extend(of_lent(draft, link, &lent_that_go(draft, link, present)));
    if draft.observed.networkd_has_loaded(&link.name) && has_other_raw(draft, link, [&had, &wanted]) {
        losses.extend(of_raw(draft, link));
    }
    losses
}

/// Says whether networkd reads the file of a link anew when the link changes.
pub(super) fn is_read(draft: &Draft<'_>, link: &Link) -> bool {
    if draft.observed.networkd_has_loaded(&link.name) {
        return file_differs(draft, link);
    }
    link.is_hardware() || !link.by_networkd.is_empty()
}

/// Reads the lines of a link's file as it is and as it shall be.
fn files(draft: &Draft<'_>, link: &Link) -> [Vec<String>; 2] {
    let place = network_place(&link.name);
    let both = [draft.observed.files.get(&place), draft.after.content(&place)];
    both.map(|it| it.map(lines).unwrap_or_default())
}

/// Reads the lines of a file: `Network.DHCP=no`.
fn lines(content: &Content) -> Vec<String> {
    let Content::Text(text) = content else { return Vec::new() };
    let of = |it: ini::Section| {
        let name = it.name;
        it.lines.into_iter().map(move |(key, value)| format!("{name}.{key}={value}"))
    };
    ini::parse(text).into_iter().flat_map(of).collect()
}

/// Says whether one of some words is said last of a key.
fn says(lines: &[String], key: &str, words: &[&str]) -> bool {
    let value = |it: &String| Some(it.strip_prefix(key)?.strip_prefix('=')?.to_owned());
    lines.iter().rev().find_map(value).is_some_and(|it| words.contains(&it.as_str()))
}

/// networkd deletes what the kernel gave to a link that shall have none. A port's are its master's matter.
fn of_link_local(draft: &Draft<'_>, link: &Link, present: &ObservedLink, wanted: &[String]) -> Vec<Loss> {
    let stay = says(wanted, "Network.LinkLocalAddressing", &["ipv6", "yes", "true", "on", "1"]);
    if stay || !present.addresses.iter().any(ObservedAddress::is_link_local) {
        return Vec::new();
    }
    let why = format!("networkd takes the IPv6 link-local addresses of `{}` away", link.name);
    let remedy = Some("`link-local-addressing = \"ipv6\"` keeps them".to_owned());
    let is_port = |it: &Link| {
        it.ports.iter().any(|it| it.link == link.name) && !it.device.as_ref().is_some_and(Device::is_vrf)
    };
    let alone = !draft.after.links().any(is_port);
    let speaks = |it: &Speaker| is_link_local(it.local) && it.speaks_from(present, &draft.observed.links);
    let sessions = draft.observed.speakers().iter().any(speaks).then(|| Loss {
        effect: Effect::Sessions,
        why: format!("{why}, and {ANY_SESSION} speaks from one"),
        remedy: remedy.clone(),
    });
    let has_users = alone && draft.observed.has_foreign_route(link.name.as_str());
    let itself = has_users.then(|| Loss { effect: Effect::Link(link.name.clone()), why, remedy });
    itself.into_iter().chain(sessions).collect()
}

/// Clients that a file has networkd run.
struct Clients {
    dhcp_v4: bool,
    dhcp_v6: bool,
    advertisements: bool,
}

impl Clients {
    fn of(lines: &[String]) -> Self {
        let both = ["yes", "both", "true", "on", "1"];
        let dhcp = |words: [&str; 2]| says(lines, "Network.DHCP", &[&both[..], &words].concat());
        Self {
            dhcp_v4: dhcp(["ipv4", "v4"]),
            dhcp_v6: dhcp(["ipv6", "v6"]),
            advertisements: says(lines, "Network.IPv6AcceptRA", &both),
        }
    }

    /// Says whether what others of the same kind brought goes when these take their place: for IPv4 and IPv6.
    fn lose(&self, had: &Self) -> [bool; 2] {
        let gone = had.dhcp_v6 && !self.dhcp_v6 || had.advertisements && !self.advertisements;
        [!self.dhcp_v4, gone || !self.dhcp_v6 && !self.advertisements]
    }
}

/// Returns the addresses from leases and advertisements that go with the client for them.
pub(super) fn lent_that_go(draft: &Draft<'_>, link: &Link, present: &ObservedLink) -> BTreeSet<IpAddr> {
    let lent = present.addresses.iter().filter(|it| !it.permanent && !it.is_link_local());
    let mut lent = lent.map(|it| it.address.ip()).peekable();
    if lent.peek().is_none() || !is_read(draft, link) {
        return BTreeSet::new();
    }
    let [had, wanted] = files(draft, link).map(|it| Clients::of(&it));
    let [ipv4, ipv6] = wanted.lose(&had);
    lent.filter(|it| if it.is_ipv4() { ipv4 } else { ipv6 }).collect()
}

/// What depends on such an address goes with it.
fn of_lent(draft: &Draft<'_>, link: &Link, gone: &BTreeSet<IpAddr>) -> Vec<Loss> {
    let Some(first) = gone.first() else { return Vec::new() };
    let why = format!(
        "networkd no longer asks for what `{}` has from a lease or an advertisement: {first}",
        link.name
    );
    let remedy = Some("give the link a static address beside it first".to_owned());
    let loss = |effect, what: &str| Loss { effect, why: format!("{why}{what}"), remedy: remedy.clone() };
    let mut losses = vec![loss(Effect::Link(link.name.clone()), "")];
    if draft.observed.speakers().iter().any(|it| gone.contains(&it.local)) {
        losses.push(loss(Effect::Sessions, &format!(", and {ANY_SESSION} speaks from it")));
    }
    if draft.observed.foreign_sources.iter().any(|it| gone.contains(&it.1.into())) {
        losses.push(loss(Effect::Routes, ", and routes of others have it as their source"));
    }
    let by_it = |it: &&Flow| {
        let lent = it.route.as_ref().is_some_and(|it| LENT.contains(&it.protocol));
        gone.contains(&it.local)
            || lent
                && it.leaves_over(link.name.as_str())
                && gone.iter().any(|gone| gone.is_ipv4() == it.peer.is_ipv4())
    };
    let flows = draft.observed.flows.iter().filter(by_it);
    losses.extend(flows.map(|it| loss(effect(it), &format!(", and {} goes by it", named(&[it])))));
    losses
}

/// Says whether lines change that hostwright does not write by itself.
fn has_other_raw(draft: &Draft<'_>, link: &Link, [had, wanted]: [&Vec<String>; 2]) -> bool {
    let former = draft.before.link(&link.name).into_iter().flat_map(|it| &it.raw);
    let raw: BTreeSet<_> = former.chain(&link.raw).collect();
    let is_raw = |it: &&String| raw.contains(it) || !is_written_by_itself(it);
    let count = |lines: &[String], line: &String| lines.iter().filter(|it| *it == line).count();
    had.iter().chain(wanted).filter(is_raw).any(|it| count(had, it) != count(wanted, it))
}

fn is_written_by_itself(line: &str) -> bool {
    let key = line.split('=').next().unwrap_or(line);
    KEYS.contains(&key) || SECTIONS.contains(&key.split('.').next().unwrap_or(key))
}

fn of_raw(draft: &Draft<'_>, link: &Link) -> Vec<Loss> {
    let why = format!("raw lines of `{}` change, and nobody knows what they do", link.name);
    let itself = Loss { effect: Effect::Link(link.name.clone()), why: why.clone(), remedy: None };
    let carried = over(draft, link.name.as_str(), true).into_iter();
    let carried = carried.map(|(effect, what)| {
        let why = format!("{why}; it carries {what}");
        Loss { effect, why, remedy: None }
    });
    std::iter::once(itself).chain(carried).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_template_writes_is_no_raw_line() {
        let mut section = "";
        for line in include_str!("../../../render/link.network.j2").lines() {
            if let Some(name) = line.strip_prefix('[') {
                section = name.trim_end_matches(']');
            } else if let Some((key, _)) = line.split_once('=').filter(|it| !it.0.starts_with(['#', '{'])) {
                assert!(is_written_by_itself(&format!("{section}.{key}=x")), "{section}.{key}");
            }
        }
        assert_eq!(section, "{{ section.name }}", "raw lines come last");
        assert!(!is_written_by_itself("Network.LLDPFoo=no"));
    }
}
