//! The difference between artifacts and machine, as data. Knows forms of artifacts, no kinds.

mod adoption;
mod bridge;
mod container;
mod directory;
mod display;
mod domain;
mod draft;
mod effect;
mod link;
mod network;
mod routing;
mod step;
mod sysctl;
mod takeover;
mod terms;
mod unit;
mod waiting;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use adoption::adopt;
pub use effect::Effect;
pub use link::{SETTINGS_OF_NETWORKD, duplicates, leftovers, without_carrier};
pub use step::{Action, Step};
pub use terms::{Deferral, Terms};

use crate::artifact::{Artifacts, Origin};
use crate::observed::Observed;
use crate::value::{Harm, InterfaceName};
use draft::Draft;

/// How far a plan reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// Files, kernel and daemons of the machine.
    Machine,
    /// Files below a directory; kernel and daemons are left alone.
    Directory,
}

/// Whether something comes, changes or goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// It comes.
    Add,
    /// It changes.
    Change,
    /// It goes.
    Remove,
}

/// A line of the plan: what happens to one table of the spec.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Whether it comes, changes or goes.
    pub sign: Sign,
    /// Table of the spec.
    pub origin: Origin,
    /// What tells it from others, or what changes.
    pub what: String,
    /// How it is brought about: `by netlink`.
    pub way: String,
    /// What it disturbs.
    pub effects: Vec<Effect>,
    /// When it takes effect; absent: at once.
    pub when: Option<String>,
}

impl Change {
    /// Makes a line without effects that takes effect at once.
    fn new(sign: Sign, origin: &Origin, what: impl Into<String>, way: &str) -> Self {
        let (what, way) = (what.into(), way.to_owned());
        Self { sign, origin: origin.clone(), what, way, effects: Vec::new(), when: None }
    }
}

/// Something that keeps the plan from being applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obstacle {
    /// Table of the spec.
    pub origin: Origin,
    /// What stands in the way.
    pub message: String,
    /// What to do; absent when the message says it.
    pub hint: Option<String>,
}

/// What brings a machine from one set of artifacts to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Name of the host.
    pub host: String,
    /// How far it reaches.
    pub reach: Reach,
    /// Lines to show.
    pub changes: Vec<Change>,
    /// What is done, in this order.
    pub steps: Vec<Step>,
    /// Accepted before, active from the next boot or restart on.
    pub pending: Vec<Obstacle>,
    /// What has no harmless way: `--at-boot` accepts it.
    pub blocked: Vec<Obstacle>,
    /// What the machine does not allow at all.
    pub problems: Vec<Obstacle>,
    /// Sentences that a reader should know.
    pub notes: Vec<String>,
    /// What would make it better.
    pub hints: Vec<String>,
}

impl Plan {
    /// Says whether nothing is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.blocked.is_empty() && self.problems.is_empty()
    }

    /// Returns what was agreed to: what it disturbs, for else it would have stopped.
    #[must_use]
    pub fn agreed(&self) -> BTreeSet<Harm> {
        let effects = self.steps.iter().flat_map(|it| &it.effects);
        effects.chain(self.changes.iter().flat_map(|it| &it.effects)).map(Effect::harm).collect()
    }

    /// Says whether nothing but a start is to be done for something: at a boot that comes late.
    #[must_use]
    pub fn only_starts(&self, origin: &Origin) -> bool {
        let mut actions = self.steps.iter().filter(|it| it.origin == *origin).map(|it| &it.action).peekable();
        actions.peek().is_some() && actions.all(|it| matches!(it, Action::StartUnit(_)))
    }

    /// Returns what it leaves as it is, in words: what waits for the next boot or restart.
    #[must_use]
    pub fn waiting(&self) -> BTreeMap<Origin, String> {
        let later = self.changes.iter().filter(|it| it.when.is_some()).map(|it| (&it.origin, &it.what));
        let mut waiting: BTreeMap<_, String> = BTreeMap::new();
        for (origin, what) in later.chain(self.pending.iter().map(|it| (&it.origin, &it.message))) {
            let text = waiting.entry(origin.clone()).or_default();
            text.push_str(what);
            text.push('\n');
        }
        waiting
    }

    /// Says whether it touches links or what networkd knows.
    #[must_use]
    pub fn touches_network(&self) -> bool {
        self.steps.iter().any(|it| it.action.is_of_network())
    }

    /// Iterates over the links that its steps delete or take from their master; a bond that goes sets its ports down.
    pub fn released_links(&self) -> impl Iterator<Item = &InterfaceName> {
        let deleted = self.steps.iter().filter_map(|it| match &it.action {
            Action::DeleteLink(name) => Some(name),
            _ => None,
        });
        let ports = self.steps.iter().flat_map(|it| &it.undo).filter_map(|it| match it {
            Action::AddPort(_, port) => Some(&port.link),
            _ => None,
        });
        deleted.chain(ports)
    }

    /// Says whether it may be applied.
    #[must_use]
    pub fn may_be_applied(&self) -> bool {
        self.blocked.is_empty() && self.problems.is_empty()
    }
}

/// Compares what was applied, what shall be, and what is. Only what is in `before` or bears our mark is removed.
#[must_use]
pub fn plan(
    before: &Artifacts,
    after: &Artifacts,
    observed: &Observed,
    reach: Reach,
    terms: impl Into<Terms>,
) -> Plan {
    let terms = terms.into();
    let mut draft = Draft::new(before, after, observed, &terms);
    if reach == Reach::Directory {
        directory::plan(&mut draft);
        return draft.finish(reach);
    }
    take_up(&mut draft);
    // What waits for the boot may have others wait with it, and those others again.
    while let Some(held) = link::torn(&draft) {
        draft = Draft::new(before, after, observed, &terms).holding(held);
        take_up(&mut draft);
    }
    draft.finish(reach)
}

fn take_up(draft: &mut Draft<'_>) {
    unit::removals(draft);
    unit::load(draft);
    sysctl::additions(draft);
    link::additions(draft);
    network::additions(draft);
    bridge::restorations(draft);
    domain::additions(draft);
    container::additions(draft);
    unit::additions(draft);
    container::removals(draft);
    domain::removals(draft);
    network::removals(draft);
    link::removals(draft);
    sysctl::removals(draft);
    bridge::removals(draft);
    takeover::refuse_changes(draft);
}
