//! Links: made and changed over netlink where networkd has not loaded them, by its files where a reload is
//! harmless, and else at the next boot.

use super::draft::{Draft, Refusal};
use super::{Change, Sign, takeover};
use crate::artifact::link::ALIAS_MARK;
use crate::artifact::{Artifact, Entry, Link, network_place};
use crate::observed::{ObservedAddress, ObservedLink};

mod anew;
mod card;
mod carrier;
mod creation;
mod difference;
mod duplicate;
mod failed;
mod file;
mod first;
mod former;
mod leftover;
mod loss;
mod note;
mod occupied;
mod places;
mod ports;
mod release;
mod remedy;
mod removal;
mod rest;
mod standing;
mod telling;
mod torn;
mod uses;
mod virtual_functions;
mod way;
mod words;

pub(super) use card::{foreign_hardware, functions};
pub use carrier::without_carrier;
use creation::create;
use difference::{Difference, differences};
pub use duplicate::duplicates;
pub use leftover::leftovers;
pub(super) use removal::removals;
use rest::{Rest, note_new};
pub(super) use torn::torn;
use way::{Way, narrowed, way};
pub use words::SETTINGS_OF_NETWORKD;
use words::{described, described_with_file};

/// Makes and changes links, gives them what belongs to IP, then has networkd learn of them where that is harmless.
pub(super) fn additions(draft: &mut Draft<'_>) {
    let mut rest = Rest::default();
    for entry in draft.additions() {
        let Artifact::Link(link) = &entry.artifact else {
            continue;
        };
        match draft.observed.link(&link.name) {
            None => create(draft, entry, link, &mut rest),
            Some(present) => compare(draft, entry, link, present, &mut rest),
        }
    }
    if draft.observed.networkd.is_none() && draft.after.links().next().is_some() {
        draft.note(
            "systemd-networkd does not run: the links are gone after a boot unless `systemctl enable systemd-networkd` was said".to_owned(),
        );
    }
    rest.finish(draft);
    failed::note(draft);
    duplicate::note(draft);
    note::unseen(draft);
}

fn compare(draft: &mut Draft<'_>, entry: &Entry, link: &Link, present: &ObservedLink, rest: &mut Rest) {
    if !takeover::is_free(draft, entry, link, present) {
        return;
    }
    if let Some((message, hint)) = obstacle(draft, entry, link, present) {
        return draft.problem(&entry.origin, message, &hint);
    }
    card::say_what_udev_will_do(draft, entry, link, present);
    let (of_ports, own): (Vec<_>, Vec<_>) =
        differences(draft, link, present).into_iter().partition(Difference::is_of_port);
    ports::change(draft, entry, link, &of_ports, rest);
    let own = change_device(draft, entry, link, own);
    if !own.iter().any(Difference::is_identity) {
        first::say_what_the_boot_brings(draft, entry, link, present);
    }
    let loaded = draft.observed.networkd_has_loaded(&link.name);
    let file = loaded && file_differs(draft, link);
    let unlearned = !loaded && !link.by_networkd.is_empty();
    if !own.is_empty() || file || unlearned {
        change(draft, entry, link, present, &own, rest);
    }
}

/// Says what keeps a link that is there from being compared, and the remedy.
fn obstacle(
    draft: &Draft<'_>,
    entry: &Entry,
    link: &Link,
    present: &ObservedLink,
) -> Option<(String, String)> {
    if let Some(message) = foreign(draft, link, present) {
        let hint = if link.is_hardware() {
            "mend `match`, or give the table the name of the card that is meant: `ip link` lists them"
                .to_owned()
        } else {
            format!(
                "rename one of them, delete the one that is there, or `hostwright adopt {}`",
                entry.origin
            )
        };
        return Some((message, hint));
    }
    let path = overruling(draft, link)?;
    let message = format!("networkd reads {path} before the file of `{}`", link.name);
    Some((message, "remove it, or give it a name that comes behind `10-hostwright`".to_owned()))
}

/// Brings what differs about in the first harmless way.
fn change(
    draft: &mut Draft<'_>,
    entry: &Entry,
    link: &Link,
    present: &ObservedLink,
    own: &[Difference],
    rest: &mut Rest,
) {
    let what = described_with_file(draft, link, own);
    let mut losses = loss::of_change(draft, link, own);
    losses.extend(loss::of_file(draft, link, present));
    let routing = draft.routing_before();
    losses.extend(loss::moved_by(draft, link, own));
    let effects = loss::effects(&losses);
    let refusal = draft
        .held(&link.name)
        .or_else(|| narrowed(draft, link, rest))
        .or_else(|| anew::refusal_of_ports(link, own, rest))
        .or_else(|| anew::refusal_of_absent(link, own, rest));
    let way = refusal.map_or_else(|| way(draft, link, present, own, &losses), Way::Boot);
    if !matches!(way, Way::Boot(_)) {
        loss::note(draft, &entry.origin, &losses);
    }
    match way {
        Way::Netlink => {
            note_new(draft, link, rest);
            own.iter().for_each(|it| mend(draft, entry, link, it, rest));
            let change = Change::new(Sign::Change, &entry.origin, what, "by netlink");
            draft.change(Change { effects, ..change });
        }
        Way::File(told) => {
            own.iter().filter(|it| it.is_left_to_us()).for_each(|it| mend(draft, entry, link, it, rest));
            note_new(draft, link, rest);
            rest.files.push((entry.origin.clone(), link.clone()));
            let forgotten = own.iter().filter_map(|it| it.taking_old(&link.name));
            rest.forgotten.extend(forgotten.map(|it| (entry.origin.clone(), it)));
            rest.effects.extend(told.iter().cloned());
            let effects = [effects, told].concat();
            let change = Change::new(Sign::Change, &entry.origin, what, "networkd's file");
            draft.change(Change { effects, ..change });
        }
        Way::Anew(former, effects) => anew::replace(draft, entry, link, (&former, effects), what, rest),
        Way::Boot(refusal) => {
            draft.return_to(routing);
            if defer(draft, entry, Sign::Change, what, &refusal) {
                draft.waiting.links.insert(link.name.clone());
            }
            if own.iter().any(Difference::is_identity) {
                rest.absent.insert(link.name.clone());
            }
            rest.narrow.insert(link.name.clone(), refusal);
        }
    }
}

