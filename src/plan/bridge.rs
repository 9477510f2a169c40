//! Default bridges: taken away when nobody uses them, put back as they were when the spec leaves them.

use super::draft::Draft;
use super::{Action, Change, Sign};
use crate::artifact::{Artifact, DefaultBridge, Entry, Id, Origin};
use crate::observed::{BridgeState, ObservedBridge};

/// Takes away what shall not be there.
pub(super) fn removals(draft: &mut Draft<'_>) {
    for (entry, bridge) in bridges(draft.additions()) {
        let observed = draft.observed;
        let Some(present) = observed.bridges.get(&bridge) else {
            continue;
        };
        if let Some(why) = &present.unreachable {
            draft.note(format!("default bridge {bridge} is left: {why}"));
        }
        if let Some(state) = &present.state {
            remove(draft, &entry.origin, bridge, state, present);
        }
    }
}

fn remove(
    draft: &mut Draft<'_>,
    origin: &Origin,
    bridge: DefaultBridge,
    state: &BridgeState,
    present: &ObservedBridge,
) {
    if !present.users.is_empty() {
        let users = present.users.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let message = format!("default bridge {bridge} is in use by {users}");
        let hint = "move them elsewhere or stop them; `default-bridges = \"leave\"` in `[host]` keeps it";
        return draft.problem(origin, message, hint);
    }
    for guest in &present.stopped {
        draft.note(format!("{guest} is defined on {bridge} and will not start without it"));
    }
    if present.kept.is_none() {
        let keep = Action::KeepBridge(bridge, state.clone());
        draft.step(origin, keep, vec![Action::ForgetBridge(bridge)], &[]);
    }
    let undo = vec![Action::RestoreBridge(bridge, state.clone())];
    draft.step(origin, Action::RemoveBridge(bridge), undo, &[]);
    draft.change(Change::new(Sign::Remove, origin, named(bridge), "stop, keep away"));
}

/// Puts back what was taken away and is left from now on.
pub(super) fn restorations(draft: &mut Draft<'_>) {
    for (entry, bridge) in bridges(draft.removals()) {
        let observed = draft.observed;
        let Some((present, kept)) =
            observed.bridges.get(&bridge).and_then(|it| Some((it, it.kept.as_ref()?)))
        else {
            continue;
        };
        if !is_of_spec(draft, bridge) {
            restore(draft, &entry.origin, bridge, kept, present);
        }
    }
}

fn restore(
    draft: &mut Draft<'_>,
    origin: &Origin,
    bridge: DefaultBridge,
    kept: &BridgeState,
    present: &ObservedBridge,
) {
    let undo = match &present.state {
        Some(state) => Action::RestoreBridge(bridge, state.clone()),
        None => Action::RemoveBridge(bridge),
    };
    draft.step(origin, Action::RestoreBridge(bridge, kept.clone()), vec![undo], &[]);
    draft.step(origin, Action::ForgetBridge(bridge), vec![Action::KeepBridge(bridge, kept.clone())], &[]);
    draft.change(Change::new(Sign::Add, origin, named(bridge), "as it was before"));
}

fn named(bridge: DefaultBridge) -> String {
    format!("{bridge} of {}", bridge.maker())
}

/// Says whether the network behind a bridge is a table of the new spec.
fn is_of_spec(draft: &Draft<'_>, bridge: DefaultBridge) -> bool {
    let name = bridge.network().and_then(|it| it.parse().ok());
    name.is_some_and(|it| draft.after.get(&Id::Network(it)).is_some())
}

fn bridges(entries: Vec<&Entry>) -> impl Iterator<Item = (&Entry, DefaultBridge)> {
    entries.into_iter().filter_map(|entry| match entry.artifact {
        Artifact::Absent(bridge) => Some((entry, bridge)),
        _ => None,
    })
}
