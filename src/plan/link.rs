//! Links: made and changed over netlink where networkd has not loaded them, by its files where a reload is
//! harmless, and else at the next boot.

use super::draft::Draft;
use super::{Action, Change, Sign};
use crate::artifact::link::ALIAS_MARK;
use crate::artifact::{Artifact, Entry, File, Link, LinkForm, Origin, network_place};
use crate::effect::{Reload, reload_of_children};
use crate::observed::ObservedLink;

mod difference;
mod removal;

use difference::{Difference, differences};
pub(super) use removal::removals;

/// Makes and changes links, then has networkd learn of them where that is harmless.
pub(super) fn additions(draft: &mut Draft<'_>) {
    let mut written = Vec::new();
    for entry in draft.additions() {
        let Artifact::Link(link) = &entry.artifact else {
            continue;
        };
        match draft.observed.link(&link.name) {
            None => create(draft, entry, link, &mut written),
            Some(present) => compare(draft, entry, link, present, &mut written),
        }
    }
    if draft.observed.networkd.is_none() && draft.after.links().next().is_some() {
        draft.note(
            "systemd-networkd does not run: unless it is enabled, the links are gone after a boot".to_owned(),
        );
    }
    if written.is_empty() {
        return;
    }
    let origin = Origin::new("host", &draft.after.host);
    draft.step(&origin, Action::NetworkdReload, Vec::new(), &[]);
    for (origin, link) in written {
        draft.step(&origin, Action::AwaitLink(link), Vec::new(), &[]);
    }
}

type Written = Vec<(Origin, Link)>;

fn create(draft: &mut Draft<'_>, entry: &Entry, link: &Link, written: &mut Written) {
    let Some(parent) = link.form.parent() else {
        let message = format!("this machine has no network card `{}`", link.name);
        return draft.problem(&entry.origin, message, "`ip link` lists what it has");
    };
    let exists = draft.observed.link(parent).is_some();
    if !exists && draft.after.link(parent).is_none_or(|it| it.form == LinkForm::Physical) {
        let message = format!("its parent `{parent}` is not there");
        return draft.problem(&entry.origin, message, "");
    }
    let undo = vec![Action::DeleteLink(link.name.clone())];
    draft.step(&entry.origin, Action::CreateLink(link.clone()), undo, &[]);
    let way = match reload_of_children(draft.observed) {
        Reload::Harmless => {
            write(draft, entry, link, written);
            "by netlink, networkd takes it over"
        }
        Reload::Refused { why, hint } => {
            add_all(draft, &entry.origin, link);
            unlearned(draft, &entry.origin, &why, hint);
            "by netlink"
        }
    };
    draft.change(Change::new(Sign::Add, &entry.origin, link.to_string(), way));
}

fn unlearned(draft: &mut Draft<'_>, origin: &Origin, why: &str, hint: Option<String>) {
    draft.note(format!("networkd learns of {} {} at the next boot: {why}", origin.kind, origin.name));
    if let Some(hint) = hint {
        draft.hint(hint);
    }
}

/// Writes the link's `.network`; `.netdev` and the parent's drop-in follow at boot: networkd 257 would
/// fail the parent of a link that is already there.
fn write(draft: &mut Draft<'_>, entry: &Entry, link: &Link, written: &mut Written) {
    let place = network_place(&link.name);
    let Some(content) = draft.after.content(&place) else {
        return;
    };
    let undo = match draft.observed.files.get(&place) {
        Some(present) => Action::WriteFile(File { place: place.clone(), content: present.clone() }),
        None => Action::RemoveFile(place.clone()),
    };
    let action = Action::WriteFile(File { place, content: content.clone() });
    draft.step(&entry.origin, action, vec![undo, Action::NetworkdReload], &[]);
    written.push((entry.origin.clone(), link.clone()));
}

fn add_all(draft: &mut Draft<'_>, origin: &Origin, link: &Link) {
    for address in &link.addresses {
        let name = || link.name.clone();
        draft.step(
            origin,
            Action::AddAddress(name(), *address),
            vec![Action::RemoveAddress(name(), *address)],
            &[],
        );
    }
    for route in &link.routes {
        let undo = Action::RemoveRoute(link.name.clone(), route.clone());
        draft.step(origin, Action::AddRoute(link.name.clone(), route.clone()), vec![undo], &[]);
    }
}

