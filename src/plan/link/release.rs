//! Ports that networkd has loaded with a master that they leave: at their next event it would make them its ports again, so it
//! is told. Before the boot it cannot be told of what a file of others says.

use super::telling::{self, Telling};
use super::{Rest, loss, ports};
use crate::artifact::{Link, Origin, Place, drop_in_place};
use crate::plan::draft::{Draft, Refusal};
use crate::plan::{Action, Effect};
use crate::value::{InterfaceName, TextValue};

/// A port of which networkd is told that it left its master.
pub(super) struct Release {
    origin: Origin,
    drop_in: Place,
    /// The change itself once more: until it is told networkd may take it back.
    again: Action,
}

impl Release {
    /// Takes the file that networkd has the master from.
    pub(super) fn forget(&self, draft: &mut Draft<'_>, after_undo: Vec<Action>) {
        draft.remove(&self.origin, &self.drop_in, after_undo);
    }

    /// Changes the master once more.
    pub(super) fn finish(self, draft: &mut Draft<'_>) {
        draft.step(&self.origin, self.again, Vec::new(), &[]);
    }
}

/// Says whether networkd has loaded a link that stays with the master that it has.
pub(super) fn is_held(draft: &Draft<'_>, port: &InterfaceName) -> bool {
    holding(draft, port).is_some()
}

/// Says why a link cannot leave the master that networkd has loaded it with; absent: it can, or is not held.
pub(super) fn refusal(draft: &Draft<'_>, port: &InterfaceName) -> Option<Refusal> {
    let master = draft.observed.link(port)?.master.as_ref()?;
    if let Some(path) = draft.observed.foreign_file_with_a_master(port).filter(|_| stays(draft, port)) {
        let why =
            format!("networkd has loaded {path} for `{port}`, and may make it a port of `{master}` again");
        return Some(why.into());
    }
    holding(draft, port)?;
    if !draft.observed.keeps_masters() {
        return Some(
            format!("networkd may make `{port}` a port of the master that it has loaded it with").into(),
        );
    }
    match telling::of_released(draft, port) {
        Telling::Refused(refusal) => Some(refusal),
        Telling::Reload(_) => None,
    }
}

/// Says why the ports that a master gets cannot leave those that they have; absent: they can.
pub(super) fn refusal_of_any(draft: &Draft<'_>, master: &Link) -> Option<Refusal> {
    let mut new = master.ports.iter().filter(|it| !ports::is_port(draft, &master.name, &it.link));
    new.find_map(|it| refusal(draft, &it.link))
}

/// Has networkd be told of a port whose master changed, where it holds it; returns what that disturbs.
pub(super) fn tell(
    draft: &Draft<'_>,
    origin: &Origin,
    port: &InterfaceName,
    again: Action,
    rest: &mut Rest,
) -> Vec<Effect> {
    let Some(drop_in) = holding(draft, port) else { return Vec::new() };
    let Telling::Reload(effects) = telling::of_released(draft, port) else { return Vec::new() };
    rest.effects.extend(effects.iter().cloned());
    rest.released.push(Release { origin: origin.clone(), drop_in, again });
    effects
}

/// Has networkd be told of the ports of a new master; returns what that disturbs.
pub(super) fn tell_of_new(draft: &Draft<'_>, origin: &Origin, master: &Link, rest: &mut Rest) -> Vec<Effect> {
    let mut effects = Vec::new();
    for port in &master.ports {
        let again = Action::AddPort(master.name.clone(), port.clone());
        loss::add(&mut effects, tell(draft, origin, &port.link, again, rest));
    }
    effects
}

/// Returns the files that networkd has a deleted master from for ports that stay, where it may be told, and what that disturbs.
pub(super) fn of_deleted(draft: &Draft<'_>, master: &Link) -> Vec<(Place, Vec<Effect>)> {
    let stay = master.ports.iter().filter(|it| draft.after.link(&it.link).is_some());
    let told = stay.filter_map(|it| match telling::of_released(draft, &it.link) {
        Telling::Reload(effects) => Some((drop_in_place(&it.link, &master.name), effects)),
        Telling::Refused(_) => None,
    });
    told.collect()
}

/// Says whether a port is there when all is done, in the spec or not.
fn stays(draft: &Draft<'_>, port: &InterfaceName) -> bool {
    let of_hardware = || draft.before.link(port).is_some_and(Link::is_hardware);
    draft.after.link(port).is_some() || of_hardware() || draft.observed.taken_over.is_for(port)
}

/// Returns the file that networkd has the master of a port from; absent: it has not loaded it with one, or the port goes.
fn holding(draft: &Draft<'_>, port: &InterfaceName) -> Option<Place> {
    draft.after.link(port)?;
    let master = draft.observed.link(port)?.master.as_ref()?;
    let drop_in = drop_in_place(port, &InterfaceName::parse(master).ok()?);
    let held = draft.observed.networkd_has_loaded(port) && draft.observed.files.contains_key(&drop_in);
    held.then_some(drop_in)
}