/// Says why what only networkd can give a link is not there before the boot.
fn without_networkd(link: &Link, why: &str) -> String {
    format!("{} exist only through networkd, and {why}", link.by_networkd.join(", "))
}

/// Says in words what a link lacks or has too much of; absent: nothing.
pub(super) fn differs(draft: &Draft<'_>, link: &Link, present: &ObservedLink) -> Option<String> {
    let found = differences(draft, link, present);
    (!found.is_empty()).then(|| described(&found))
}

/// Gives a device settings over netlink, and a link the sysctls that networkd leaves alone, and returns what else differs.
/// networkd looks at a device's settings when it makes the device, and no reload of ours touches the file that it has them
/// from.
fn change_device(draft: &mut Draft<'_>, entry: &Entry, link: &Link, own: Vec<Difference>) -> Vec<Difference> {
    let left_alone =
        |it: &Difference| matches!(it, Difference::Sysctl(path, ..) if link.own_sysctls.contains_key(path));
    let (device, rest): (Vec<_>, Vec<_>) =
        own.into_iter().partition(|it| it.is_of_device() || left_alone(it));
    if device.is_empty() {
        return rest;
    }
    let what = described(&device);
    let losses = loss::of_settings(draft, link, &device);
    let effects = loss::effects(&losses);
    if !draft.allows(&effects) {
        defer(draft, entry, Sign::Change, what, &loss::refusal(&losses));
        return rest;
    }
    loss::note(draft, &entry.origin, &losses);
    let steps: Vec<_> = device.iter().filter_map(|it| it.remedy(draft, &link.name)).collect();
    steps.into_iter().for_each(|(action, undo)| draft.step(&entry.origin, action, undo, &effects));
    draft.change(Change { effects, ..Change::new(Sign::Change, &entry.origin, what, "by netlink") });
    note::former_settings(draft, link);
    rest
}

/// Says why a link that is there is not the one that is meant.
fn foreign(draft: &Draft<'_>, link: &Link, present: &ObservedLink) -> Option<String> {
    if let Some(message) = foreign_hardware(link, present) {
        return Some(message);
    }
    let ours = present.alias.as_ref().is_some_and(|it| it.starts_with(ALIAS_MARK));
    let known = draft.before.link(&link.name).is_some();
    (!link.is_hardware() && !ours && !known)
        .then(|| format!("the host has a link `{}` that hostwright did not make", link.name))
}

/// Returns a file of somebody else that networkd would take for a link instead of ours.
fn overruling(draft: &Draft<'_>, link: &Link) -> Option<String> {
    let path = draft.observed.networkd.as_ref()?.loaded.get(link.name.as_str())?;
    let name = path.rsplit('/').next()?;
    let ours = network_place(&link.name).path;
    let lies_aside = draft.observed.taken_over.has(path);
    (path.starts_with('/') && name < ours.as_str() && !lies_aside).then(|| path.clone())
}

fn file_differs(draft: &Draft<'_>, link: &Link) -> bool {
    let place = network_place(&link.name);
    draft.observed.files.get(&place) != draft.after.content(&place)
}

/// Says whether nobody uses IP on a link.
fn is_free(present: &ObservedLink) -> bool {
    present.addresses.iter().all(ObservedAddress::is_link_local)
}

/// Mends one thing over netlink, in its turn: what belongs to IP when all links are there, MTUs that shrink from the
/// children to the parents.
fn mend(draft: &mut Draft<'_>, entry: &Entry, link: &Link, difference: &Difference, rest: &mut Rest) {
    let Some((action, undo)) = difference.remedy(draft, &link.name) else { return };
    if difference.shrinks() {
        rest.lower.push((entry.origin.clone(), action, undo));
    } else if difference.is_of_ip() {
        rest.kernel.push((entry.origin.clone(), action, undo));
    } else {
        draft.step(&entry.origin, action, undo, &[]);
    }
}

/// Has a link that is not there come at the boot.
fn absent(draft: &mut Draft<'_>, entry: &Entry, link: &Link, refusal: &Refusal) {
    if defer(draft, entry, Sign::Add, link.to_string(), refusal) {
        draft.waiting.links.insert(link.name.clone());
        draft.waiting.masters.insert(link.name.clone());
    }
}

/// Takes up what no harmless way leads to; says whether it waits for the boot.
fn defer(draft: &mut Draft<'_>, entry: &Entry, sign: Sign, what: String, refusal: &Refusal) -> bool {
    let Artifact::Link(link) = &entry.artifact else {
        return false;
    };
    let place = network_place(&link.name);
    let accepted =
        draft.was_accepted(&entry.artifact) && draft.before.content(&place) == draft.after.content(&place);
    if accepted {
        draft.pending(&entry.origin, format!("{what}: active from the next boot"));
    } else {
        draft.deferred(sign, &entry.origin, what, refusal);
    }
    accepted || draft.defers()
}
