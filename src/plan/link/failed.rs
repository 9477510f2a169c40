//! Links that networkd gave up: named where the spec has them, with who relies on them.

use crate::artifact::{Artifact, Entry, Link};
use crate::effect::{Operation, Situation, forecast};
use crate::plan::draft::Draft;
use crate::value::InterfaceName;

/// Names at most this many tables that rely on a link.
const SHOWN: usize = 3;

/// Notes links of the spec that networkd has failed. They are no obstacle: a changed file is what has networkd try again.
pub(super) fn note(draft: &mut Draft<'_>) {
    let Some(networkd) = &draft.observed.networkd else { return };
    let failed: Vec<_> =
        draft.after.links().filter(|it| networkd.failed.contains(it.name.as_str())).collect();
    for link in failed {
        draft.note(format!(
            "networkd has failed `{}` and configures it no further: it may lack what its file says{}",
            link.name,
            relying(draft, &link.name)
        ));
        draft.hint(format!(
            "`journalctl -u systemd-networkd` says why `{}` failed; {}",
            link.name,
            again(draft, link)
        ));
    }
}

/// Says in words which tables that change here rely on a link.
fn relying(draft: &Draft<'_>, name: &InterfaceName) -> String {
    let relies = |link: &Link| {
        link.name == *name || link.parent() == Some(name) || link.ports.iter().any(|it| it.link == *name)
    };
    let changes = |entry: &&Entry| match &entry.artifact {
        Artifact::Link(link) => relies(link) && draft.changes(&entry.origin),
        _ => false,
    };
    let all: Vec<_> = draft.after.iter().filter(changes).collect();
    if all.is_empty() {
        return String::new();
    }
    let mut words: Vec<_> =
        all.iter().take(SHOWN).map(|it| format!("{} {}", it.origin.kind, it.origin.name)).collect();
    if all.len() > SHOWN {
        words.push(format!("{} more", all.len() - SHOWN));
    }
    format!(", and this plan relies on it for {}", words.join(", "))
}

/// Says how networkd tries again: at once only where that takes nothing away.
fn again(draft: &Draft<'_>, link: &Link) -> String {
    let situation = Situation::of(draft.observed, Operation::Reconfigure);
    let situation = situation.map(|it| it.about(draft.observed, link.name.as_str(), &[link]));
    if situation.is_some_and(|it| forecast(Operation::Reconfigure, &it).is_empty()) {
        return format!("`networkctl reconfigure {}` has it try again", link.name);
    }
    "a changed file or the next boot has it try again".to_owned()
}
