//! Links that other tools configure: refused, or taken over with their files, without any other change.

use std::collections::BTreeSet;

use super::draft::Draft;
use super::link::{differs, foreign_hardware};
use super::{Action, Change, Sign, unit};
use crate::artifact::{Entry, Link, Origin};
use crate::ini;
use crate::observed::{Manager, ObservedAddress, ObservedLink, STATIC, Tool};
use crate::takeover::{ASIDE, TakenFile};

/// How a link is taken over.
const WAY: &str = "networkd's files";

/// Says whether no other tool configures a link; else refuses it, or takes it over where that was asked for.
pub(super) fn is_free(draft: &mut Draft<'_>, entry: &Entry, link: &Link, present: &ObservedLink) -> bool {
    let Some(manager) = draft.observed.managers.get(link.name.as_str()) else { return true };
    let files = &draft.observed.taken_over.files;
    if files.iter().any(|it| it.path == manager.file && it.links.iter().any(|it| it == link.name.as_str())) {
        return true;
    }
    if draft.takes_over() && manager.tool == Tool::Networkd {
        take_over(draft, entry, link, present);
    } else {
        let message = format!("{} configures `{}`: {}", manager.tool, link.name, manager.file);
        draft.problem(&entry.origin, message, &remedy(manager, entry, link));
    }
    false
}

fn remedy(manager: &Manager, entry: &Entry, link: &Link) -> String {
    let Manager { tool, file } = manager;
    let (name, origin) = (&link.name, &entry.origin);
    let adopt = if link.is_hardware() { String::new() } else { format!("`hostwright adopt {origin}`, ") };
    match tool {
        Tool::Networkd => "`apply --take-over` has it lie aside and changes nothing else".to_owned(),
        Tool::Netplan => format!(
            "take `{name}` out of {file}, without `netplan apply`; then {adopt}`apply --at-boot` and reboot: before the boot a reload of networkd would take what it has"
        ),
        Tool::Ifupdown => {
            format!("take `{name}` out of {file}, without `ifdown`; then {adopt}`apply --at-boot`")
        }
        Tool::NetworkManager => format!(
            "keep it off by `[keyfile] unmanaged-devices=interface-name:{name}` in /etc/NetworkManager/conf.d; then {adopt}`apply --at-boot`"
        ),
        Tool::CloudInit => {
            "write `network: {config: disabled}` to /etc/cloud/cloud.cfg.d/99-network.cfg: then the file is yours"
                .to_owned()
        }
    }
}

fn take_over(draft: &mut Draft<'_>, entry: &Entry, link: &Link, present: &ObservedLink) {
    if let Some(message) = foreign_hardware(link, present) {
        return draft.problem(&entry.origin, message, "");
    }
    let mut found: Vec<_> = differs(draft, link, present).into_iter().collect();
    found.extend(beyond(draft, link, present));
    if !found.is_empty() {
        let message =
            format!("a take-over changes nothing, but `{}` differs: {}", link.name, found.join(", "));
        return draft.problem(&entry.origin, message, "`hostwright init` writes what the host has");
    }
    let when = Some("takes effect at the next boot".to_owned());
    draft.change(Change { when, ..Change::new(Sign::Change, &entry.origin, "taken over", WAY) });
}

/// Gives a link that left the spec back to the files that were taken over with it: nobody's link is deleted whose
/// files would make it again.
pub(super) fn give_back(draft: &mut Draft<'_>, entry: &Entry, link: &Link) {
    let list = &draft.observed.taken_over.files;
    let of_link = list.iter().filter(|it| it.links.iter().any(|it| it == link.name.as_str()));
    let paths: Vec<_> = of_link.map(|it| format!("/{}", it.aside())).collect();
    draft.hint(format!("to be rid of `{}`, remove {} before", link.name, paths.join(", ")));
    let when = Some("takes effect at the next boot".to_owned());
    draft.change(Change { when, ..Change::new(Sign::Remove, &entry.origin, "given back", WAY) });
}

/// Says what a link has beyond the spec and would lose at the boot.
fn beyond(draft: &Draft<'_>, link: &Link, present: &ObservedLink) -> Vec<String> {
    let by_networkd = |what: &str| link.by_networkd.iter().any(|it| it == what);
    let given = |it: &ObservedAddress| link.addresses.iter().any(|other| other.address == it.address);
    let leased =
        |it: &ObservedAddress| by_networkd("DHCP") || (!it.is_ipv4() && by_networkd("router advertisements"));
    let expected = |it: &ObservedAddress| it.is_link_local() || given(it) || (!it.permanent && leased(it));
    let mut found: Vec<_> = present
        .addresses
        .iter()
        .filter(|it| !expected(it))
        .map(|it| format!("it has {}", it.address))
        .collect();
    let wanted = |to| link.routes.iter().any(|it| it.network() == to);
    let routes = draft
        .observed
        .routes
        .iter()
        .filter(|it| it.protocol == STATIC && it.device.as_deref() == Some(link.name.as_str()));
    found.extend(routes.filter(|it| !wanted(it.to)).map(|it| format!("it has the route {}", it.to)));
    let port = draft.after.links().any(|it| it.ports.iter().any(|it| it.link == link.name));
    if !port {
        let differs = |(path, value): (&String, &String)| {
            let found = present.sysctls.get(path).filter(|it| *it != value)?;
            Some(format!("its {} is {found}", path.rsplit('/').next().unwrap_or(path)))
        };
        found.extend(link.sysctls.iter().filter_map(differs));
    }
    found
}

