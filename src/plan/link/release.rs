//! Ports that networkd has loaded with a master that they leave: at their next event it would make them its ports again, so it
//! is told first.

use super::difference::Difference;
use super::telling::{self, Telling};
use super::{Rest, creation, defer, described, loss, ports};
use crate::artifact::{Entry, Link, Origin, Place, drop_in_place};
use crate::plan::draft::{Draft, Refusal};
use crate::plan::{Action, Change, Effect, Sign};
use crate::value::{InterfaceName, TextValue};

/// A port that leaves its master when networkd was told.
pub(super) struct Release {
    origin: Origin,
    drop_in: Place,
    leave: (Action, Vec<Action>),
    standing: Vec<Action>,
}

impl Release {
    /// Takes the file that networkd has the master from.
    pub(super) fn forget(&self, draft: &mut Draft<'_>, after_undo: Vec<Action>) {
        draft.remove(&self.origin, &self.drop_in, after_undo);
    }

    /// Has the port leave.
    pub(super) fn finish(self, draft: &mut Draft<'_>) {
        let (leave, undo) = self.leave;
        draft.step(&self.origin, leave, undo, &[]);
        for action in self.standing {
            draft.step(&self.origin, action, Vec::new(), &[]);
        }
    }
}

/// Says whether networkd has loaded a link with the master that it has.
pub(super) fn is_held(draft: &Draft<'_>, port: &InterfaceName) -> bool {
    holding(draft, port).is_some()
}

/// Says why a link cannot leave the master that networkd has loaded it with; absent: it can, or is not held.
pub(super) fn refusal(draft: &Draft<'_>, port: &InterfaceName) -> Option<Refusal> {
    match holding(draft, port).map(|_| telling::of_changed(draft, port))? {
        Telling::Refused(refusal) => Some(refusal),
        Telling::Reload(_) => None,
    }
}

/// Has a port change its master, or stand alone, where networkd may be told, and else at the next boot.
pub(super) fn change(draft: &mut Draft<'_>, entry: &Entry, link: &Link, found: &Difference, rest: &mut Rest) {
    let Some((port, leave)) = found.port().zip(found.remedy(draft, &link.name)) else { return };
    let alone = std::slice::from_ref(found);
    let (what, losses) = (described(alone), loss::of_ports(draft, link, alone));
    let mut effects = loss::effects(&losses);
    let refused = (!draft.allows(&effects)).then(|| loss::refusal(&losses));
    if let Some(refusal) = refused.or_else(|| addressed(draft, found)).or_else(|| refusal(draft, port)) {
        return defer(draft, entry, Sign::Change, what, &refusal);
    }
    loss::note(draft, &entry.origin, &losses);
    loss::add(&mut effects, told(draft, &entry.origin, port, leave, rest));
    draft.change(Change { effects, ..Change::new(Sign::Change, &entry.origin, what, "networkd's file") });
}

/// Says that a link does not become a port of another master because of its addresses.
fn addressed(draft: &Draft<'_>, found: &Difference) -> Option<Refusal> {
    let port = found.port().filter(|_| found.freed().is_none())?;
    creation::addressed(draft.observed.link(port)?, port).map(Refusal::from)
}

/// Has networkd be told of the ports of a new master that it has loaded with another; returns what that disturbs.
pub(super) fn to_new(draft: &Draft<'_>, origin: &Origin, master: &Link, rest: &mut Rest) -> Vec<Effect> {
    let mut effects = Vec::new();
    for port in &master.ports {
        let again = Action::AddPort(master.name.clone(), port.clone());
        loss::add(&mut effects, told(draft, origin, &port.link, (again, Vec::new()), rest));
    }
    effects
}

/// Has networkd be told of a port that it has loaded with a master; returns what that disturbs.
fn told(
    draft: &Draft<'_>,
    origin: &Origin,
    port: &InterfaceName,
    leave: (Action, Vec<Action>),
    rest: &mut Rest,
) -> Vec<Effect> {
    let Some(drop_in) = holding(draft, port) else { return Vec::new() };
    let Telling::Reload(effects) = telling::of_changed(draft, port) else { return Vec::new() };
    let standing =
        if matches!(leave.0, Action::RemovePort(_)) { ports::standing(draft, port) } else { Vec::new() };
    rest.effects.extend(effects.iter().cloned());
    rest.released.push(Release { origin: origin.clone(), drop_in, leave, standing });
    effects
}

/// Returns the file that networkd has a port's master from; absent: it has not loaded it with one.
fn holding(draft: &Draft<'_>, port: &InterfaceName) -> Option<Place> {
    let master = draft.observed.link(port)?.master.as_ref()?;
    let drop_in = drop_in_place(port, &InterfaceName::parse(master).ok()?);
    let held = draft.observed.networkd_has_loaded(port) && draft.observed.files.contains_key(&drop_in);
    held.then_some(drop_in)
}
