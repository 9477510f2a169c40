//! Whether networkd may be told of a file, by the table of what that disturbs.

use super::{file_differs, loss};
use crate::artifact::{Link, drop_in_place, drop_ins};
use crate::effect::{Disturbance, Operation, Situation, Subject, forecast};
use crate::plan::Effect;
use crate::plan::draft::{Draft, Refusal};
use crate::value::{Harm, InterfaceName, TextValue};

/// From this version on networkd takes from ports the VLANs that their files do not have.
pub(super) const TAKES_VLANS_SINCE: u32 = 256;
/// Line of a spec.
const KEEPS: &str = "Network.KeepConfiguration=";
/// Its values that have networkd keep everything.
const KEEPS_ALL: [&str; 6] = ["yes", "true", "on", "1", "y", "t"];

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
    decide(draft, name, &[Operation::ReloadNew], |situation| situation)
}

/// Says whether networkd may be told of the changed file of a link that it has loaded.
pub(super) fn of_changed(draft: &Draft<'_>, name: &InterfaceName) -> Telling {
    if let Some(master) = unlearned_vlans(draft, name) {
        return Telling::Refused(
            format!(
                "networkd would take VLANs from `{name}` that it learns of at the next boot, as a port of `{master}`"
            )
            .into(),
        );
    }
    of_loaded(draft, name, |situation| situation)
}

/// Says whether networkd may be told that a link which it has loaded with a master has left that.
pub(super) fn of_released(draft: &Draft<'_>, name: &InterfaceName) -> Telling {
    of_loaded(draft, name, Situation::released)
}

fn of_loaded(draft: &Draft<'_>, name: &InterfaceName, look: impl FnOnce(Situation) -> Situation) -> Telling {
    let makes = |path: &str| {
        let child = path.strip_prefix(&drop_ins(name)).and_then(|it| it.strip_suffix(".conf"));
        child.is_some_and(|it| !draft.observed.links.contains_key(it))
    };
    if draft.observed.leftovers.iter().any(|it| makes(&it.path)) {
        let why = format!("networkd would make links anew that left `{name}`");
        let remedy = Some("`hostwright networkd restart` has networkd forget them".to_owned());
        return Telling::Refused(Refusal { why, remedy, ..Refusal::default() });
    }
    let specs: Vec<_> = [draft.before, draft.after].into_iter().filter_map(|it| it.link(name)).collect();
    let changed = draft.after.links().filter(|it| is_told(draft, it)).map(|it| it.name.as_str());
    let observed = draft.observed;
    let operations: &[_] = if keeps_configuration(draft, name) {
        &[Operation::ReloadChanged, Operation::Reconfigure]
    } else {
        &[Operation::ReloadChanged]
    };
    decide(draft, name, operations, |it| {
        look(it.about(observed, name.as_str(), &specs)).beside(observed, name.as_str(), changed)
    })
}

/// Returns the master of a port that passes VLANs which its drop-in does not have yet, where networkd would take them.
fn unlearned_vlans<'a>(draft: &'a Draft<'_>, name: &InterfaceName) -> Option<&'a InterfaceName> {
    draft.observed.networkd.as_ref().filter(|it| it.version >= TAKES_VLANS_SINCE)?;
    let passes = |master: &&Link| master.ports.iter().any(|it| it.link == *name && it.vlans.is_some());
    let master = &draft.after.links().find(passes)?.name;
    let place = drop_in_place(name, master);
    (draft.observed.files.get(&place) != draft.after.content(&place)).then_some(master)
}

/// Says whether a reload gives a link all its addresses anew, as long as the version has it so: its own lines tell networkd
/// to keep them. networkd-link.c `link_reconfigure_impl` of 250 to 256.
fn keeps_configuration(draft: &Draft<'_>, name: &InterfaceName) -> bool {
    let is_anew = draft.observed.networkd.as_ref().is_some_and(|it| (250..257).contains(&it.version));
    let mut lines = draft.after.link(name).into_iter().flat_map(|it| &it.raw);
    is_anew
        && lines.rfind(|it| it.starts_with(KEEPS)).is_some_and(|it| KEEPS_ALL.contains(&&it[KEEPS.len()..]))
}

/// Says whether networkd has loaded a link and would be told of a change of its file.
fn is_told(draft: &Draft<'_>, link: &Link) -> bool {
    draft.observed.networkd_has_loaded(&link.name) && file_differs(draft, link)
}

fn decide(
    draft: &Draft<'_>,
    name: &InterfaceName,
    operations: &[Operation],
    look: impl FnOnce(Situation) -> Situation,
) -> Telling {
    let Some(situation) = Situation::of(draft.observed, Operation::ReloadChanged) else {
        return Telling::Refused("networkd does not run".into());
    };
    let version = situation.version;
    let situation = look(situation);
    let mut disturbed: Vec<Disturbance> = Vec::new();
    for it in operations.iter().flat_map(|it| forecast(*it, &situation)) {
        if !disturbed.contains(&it) {
            disturbed.push(it);
        }
    }
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