/// Adds the one step of a take-over, and refuses all other changes.
pub(super) fn refuse_changes(draft: &mut Draft<'_>) {
    if !draft.takes_over() {
        return;
    }
    let host = Origin::new("host", &draft.after.host);
    let own = |it: &Change| it.way == WAY || (it.way == unit::LOADED && it.origin.kind == host.kind);
    for change in draft.remove_changes(own) {
        let what = if change.what.is_empty() { change.way } else { change.what };
        let hint = if change.origin.kind == host.kind {
            "`default-bridges = \"leave\"` in `[host]` leaves it until the take-over is done"
        } else {
            "leave it out of the spec until the take-over is done"
        };
        let message = format!("a take-over changes nothing, but this differs: {what}");
        draft.problem(&change.origin, message, hint);
    }
    let files = taken(draft);
    strangers(draft, &host, &files);
    if files.is_empty() {
        return draft
            .note("networkd configures no link of the spec by files in /etc/systemd/network".to_owned());
    }
    let paths: Vec<_> = files.iter().map(|it| it.path.as_str()).collect();
    draft.note(format!("from the next boot on these lie aside in /{ASIDE}: {}", paths.join(", ")));
    let list = &draft.observed.taken_over;
    draft.step(&host, Action::TakeOver(list.with(&files)), vec![Action::TakeOver(list.clone())], &[]);
}

/// Returns the files for links of the spec, with their drop-ins.
fn taken(draft: &Draft<'_>) -> Vec<TakenFile> {
    let mut files: Vec<_> = networks(draft).into_iter().chain(devices(draft)).collect();
    let drop_ins: Vec<_> = files
        .iter()
        .flat_map(|file| {
            let folder = format!("{}.d/", file.path);
            let inside = draft.observed.written.keys().filter(move |it| it.starts_with(&folder));
            inside.map(|path| TakenFile { path: path.clone(), links: file.links.clone() })
        })
        .collect();
    files.extend(drop_ins);
    files.retain(|it| !draft.observed.taken_over.files.contains(it));
    files.sort();
    files
}

/// Returns the `.network` files, each with all links that networkd has loaded it for.
fn networks(draft: &Draft<'_>) -> Vec<TakenFile> {
    let managers = &draft.observed.managers;
    let of_spec = |name: &String| draft.after.links().any(|it| it.name.as_str() == name);
    let by_networkd = managers.iter().filter(|(name, it)| it.tool == Tool::Networkd && of_spec(name));
    let paths: BTreeSet<_> = by_networkd.map(|(_, it)| &it.file).collect();
    let users = |path: &String| {
        managers.iter().filter(|(_, it)| it.file == *path).map(|(name, _)| name.clone()).collect()
    };
    paths.into_iter().map(|path| TakenFile { path: path.clone(), links: users(path) }).collect()
}

/// Returns the `.netdev` files of links of the spec.
fn devices(draft: &Draft<'_>) -> Vec<TakenFile> {
    let of_spec = |name: &str| draft.after.links().any(|it| it.name.as_str() == name && !it.is_hardware());
    let file = |(path, name): (&String, String)| TakenFile { path: path.clone(), links: vec![name] };
    made(draft).filter(|(_, name)| of_spec(name)).map(file).collect()
}

/// Returns the `.netdev` files with the names of their links.
fn made<'a>(draft: &Draft<'a>) -> impl Iterator<Item = (&'a String, String)> + use<'a> {
    draft.observed.written.iter().filter(|(path, _)| path.ends_with(".netdev")).filter_map(|(path, text)| {
        let sections = ini::parse(text);
        let section = sections.iter().find(|it| it.name == "NetDev")?;
        Some((path, section.get("Name")?.to_owned()))
    })
}

/// Refuses files that are for links, too, which the spec does not have: they would be without them.
fn strangers(draft: &mut Draft<'_>, host: &Origin, files: &[TakenFile]) {
    let of_spec = |name: &str| draft.after.links().any(|it| it.name.as_str() == name);
    let mut lost: Vec<_> = files
        .iter()
        .flat_map(|file| {
            let others = file.links.iter().filter(|it| !of_spec(it));
            others.map(|it| format!("{} is for `{it}`, too, which the spec does not have", file.path))
        })
        .collect();
    let built_on = |name: &str| {
        let link = draft.observed.links.get(name)?;
        let below = link.parent.iter().chain(&link.master).find(|it| of_spec(it))?;
        Some(below.clone())
    };
    for (path, name) in made(draft).filter(|(_, name)| !of_spec(name)) {
        lost.extend(
            built_on(&name)
                .map(|below| format!("{path} makes `{name}` with `{below}`, and the spec does not have it")),
        );
    }
    for message in lost {
        draft.problem(host, message, "add it to the spec: `hostwright init` writes what the host has");
    }
}
