//! Links that are not there yet.

use super::difference::{Difference, differences};
use super::telling::{self, Telling};
use super::uses::with_guest;
use super::way::narrowed;
use super::{
    Rest, absent, card, is_free, loss, note_new, occupied, places, ports, release, standing, without_networkd,
};
use crate::artifact::{Device, Entry, Link, Origin, PortVlan};
use crate::observed::ObservedLink;
use crate::plan::draft::{Draft, Refusal};
use crate::plan::{Action, Change, Effect, Sign};
use crate::value::InterfaceName;

pub(super) fn create(draft: &mut Draft<'_>, entry: &Entry, link: &Link, rest: &mut Rest) {
    if link.is_hardware() {
        return card::absent(draft, entry, link, rest);
    }
    if let Some(parent) = link.parent().filter(|it| !will_be_there(draft, it, rest)) {
        let message = format!("its parent `{parent}` is not there");
        return draft.problem(&entry.origin, message, "");
    }
    occupied::make_way(draft, link);
    let telling = telling::of_new(draft, &link.name);
    let mut losses = loss::of_creation(draft, link);
    let routing = draft.routing_before();
    losses.extend(loss::moved_by_new(draft, link));
    let agreed = || draft.allows(&loss::effects(&losses));
    let refused = || (!agreed()).then(|| loss::refusal(&losses));
    if let Some(refusal) = obstacle(draft, link, &telling, rest).or_else(refused) {
        rest.absent.insert(link.name.clone());
        draft.return_to(routing);
        return absent(draft, entry, link, &refusal);
    }
    make(draft, entry, link);
    link.ports.iter().for_each(|it| standing::taken_up(draft, &entry.origin, link, &it.link, rest));
    loss::note(draft, &entry.origin, &losses);
    let (way, mut told) = give(draft, entry, link, telling, rest);
    loss::add(&mut told, release::tell_of_new(draft, &entry.origin, link, rest));
    let effects = [loss::effects(&losses), told].concat();
    draft.change(Change { effects, ..Change::new(Sign::Add, &entry.origin, link.to_string(), way) });
}

/// Makes a link with its ports.
pub(super) fn make(draft: &mut Draft<'_>, entry: &Entry, link: &Link) {
    let undo = vec![Action::DeleteLink(link.name.clone())];
    draft.step(&entry.origin, Action::CreateLink(link.clone()), undo, &[]);
    for port in &link.ports {
        let undo = ports::freed(draft, &link.name, &port.link);
        draft.step(&entry.origin, Action::AddPort(link.name.clone(), port.clone()), undo, &[]);
    }
}

/// Returns what makes a link of the former spec with its ports as an inverse.
pub(super) fn made_again(draft: &Draft<'_>, link: &Link) -> Vec<Action> {
    let ports = link.ports.iter().flat_map(|it| ports::taken_up_again(draft, &link.name, it));
    std::iter::once(Action::CreateLink(link.clone())).chain(ports).collect()
}

/// Has a made link get what belongs to IP; returns the way in words and what it disturbs.
pub(super) fn give(
    draft: &mut Draft<'_>,
    entry: &Entry,
    link: &Link,
    telling: Telling,
    rest: &mut Rest,
) -> (&'static str, Vec<Effect>) {
    note_new(draft, link, rest);
    match telling {
        Telling::Reload(effects) => {
            rest.files.push((entry.origin.clone(), link.clone()));
            rest.effects.extend(effects.iter().cloned());
            ("by netlink, networkd takes it over", effects)
        }
        Telling::Refused(refusal) => {
            let steps = parts(link).into_iter();
            rest.kernel.extend(steps.map(|(action, undo)| (entry.origin.clone(), action, vec![undo])));
            unlearned(draft, &entry.origin, refusal);
            ("by netlink", Vec::new())
        }
    }
}

/// Says whether a link is there, another step makes it, or it comes at the next boot.
fn will_be_there(draft: &Draft<'_>, name: &InterfaceName, rest: &Rest) -> bool {
    let made = || draft.after.link(name).is_some_and(|it| !it.is_hardware());
    draft.observed.link(name).is_some() || rest.absent.contains(name) || made()
}

/// Says why a link cannot be made while the host runs.
fn obstacle(draft: &Draft<'_>, link: &Link, telling: &Telling, rest: &Rest) -> Option<Refusal> {
    let below = link.parent().into_iter().chain(link.ports.iter().map(|it| &it.link));
    if let Some(below) = below.clone().find(|it| rest.absent.contains(it)) {
        return Some(format!("`{below}` comes at the next boot").into());
    }
    if let Some(refusal) = narrowed(draft, link, rest).or_else(|| release::refusal_of_any(draft, link)) {
        return Some(refusal);
    }
    if let Some(refusal) = occupied::refusal(draft, link) {
        return Some(refusal);
    }
    let of_port = || link.ports.iter().find_map(|it| port_obstacle(draft, link, &it.link));
    if let Some(why) = of_port().or_else(|| obstacle_of_parent(draft, link)) {
        return Some(why.into());
    }
    let Telling::Refused(refusal) = telling else { return None };
    if let Some(refusal) = places::refusal(draft, link) {
        return Some(refusal);
    }
    // It configures such a link as soon as that comes, as at a reload.
    let held = draft.observed.networkd.as_ref().and_then(|it| it.held.get(link.name.as_str()));
    let by_file =
        held.map(|path| format!("networkd would give it at once what {path} says, and {}", refusal.why));
    let alone = || (!link.by_networkd.is_empty()).then(|| without_networkd(link, &refusal.why));
    Some(Refusal { why: by_file.or_else(alone)?, ..refusal.clone() })
}

