//! Links: made and changed over netlink where networkd has not loaded them, by its files where a reload is
//! harmless, and else at the next boot.

use super::draft::Draft;
use super::{Action, Change, Effect, Sign};
use crate::artifact::link::ALIAS_MARK;
use crate::artifact::{Artifact, Content, Entry, File, Link, LinkForm, Origin, network_place};
use crate::effect::{Reload, reload_of_children};
use crate::observed::ObservedLink;

mod difference;
use difference::{Difference, differences};

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

/// Deletes links that left the spec, children first, and their files where a reload is harmless.
pub(super) fn removals(draft: &mut Draft<'_>) {
    let mut reload = false;
    for entry in draft.removals() {
        let Artifact::Link(link) = &entry.artifact else {
            continue;
        };
        if link.form == LinkForm::Physical {
            draft.deferred(
                Sign::Remove,
                &entry.origin,
                "it keeps what it has".to_owned(),
                "networkd would have to let it go",
            );
        } else if let Some(present) = draft.observed.link(&link.name) {
            reload |= remove(draft, entry, link, present) && remove_file(draft, entry, link);
        }
    }
    if reload {
        let origin = Origin::new("host", &draft.after.host);
        draft.step(&origin, Action::NetworkdReload, Vec::new(), &[]);
    }
}

/// Deletes a link; says whether nobody needs it.
fn remove(draft: &mut Draft<'_>, entry: &Entry, link: &Link, present: &ObservedLink) -> bool {
    if let Some(message) = in_use(draft, link, present) {
        draft.problem(&entry.origin, message, "");
        return false;
    }
    let name = || link.name.clone();
    let mut undo = vec![Action::CreateLink(link.clone())];
    undo.extend(link.addresses.iter().map(|it| Action::AddAddress(name(), *it)));
    undo.extend(link.routes.iter().map(|it| Action::AddRoute(name(), it.clone())));
    draft.step(&entry.origin, Action::DeleteLink(name()), undo, &[Effect::Link(name())]);
    draft.change(Change {
        effects: vec![Effect::Link(name())],
        ..Change::new(Sign::Remove, &entry.origin, link.to_string(), "by netlink")
    });
    true
}

/// Says who would lose something with a link.
fn in_use(draft: &Draft<'_>, link: &Link, present: &ObservedLink) -> Option<String> {
    let leaves = |name: &str| {
        let gone = |it: &Link| it.name.as_str() == name;
        draft.before.links().any(gone) && !draft.after.links().any(gone)
    };
    let above = |(name, it): &(&String, &ObservedLink)| {
        it.parent.as_deref() == Some(link.name.as_str()) && !leaves(name)
    };
    if let Some((name, _)) = draft.observed.links.iter().find(above) {
        return Some(format!("`{name}` is built on `{}`", link.name));
    }
    let own = |ip| present.addresses.iter().any(|it| it.address.ip() == ip);
    if let Some(session) = draft.observed.sessions.iter().find(|it| own(it.local)) {
        return Some(format!("the BGP session with {} runs over `{}`", session.peer, link.name));
    }
    let foreign = |protocol: u8| !matches!(protocol, 2..=4);
    let over = |device: &Option<String>| device.as_deref() == Some(link.name.as_str());
    let route = draft.observed.routes.iter().find(|it| over(&it.device) && foreign(it.protocol))?;
    Some(format!("a route of others, {}, leads over `{}`", route.to, link.name))
}

fn remove_file(draft: &mut Draft<'_>, entry: &Entry, link: &Link) -> bool {
    let place = network_place(&link.name);
    let Some(content) = draft.observed.files.get(&place).cloned() else {
        return false;
    };
    match reload_of_children(draft.observed) {
        Reload::Harmless => {
            remove_harmlessly(draft, entry, place, content);
            if let Some(parent) = link.form.parent().filter(|_| has_loaded_netdev(draft, link)) {
                draft.note(format!(
                    "networkd has loaded {} {} with {parent}: until the next boot a crash of networkd would bring it back",
                    entry.origin.kind, entry.origin.name
                ));
            }
            true
        }
        Reload::Refused { why, .. } => {
            draft.note(format!(
                "networkd forgets {} {} at the next boot, until then a crash of networkd would bring it back: {why}",
                entry.origin.kind, entry.origin.name
            ));
            false
        }
    }
}

fn remove_harmlessly(draft: &mut Draft<'_>, entry: &Entry, place: crate::artifact::Place, content: Content) {
    let restored = Action::WriteFile(File { place: place.clone(), content });
    draft.step(&entry.origin, Action::RemoveFile(place), vec![restored, Action::NetworkdReload], &[]);
}

fn has_loaded_netdev(draft: &Draft<'_>, link: &Link) -> bool {
    let netdev = format!("10-hostwright-{}.netdev", link.name);
    draft.observed.files.keys().any(|it| it.path == netdev)
}
