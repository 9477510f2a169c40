//! Ports of masters: what differs, and what comes back with one that is taken up again or stands alone again.

use super::creation::port_obstacle;
use super::difference::Difference;
use super::words::described;
use super::{Rest, defer, loss, note, release, standing};
use crate::artifact::{Artifacts, Entry, Link, Port};
use crate::observed::ObservedLink;
use crate::plan::draft::{Draft, Refusal};
use crate::plan::{Action, Change, Sign};
use crate::value::{InterfaceName, TextValue};

/// Compares a master's ports.
pub(super) fn differences(draft: &Draft<'_>, link: &Link, present: &ObservedLink) -> Vec<Difference> {
    let mut found: Vec<_> = link.ports.iter().filter_map(|it| difference(draft, link, it)).collect();
    found.extend(election(draft, link, present));
    let wanted_elsewhere = |it: &Port| draft.after.links().any(|master| has(master, &it.link));
    let former = draft.before.link(&link.name).into_iter().flat_map(|it| &it.ports);
    let left = former.filter(|it| is_port(draft, &link.name, &it.link) && !wanted_elsewhere(it));
    found.extend(left.cloned().map(Difference::FormerPort));
    found
}

/// Takes up and frees ports; networkd is told of those that it has loaded with another master.
pub(super) fn change(
    draft: &mut Draft<'_>,
    entry: &Entry,
    link: &Link,
    found: &[Difference],
    rest: &mut Rest,
) {
    if found.is_empty() {
        return;
    }
    let what = described(found);
    let losses = loss::of_ports(draft, link, found);
    let mut effects = loss::effects(&losses);
    let refused = || (!draft.allows(&effects)).then(|| loss::refusal(&losses));
    let obstacle = found.iter().find_map(|it| refusal(draft, link, it, rest));
    if let Some(refusal) = obstacle.or_else(refused) {
        if defer(draft, entry, Sign::Change, what, &refusal) {
            draft.waiting.masters.insert(link.name.clone());
        }
        rest.waiting_for_ports.insert(link.name.clone(), refusal);
        return;
    }
    loss::note(draft, &entry.origin, &losses);
    let remedies = found.iter().filter_map(|it| Some((it, it.remedy(draft, &link.name)?)));
    let mut told = Vec::new();
    for (difference, (action, undo)) in remedies.collect::<Vec<_>>() {
        if let Some(port) = difference.port() {
            loss::add(&mut told, release::tell(draft, &entry.origin, port, action.clone(), rest));
        }
        draft.step(&entry.origin, action, undo, &effects);
        note::former_vlans(draft, difference);
    }
    for it in found {
        match it {
            Difference::FormerPort(it) => standing::let_go(draft, &entry.origin, link, &it.link, rest),
            Difference::MissingPort(it) => standing::taken_up(draft, &entry.origin, link, &it.link, rest),
            _ => {}
        }
    }
    loss::add(&mut effects, told);
    draft.change(Change { effects, ..Change::new(Sign::Change, &entry.origin, what, "by netlink") });
}

/// Says why a port cannot be taken up or freed while the host runs.
fn refusal(draft: &Draft<'_>, link: &Link, difference: &Difference, rest: &Rest) -> Option<Refusal> {
    let port = difference.port()?;
    let absent = rest.absent.contains(port).then(|| format!("`{port}` comes at the next boot").into());
    let held = absent.or_else(|| release::refusal(draft, port));
    held.or_else(|| port_obstacle(draft, link, port).map(Refusal::from))
}

fn difference(draft: &Draft<'_>, master: &Link, port: &Port) -> Option<Difference> {
    if !is_port(draft, &master.name, &port.link) {
        return Some(Difference::MissingPort(port.clone()));
    }
    let vlans = &draft.observed.link(&port.link)?.vlans;
    port.vlans.as_ref().filter(|it| *it != vlans)?;
    let had = Port { link: port.link.clone(), vlans: Some(vlans.clone()), elected: None };
    Some(Difference::ChangedPort(had, port.clone()))
}

/// Says whether a link is a port of a master now.
pub(super) fn is_port(draft: &Draft<'_>, master: &InterfaceName, port: &InterfaceName) -> bool {
    draft.observed.link(port).is_some_and(|it| it.master.as_deref() == Some(master.as_str()))
}

fn has(master: &Link, port: &InterfaceName) -> bool {
    master.ports.iter().any(|it| it.link == *port)
}

/// Compares which port is preferred, where the former or the new spec prefers one.
fn election(draft: &Draft<'_>, link: &Link, present: &ObservedLink) -> Option<Difference> {
    let former = draft.before.link(&link.name);
    let elected = |it: &Port| it.elected;
    let attribute = [Some(link), former].into_iter().flatten().flat_map(|it| &it.ports).find_map(elected)?;
    let index = present.number(attribute);
    let had = draft.observed.links.iter().find(|(_, it)| Some(it.index) == index);
    let had = had.and_then(|(name, _)| InterfaceName::parse(name).ok());
    let wanted = link.ports.iter().find(|it| it.elected.is_some()).map(|it| it.link.clone());
    (had != wanted).then_some(Difference::Elected(attribute, had, wanted))
}

/// Returns what takes back that a link became a port of a master.
pub(super) fn freed(draft: &Draft<'_>, master: &InterfaceName, port: &InterfaceName) -> Vec<Action> {
    let Some(present) = draft.observed.link(port) else { return vec![Action::RemovePort(port.clone())] };
    let above = draft.before.links().filter(|it| it.name != *master);
    let mut former = above.filter(|it| present.master.as_deref() == Some(it.name.as_str()));
    if let Some((above, it)) = former.find_map(|it| Some((it, it.ports.iter().find(|it| it.link == *port)?)))
    {
        return taken_up_again(draft, &above.name, it);
    }
    // A bond sets down what it lets go, a bridge leaves it up.
    if !present.up {
        return vec![Action::RemovePort(port.clone()), Action::SetDown(port.clone())];
    }
    let freed = [Action::RemovePort(port.clone()), Action::SetUp(port.clone())];
    freed.into_iter().chain(standing::as_now(draft, port)).collect()
}

/// Returns what makes a link a port again: on the way it goes down, and loses routes and addresses of IPv6.
pub(super) fn taken_up_again(draft: &Draft<'_>, master: &InterfaceName, port: &Port) -> Vec<Action> {
    let add = Action::AddPort(master.clone(), port.clone());
    std::iter::once(add).chain(standing::as_now(draft, &port.link)).collect()
}

/// Returns what makes a link that is deleted and made again the port that it was, where a spec has it be one.
pub(super) fn again(draft: &Draft<'_>, spec: &Artifacts, link: &InterfaceName) -> Option<Action> {
    let master = spec.links().find(|it| has(it, link) && is_port(draft, &it.name, link))?;
    let port = master.ports.iter().find(|it| it.link == *link)?;
    Some(Action::AddPort(master.name.clone(), port.clone()))
}