/// Says why a link cannot become a port while the host runs.
pub(super) fn port_obstacle(draft: &Draft<'_>, wanted: &Link, port: &InterfaceName) -> Option<String> {
    let present = draft.observed.link(port)?;
    if let Some(receiver) =
        receiver(draft, port).filter(|_| !wanted.device.as_ref().is_some_and(Device::is_vrf))
    {
        return Some(format!("{} takes what comes in over `{port}`", with_guest(draft, receiver)));
    }
    let master =
        present.master.as_ref().filter(|it| draft.before.links().all(|link| link.name.as_str() != **it));
    if let Some(master) = master {
        return Some(format!("`{port}` is a port of `{master}`"));
    }
    if !is_free(present) {
        return Some(format!("`{port}` has addresses"));
    }
    let made = draft.before.link(port).is_some_and(|it| !it.is_hardware());
    (draft.observed.networkd_has_loaded(port) && !made && !release::is_held(draft, port))
        .then(|| format!("networkd has loaded `{port}` without its master"))
}

/// Returns a link that takes what comes in over another one.
fn receiver<'a>(draft: &Draft<'a>, parent: &InterfaceName) -> Option<&'a String> {
    let is_it = |it: &(&String, &ObservedLink)| {
        it.1.receives_for_its_parent() && it.1.parent.as_deref() == Some(parent.as_str())
    };
    draft.observed.links.iter().find(is_it).map(|it| it.0)
}

/// Says why a link would not be made on its parent, or have no frames there.
pub(super) fn obstacle_of_parent(draft: &Draft<'_>, link: &Link) -> Option<String> {
    taken_by_master(draft, link).or_else(|| filtered(draft, link))
}

/// Says why a link that takes what comes in over its parent cannot be made: a master does that.
fn taken_by_master(draft: &Draft<'_>, link: &Link) -> Option<String> {
    let parent =
        link.parent().filter(|_| link.device.as_ref().is_some_and(Device::receives_for_its_parent))?;
    let master = draft.observed.link(parent)?.master.as_deref()?;
    let takes = draft.observed.is_bridge(master) || draft.observed.is_bond(master);
    let is_vrf = |name: &InterfaceName| draft.after.link(name)?.device.as_ref().map(Device::is_vrf);
    let is_freed = draft.does(|it| match it {
        Action::RemovePort(port) => port == parent,
        Action::AddPort(master, port) => port.link == *parent && is_vrf(master) == Some(true),
        _ => false,
    });
    (takes && !is_freed).then(|| format!("`{master}` takes what comes in over `{parent}`"))
}

/// Says why a VLAN of a bridge would have no frames: the bridge lets it pass later.
fn filtered(draft: &Draft<'_>, link: &Link) -> Option<String> {
    let parent = link.parent()?;
    let id = link.device.as_ref()?.vlan()?;
    let (bridge, present) = (draft.after.link(parent)?, draft.observed.link(parent)?);
    let passes = |it: &[PortVlan]| it.iter().any(|it| u32::from(it.id.number()) == id);
    let comes = |it: &Difference| matches!(it, Difference::Vlans(now, then) if !passes(now) && passes(then));
    let is_given = || {
        draft.does(|it| match it {
            Action::SetVlans(name, _) => name == parent,
            Action::CreateLink(it) => it.name == *parent,
            _ => false,
        })
    };
    (differences(draft, bridge, present).iter().any(comes) && !is_given())
        .then(|| format!("`{parent}` lets VLAN {id} pass no sooner than at the next boot"))
}

fn unlearned(draft: &mut Draft<'_>, origin: &Origin, refusal: Refusal) {
    let why = refusal.why;
    draft.note(format!("networkd learns of {} {} at the next boot: {why}", origin.kind, origin.name));
    if let Some(remedy) = refusal.remedy {
        draft.hint(remedy);
    }
}

/// Returns what belongs to IP on a link: each step with its inverse.
pub(super) fn parts(link: &Link) -> Vec<(Action, Action)> {
    let name = || link.name.clone();
    let addresses = link.addresses.iter();
    let routes = link.routes.iter();
    let rules = link.rules.iter();
    let neighbors = link.neighbors.iter();
    addresses
        .map(|it| (Action::AddAddress(name(), *it), Action::RemoveAddress(name(), *it)))
        .chain(
            routes.map(|it| (Action::AddRoute(name(), it.clone()), Action::RemoveRoute(name(), it.clone()))),
        )
        .chain(rules.map(|it| (Action::AddRule(it.clone()), Action::RemoveRule(it.clone()))))
        .chain(neighbors.map(|it| (Action::AddNeighbor(name(), *it), Action::RemoveNeighbor(name(), *it))))
        .collect()
}
