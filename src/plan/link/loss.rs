//! What a change takes from those who use the host: each with a sentence why, and what would keep it.

mod bond;
mod bridge;
mod change;
mod file;
mod ipv6;
mod kept;
mod promotion;
mod source;
mod vlans;

use crate::artifact::Origin;
use crate::observed::{Flow, FlowKind};
use crate::plan::Effect;
use crate::plan::draft::{Draft, Refusal};

pub(super) use bridge::of_settings;
pub(super) use change::{of_change, of_creation, of_foreign_addresses, of_ports, of_release};
pub(super) use file::of_file;
pub(super) use kept::{moved_by, moved_by_new, moved_with};
pub(super) use source::of_all_sources;

/// Names at most this many peers.
const SHOWN: usize = 3;

/// Something that is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loss {
    /// What it is.
    pub(super) effect: Effect,
    /// Why; a sentence without a full stop.
    pub(super) why: String,
    /// What would keep it; absent: nothing is known.
    pub(super) remedy: Option<String>,
}

/// Returns what is disturbed, each once.
pub(super) fn effects(losses: &[Loss]) -> Vec<Effect> {
    let mut effects = Vec::new();
    add(&mut effects, losses.iter().map(|it| it.effect.clone()));
    effects
}

/// Adds effects to others, each once.
pub(super) fn add(effects: &mut Vec<Effect>, more: impl IntoIterator<Item = Effect>) {
    for effect in more {
        if !effects.contains(&effect) {
            effects.push(effect);
        }
    }
}

/// Says why a change that nobody agreed to waits.
pub(super) fn refusal(losses: &[Loss]) -> Refusal {
    let remedies = joined(losses.iter().filter_map(|it| it.remedy.as_deref()));
    Refusal {
        remedy: Some(remedies).filter(|it| !it.is_empty()),
        ..Refusal::of(joined(losses.iter().map(|it| it.why.as_str())), &effects(losses))
    }
}

/// Says why what was agreed to is lost, where it is more than a link.
pub(super) fn note(draft: &mut Draft<'_>, origin: &Origin, losses: &[Loss]) {
    for loss in losses.iter().filter(|it| !matches!(it.effect, Effect::Link(_))) {
        draft.note(format!("{} {}: {}", origin.kind, origin.name, loss.why));
    }
}

fn joined<'a>(sentences: impl Iterator<Item = &'a str>) -> String {
    let mut all: Vec<&str> = Vec::new();
    for it in sentences {
        if !all.contains(&it) {
            all.push(it);
        }
    }
    all.join("; ")
}

/// Returns what is lost with a flow.
pub(super) fn effect(flow: &Flow) -> Effect {
    match &flow.kind {
        FlowKind::Session => Effect::Sessions,
        FlowKind::Storage(target) => Effect::Storage(target.clone()),
        FlowKind::Caller => Effect::Caller,
    }
}

/// What is said of BGP sessions that are not known one by one.
const ANY_SESSION: &str = "a BGP session, or BFD for one";

/// Names flows of one kind.
fn named(flows: &[&Flow]) -> String {
    let Some(first) = flows.first() else { return ANY_SESSION.to_owned() };
    let what = match &first.kind {
        FlowKind::Session => ANY_SESSION.to_owned(),
        FlowKind::Storage(target) => format!("the iSCSI session of `{target}`"),
        FlowKind::Caller => "the connection that this is asked over".to_owned(),
    };
    let mut peers: Vec<_> = flows.iter().map(|it| it.peer.to_string()).collect();
    peers.sort();
    peers.dedup();
    let more = peers.len().saturating_sub(SHOWN);
    peers.truncate(SHOWN);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{what} with {}{more}", peers.join(", "))
}

/// Returns what goes over a link, or over what stands on it: what is lost with it, and its name. Whoever calls is among them
/// where the link goes; a pause does not cut it.
fn over(draft: &Draft<'_>, link: &str, also_caller: bool) -> Vec<(Effect, String)> {
    let flows = draft.observed.flows_over(link);
    let mut found: Vec<(Effect, Vec<&Flow>)> = Vec::new();
    if draft.observed.carries_session(link) {
        found.push((Effect::Sessions, Vec::new()));
    }
    for flow in flows.into_iter().filter(|it| also_caller || it.kind != FlowKind::Caller) {
        let effect = effect(flow);
        match found.iter_mut().find(|it| it.0 == effect) {
            Some((_, all)) => all.push(flow),
            None => found.push((effect, vec![flow])),
        }
    }
    found.into_iter().map(|(effect, all)| (effect, named(&all))).collect()
}
