//! Virtual functions: what changes for them is told to the card where whoever uses them may be disturbed; udev else does it at
//! the next boot.

use crate::artifact::{Artifact, Content, Entry, File, FunctionSetting, Link, VirtualFunction, link_place};
use crate::observed::ObservedLink;
use crate::plan::draft::Draft;
use crate::plan::{Action, Change, Effect, Sign};

const TOLD_AT_ONCE: &str =
    "`--allow links` has the card told of its virtual functions at once, which may disturb whoever uses them";

/// Settings of a function that the card has, and those that it shall have.
type Pair = (VirtualFunction, VirtualFunction);

/// Tells a card what changed for its virtual functions, and udev with it, which may find the card again. Says whether that is
/// all that changed in udev's file; else nothing is told.
pub(super) fn told(draft: &mut Draft<'_>, entry: &Entry, link: &Link, present: &ObservedLink) -> bool {
    let Some(pairs) = changes(draft, link, present) else { return false };
    let effects = [Effect::Link(link.name.clone())];
    if !draft.allows(&effects) {
        draft.hint(TOLD_AT_ONCE.to_owned());
        return false;
    }
    let place = link_place(&link.name);
    let Some(content) = draft.after.content(&place).cloned() else { return false };
    let what: Vec<_> = pairs.iter().map(|it| described(&it.1)).collect();
    for (had, wanted) in pairs {
        let undo = vec![Action::SetFunction(link.name.clone(), had)];
        draft.step(&entry.origin, Action::SetFunction(link.name.clone(), wanted), undo, &effects);
    }
    draft.write(&entry.origin, File { place, content }, []);
    let change = Change::new(Sign::Change, &entry.origin, what.join(", "), "by netlink");
    draft.change(Change { effects: effects.to_vec(), ..change });
    true
}

/// Returns what changed; nothing where udev has more to do, or somebody else tells the card something: libvirt, where a network
/// hands out its functions.
fn changes(draft: &Draft<'_>, link: &Link, present: &ObservedLink) -> Option<Vec<Pair>> {
    let place = link_place(&link.name);
    let (before, after) = (draft.before.content(&place)?, draft.after.content(&place)?);
    if beside_functions(before) != beside_functions(after) || draft.observed.files.get(&place) != Some(before)
    {
        return None;
    }
    let artifacts = draft.before.iter().chain(draft.after.iter());
    let is_pool =
        |it: &Entry| matches!(&it.artifact, Artifact::Network(it) if it.pf.as_ref() == Some(&link.name));
    if artifacts.into_iter().any(is_pool) {
        return None;
    }
    let former = draft.before.link(&link.name)?;
    let is_gone = |it: &VirtualFunction| numbered(&link.virtual_functions, it.number).is_none();
    if former.virtual_functions.iter().any(is_gone) {
        return None;
    }
    let pair = |it: &VirtualFunction| {
        let found = numbered(&present.virtual_functions, it.number)?;
        pair(numbered(&former.virtual_functions, it.number), it, found)
    };
    let pairs: Option<Vec<_>> = link.virtual_functions.iter().map(pair).collect();
    pairs.map(|it| it.into_iter().filter(|(_, wanted)| !wanted.settings.is_empty()).collect())
}

/// Returns what is set now and what shall be, of that alone which changed; nothing where a setting was taken out.
fn pair(former: Option<&VirtualFunction>, wanted: &VirtualFunction, found: &VirtualFunction) -> Option<Pair> {
    let had = |it: FunctionSetting| former.and_then(|former| former.like(it));
    let mut pair = [(); 2].map(|()| VirtualFunction { number: wanted.number, settings: Vec::new() });
    if former.is_some_and(|former| former.settings.iter().any(|it| wanted.like(*it).is_none())) {
        return None;
    }
    for setting in wanted.settings.iter().copied().filter(|it| had(*it) != Some(*it)) {
        let now = found.like(setting)?;
        if had(setting).is_some_and(|it| it != now) {
            return None;
        }
        pair[0].settings.push(now);
        pair[1].settings.push(setting);
    }
    Some(pair.into())
}

fn numbered(functions: &[VirtualFunction], number: u32) -> Option<&VirtualFunction> {
    functions.iter().find(|it| it.number == number)
}

/// Returns what a file of udev says beside its virtual functions, which come last.
fn beside_functions(content: &Content) -> Option<&str> {
    match content {
        Content::Text(text) => text.split("\n[SR-IOV]").next(),
        Content::Symlink(_) => None,
    }
}

fn described(function: &VirtualFunction) -> String {
    let settings: Vec<_> = function.settings.iter().map(ToString::to_string).collect();
    format!("virtual function {}: {}", function.number, settings.join(", "))
}
