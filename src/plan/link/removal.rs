//! Links that left the spec: deleted unless somebody needs them.

use super::parts;
use crate::artifact::{Artifact, Entry, File, Link, Origin, Place, Root, RouteType, network_place};
use crate::effect::{Reload, reload_of_children};
use crate::observed::ObservedLink;
use crate::plan::draft::Draft;
use crate::plan::{Action, Change, Effect, Sign, container, takeover};

/// Deletes links that left the spec, children first, and their files where a reload is harmless.
pub(in crate::plan) fn removals(draft: &mut Draft<'_>) {
    let mut reload = false;
    for entry in draft.removals() {
        let Artifact::Link(link) = &entry.artifact else {
            continue;
        };
        if draft.observed.taken_over.is_for(&link.name) {
            takeover::give_back(draft, entry, link);
        } else if link.is_hardware() {
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
    let parts = parts(link);
    for (action, undo) in parts.iter().filter(|(_, undo)| outlives(undo)) {
        draft.step(&entry.origin, undo.clone(), vec![action.clone()], &[]);
    }
    let mut undo = vec![Action::CreateLink(link.clone())];
    undo.extend(link.ports.iter().map(|it| Action::AddPort(name(), it.clone())));
    undo.extend(parts.into_iter().filter(|(_, undo)| !outlives(undo)).map(|(action, _)| action));
    draft.step(&entry.origin, Action::DeleteLink(name()), undo, &[Effect::Link(name())]);
    draft.change(Change {
        effects: vec![Effect::Link(name())],
        ..Change::new(Sign::Remove, &entry.origin, link.to_string(), "by netlink")
    });
    true
}

/// Says whether what a step removes would stay in the kernel when the link goes.
fn outlives(removal: &Action) -> bool {
    match removal {
        Action::RemoveRule(_) => true,
        Action::RemoveRoute(_, route) => route.kind != RouteType::Unicast,
        _ => false,
    }
}

/// Says who would lose something with a link.
fn in_use(draft: &Draft<'_>, link: &Link, present: &ObservedLink) -> Option<String> {
    if let Some(message) = container::on_link(draft, &link.name) {
        return Some(message);
    }
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
    let port = |(name, it): &(&String, &ObservedLink)| {
        let own = link.ports.iter().any(|it| it.link.as_str() == name.as_str());
        it.master.as_deref() == Some(link.name.as_str()) && !own
    };
    if let Some((name, _)) = draft.observed.links.iter().find(port) {
        return Some(format!("`{name}` is a port of `{}`", link.name));
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
            let restored = Action::WriteFile(File { place: place.clone(), content });
            let undo = vec![restored, Action::NetworkdReload];
            draft.step(&entry.origin, Action::RemoveFile(place), undo, &[]);
            forget_device(draft, entry, link);
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

/// Removes the `.netdev` of a link without a parent, which networkd would make anew at the reload. That of one with a
/// parent stays: without it networkd 257 would take the parent for changed.
fn forget_device(draft: &mut Draft<'_>, entry: &Entry, link: &Link) {
    let place = Place::new(Root::Network, format!("10-hostwright-{}.netdev", link.name));
    let Some(content) = draft.observed.files.get(&place).cloned() else {
        return;
    };
    if let Some(parent) = link.parent() {
        return draft.note(format!(
            "networkd has loaded {} {} with {parent}: until the next boot a crash of networkd would bring it back",
            entry.origin.kind, entry.origin.name
        ));
    }
    let restored = Action::WriteFile(File { place: place.clone(), content });
    draft.step(&entry.origin, Action::RemoveFile(place), vec![restored], &[]);
}
