//! Links to their tables.

use std::collections::BTreeSet;

use super::{Found, Section, ip, networkd};
use crate::kind::KINDS;
use crate::observed::{Manager, ObservedLink, Tool};
use crate::spec::TableText;
use crate::value::{Mac, Mtu};

/// Kinds of links that come and go with those who use them.
const TRANSIENT: &[&str] = &["tun", "veth"];
const MASTERS_OF_FRAMES: &[&str] = &["bond", "bridge"];

/// Writes all links: first those that others are built on.
pub(super) fn sections(found: &Found) -> Vec<Section> {
    let mut names: Vec<&String> = found.observed.links.keys().filter(|it| *it != "lo").collect();
    names.sort_by_key(|name| (depth(found, name, names_limit(found)), *name));
    let mut written = Macs::default();
    let mut sections = Vec::new();
    let mut others = Vec::new();
    for name in names {
        match table(found, name) {
            Some(table) => sections.push(section(found, name, table, &mut written)),
            None => others.push(other(name, &found.observed.links[name])),
        }
    }
    sections.extend(Section::remarks(&others));
    sections.extend(Section::remarks(&ip::left(found)));
    sections
}

fn names_limit(found: &Found) -> usize {
    found.observed.links.len()
}

/// Says how many links are below one.
fn depth(found: &Found, name: &str, limit: usize) -> usize {
    let Some(link) = found.observed.links.get(name).filter(|_| limit > 0) else { return 0 };
    let below = link.parent.iter().map(String::as_str).chain(found.observed.ports(name));
    below.map(|it| depth(found, it, limit - 1) + 1).max().unwrap_or(0)
}

fn table(found: &Found, name: &str) -> Option<TableText> {
    KINDS.iter().find_map(|kind| kind.import(name, &found.observed))
}

fn other(name: &str, link: &ObservedLink) -> String {
    let kind = link.kind.as_deref().unwrap_or("of no kind");
    let why = if TRANSIENT.contains(&kind) { "whoever uses it makes it" } else { "there is no table for it" };
    format!("link {name}, {kind}: {why}, it is left alone")
}

/// MAC addresses that were written.
#[derive(Default)]
struct Macs(BTreeSet<Mac>);

fn section(found: &Found, name: &str, mut table: TableText, macs: &mut Macs) -> Section {
    let link = &found.observed.links[name];
    let manager = found.observed.managers.get(name);
    if let Some(manager) = manager {
        table.remark(&managed(manager));
    }
    mac(link, &mut table, macs);
    mtu(found, name, link, &mut table);
    let said = networkd::Said::of(found, name);
    if is_port(found, link) {
        if link.addresses.iter().any(|it| !it.is_link_local()) {
            table.unsaid("its addresses: a port of a bond or bridge has none");
        }
    } else {
        ip::write(found, name, link, &said, &mut table);
    }
    said.write(found, name, link, &mut table);
    match unused(link, manager) {
        Some(why) => Section::commented(table.written(), why),
        None => Section::table(table.written()),
    }
}

fn managed(manager: &Manager) -> String {
    let Manager { tool, file } = manager;
    match tool {
        Tool::Networkd => format!("networkd configures it by {file}: `apply --take-over` changes that alone"),
        _ => format!("{tool} configures it by {file}: `plan` says how hostwright can"),
    }
}

/// Says why a link is no table.
fn unused(link: &ObservedLink, manager: Option<&Manager>) -> Option<&'static str> {
    let ours = link.alias.as_ref().is_some_and(|it| it.starts_with(crate::observed::ALIAS_MARK));
    if manager.is_some() || ours {
        return None;
    }
    match &link.kind {
        Some(_) => Some("nobody is known to make it at boot: a program that runs, or a script"),
        None if !link.up && link.master.is_none() => Some("it is down, and nobody configures it"),
        None => None,
    }
}

pub(super) fn is_port(found: &Found, link: &ObservedLink) -> bool {
    let master = link.master.as_ref().and_then(|it| found.observed.links.get(it));
    let kind = master.and_then(|it| it.kind.as_deref());
    kind.is_some_and(|it| MASTERS_OF_FRAMES.contains(&it))
}

/// Writes the MAC address of a link that has a key for it: what it would get without may be another.
fn mac(link: &ObservedLink, table: &mut TableText, macs: &mut Macs) {
    let Some(mac) = link.mac.filter(|_| table.knows("mac")) else { return };
    if macs.0.insert(mac) {
        table.text("mac", mac);
    } else {
        table.unsaid(&format!("its MAC address {mac}, which another link has: it would get one of its own"));
    }
}

/// Writes the MTU unless the link would have it anyway.
fn mtu(found: &Found, name: &str, link: &ObservedLink, table: &mut TableText) {
    let mtu = |it: &str| found.observed.links.get(it).map(|it| it.mtu);
    let below = link.parent.iter().map(String::as_str).chain(found.observed.ports(name));
    let inherited = below.filter_map(mtu).min().unwrap_or(Mtu::ETHERNET.bytes());
    if link.mtu != inherited {
        table.toml("mtu", link.mtu);
    }
}