fn compare(draft: &mut Draft<'_>, entry: &Entry, link: &Link, present: &ObservedLink, written: &mut Written) {
    if let Some(message) = foreign(draft, link, present) {
        let hint = "rename one of them, or delete the one that is there";
        return draft.problem(&entry.origin, message, if link.expect_mac.is_some() { "" } else { hint });
    }
    if let Some(path) = overruling(draft, link) {
        let message = format!("networkd reads {path} before the file of `{}`", link.name);
        return draft.problem(
            &entry.origin,
            message,
            "remove it, or give it a name that comes behind `10-hostwright`",
        );
    }
    let differences = differences(draft, link, present);
    let loaded = draft.observed.networkd_has_loaded(&link.name);
    let file = loaded && file_differs(draft, link);
    if differences.is_empty() && !file {
        return;
    }
    let what = difference::described(&differences);
    let recreate = differences.iter().any(|it| matches!(it, Difference::Identity(_)));
    let child = link.form != LinkForm::Physical && !has_children(draft, link);
    if recreate {
        defer(draft, entry, what, "the link would be deleted and made again");
    } else if !loaded && is_free(link, present) {
        alter(draft, entry, link, &differences);
        draft.change(Change::new(Sign::Change, &entry.origin, what, "by netlink"));
    } else if loaded && child && reload_of_children(draft.observed) == Reload::Harmless {
        write(draft, entry, link, written);
        draft.change(Change::new(Sign::Change, &entry.origin, what, "networkd's file"));
    } else {
        defer(draft, entry, what, "networkd would have to configure the link anew");
    }
}

/// Says why a link that is there is not the one that is meant.
fn foreign(draft: &Draft<'_>, link: &Link, present: &ObservedLink) -> Option<String> {
    if let Some(expected) = link.expect_mac.filter(|it| Some(*it) != present.mac) {
        let found = present.mac.map_or_else(|| "none".to_owned(), |it| it.to_string());
        return Some(format!(
            "network card `{}` has MAC address {found}, the spec says {expected}",
            link.name
        ));
    }
    if let Some(expected) =
        link.expect_path.as_ref().filter(|it| Some(it.as_str()) != present.path.as_deref())
    {
        let found = present.path.as_deref().unwrap_or("none");
        return Some(format!("network card `{}` has the path {found}, the spec says {expected}", link.name));
    }
    let ours = present.alias.as_ref().is_some_and(|it| it.starts_with(ALIAS_MARK));
    let known = draft.before.link(&link.name).is_some();
    (link.form != LinkForm::Physical && !ours && !known)
        .then(|| format!("there is a link `{}` that is not ours", link.name))
}

/// Returns a file of somebody else that networkd would take for a link instead of ours.
fn overruling(draft: &Draft<'_>, link: &Link) -> Option<String> {
    let path = draft.observed.networkd.as_ref()?.loaded.get(link.name.as_str())?;
    let name = path.rsplit('/').next()?;
    let ours = network_place(&link.name).path;
    (path.starts_with('/') && name < ours.as_str()).then(|| path.clone())
}

fn file_differs(draft: &Draft<'_>, link: &Link) -> bool {
    let place = network_place(&link.name);
    draft.observed.files.get(&place) != draft.after.content(&place)
}

fn has_children(draft: &Draft<'_>, link: &Link) -> bool {
    draft.observed.links.values().any(|it| it.parent.as_deref() == Some(link.name.as_str()))
}

/// Says whether nobody else configures a link: a network card without addresses is not in use.
fn is_free(link: &Link, present: &ObservedLink) -> bool {
    link.form != LinkForm::Physical || !present.addresses.iter().any(|it| !is_link_local(it.address.ip()))
}

fn is_link_local(ip: std::net::IpAddr) -> bool {
    matches!(ip, std::net::IpAddr::V6(ip) if ip.is_unicast_link_local())
}

fn alter(draft: &mut Draft<'_>, entry: &Entry, link: &Link, differences: &[Difference]) {
    for difference in differences {
        if let Some((action, undo)) = difference.remedy(&link.name) {
            draft.step(&entry.origin, action, undo, &[]);
        }
    }
}

fn defer(draft: &mut Draft<'_>, entry: &Entry, what: String, why: &str) {
    let Artifact::Link(link) = &entry.artifact else {
        return;
    };
    let place = network_place(&link.name);
    let accepted =
        draft.was_accepted(&entry.artifact) && draft.before.content(&place) == draft.after.content(&place);
    if accepted {
        draft.pending(&entry.origin, format!("{what}: active from the next boot"));
    } else {
        draft.deferred(Sign::Change, &entry.origin, what, why);
    }
}
