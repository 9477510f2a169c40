//! Whether networkd may be told of a file, by the table of what that disturbs.

use super::{file_differs, loss};
use crate::artifact::{Link, drop_ins};
use crate::effect::{Disturbance, Operation, Situation, Subject, forecast};
use crate::plan::Effect;
use crate::plan::draft::{Draft, Refusal};
use crate::value::{Harm, InterfaceName, TextValue};

/// What becomes of a reload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Telling {
    /// It is done; what it disturbs was agreed to.
    Reload(Vec<Effect>),
    /// networkd learns at the next boot.
    Refused(Refusal),
}

/// Says whether networkd may be told of the file of a link that it has not loaded, or of one that goes.
pub(super) fn of_new(draft: &Draft<'_>, name: &InterfaceName) -> Telling {
    decide(draft, name, Operation::ReloadNew, |situation| situation)
}

/// Says whether networkd may be told of the changed file of a link that it has loaded.
pub(super) fn of_changed(draft: &Draft<'_>, name: &InterfaceName) -> Telling {
    of_loaded(draft, name, |situation| situation)
}

/// Says whether networkd may be told that a link which it has loaded with a master has left that.
pub(super) fn of_released(draft: &Draft<'_>, name: &InterfaceName) -> Telling {
    of_loaded(draft, name, Situation::released)
}

fn of_loaded(draft: &Draft<'_>, name: &InterfaceName, look: impl FnOnce(Situation) -> Situation) -> Telling {
    if draft.observed.leftovers.iter().any(|it| it.path.starts_with(&drop_ins(name))) {
        return Telling::Refused(format!("networkd would make links anew that left `{name}`").into());
    }
    let specs: Vec<_> = [draft.before, draft.after].into_iter().filter_map(|it| it.link(name)).collect();
    let changed = draft.after.links().filter(|it| is_told(draft, it)).map(|it| it.name.as_str());
    let observed = draft.observed;
    decide(draft, name, Operation::ReloadChanged, |it| {
        look(it.about(observed, name.as_str(), &specs)).beside(observed, name.as_str(), changed)
    })
}

/// Says whether networkd has loaded a link and would be told of a change of its file.
fn is_told(draft: &Draft<'_>, link: &Link) -> bool {
    draft.observed.networkd_has_loaded(&link.name) && file_differs(draft, link)
}

fn decide(
    draft: &Draft<'_>,
    name: &InterfaceName,
    operation: Operation,
    look: impl FnOnce(Situation) -> Situation,
) -> Telling {
    let Some(situation) = Situation::of(draft.observed, operation) else {
        return Telling::Refused("networkd does not run".into());
    };
    let version = situation.version;
    let disturbed = forecast(operation, &look(situation));
    let mut effects = Vec::new();
    disturbed.iter().for_each(|it| loss::add(&mut effects, affected(draft, it, name)));
    if draft.allows(&effects) {
        return Telling::Reload(effects);
    }
    let reasons: Vec<_> = disturbed.iter().map(|it| it.why).collect();
    Telling::Refused(Refusal {
        why: format!("at a reload on systemd {version}, {}", reasons.join("; ")),
        remedy: disturbed.iter().find_map(|it| it.remedy).map(str::to_owned),
        harms: disturbed.iter().map(|it| it.harm).collect(),
    })
}

fn affected(draft: &Draft<'_>, disturbance: &Disturbance, name: &InterfaceName) -> Vec<Effect> {
    match disturbance.harm {
        Harm::Routes => vec![Effect::Routes],
        Harm::Sessions => vec![Effect::Sessions],
        Harm::Storage => stored(draft, name),
        _ if disturbance.subject == Subject::Unread => unread(draft, name),
        _ => vec![Effect::Link(name.clone())],
    }
}

/// Names links whose files networkd has not read; one that has a name which we would not give by the link that is told of.
fn unread(draft: &Draft<'_>, name: &InterfaceName) -> Vec<Effect> {
    let links = draft.observed.networkd.iter().flat_map(|it| it.unread.keys());
    links.map(|it| Effect::Link(InterfaceName::parse(it).unwrap_or_else(|_| name.clone()))).collect()
}

/// Names iSCSI sessions that speak from a link.
fn stored(draft: &Draft<'_>, name: &InterfaceName) -> Vec<Effect> {
    let addresses = draft.observed.link(name).into_iter().flat_map(|it| &it.addresses);
    let own = addresses.map(|it| it.address.ip()).collect();
    draft.observed.stored_from(&own).map(|it| Effect::Storage(it.to_owned())).collect()
}
