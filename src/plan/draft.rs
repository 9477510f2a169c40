//! A plan in the making.

use std::collections::{BTreeMap, BTreeSet};

use super::routing::Routing;
use super::waiting::Waiting;
use super::{Action, Change, Deferral, Effect, Obstacle, Plan, Reach, Sign, Step, Terms};
use crate::artifact::{Artifact, Artifacts, Entry, File, Id, Origin, Place};
use crate::observed::Observed;
use crate::value::{Harm, InterfaceName};

/// What a plan is made from, and what there is of it.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) before: &'a Artifacts,
    pub(super) after: &'a Artifacts,
    pub(super) observed: &'a Observed,
    /// Where flows go when what is planned so far is done.
    pub(super) routing: Routing,
    deferral: Deferral,
    allowed: BTreeSet<Harm>,
    /// Entries of the new artifacts, those that others need first.
    coming: Vec<&'a Entry>,
    /// Entries that are no longer there, those that need others first.
    leaving: Vec<&'a Entry>,
    /// What of links waits for the boot.
    pub(super) waiting: Waiting,
    plan: Plan,
}

/// Why a change has no way that may be taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The reason; finishes "it waits for the boot: …".
    pub(super) why: String,
    /// What would make a way harmless; absent: nothing is known.
    pub(super) remedy: Option<String>,
    /// What a way would disturb; empty: there is none at all.
    pub(super) harms: BTreeSet<Harm>,
}

impl Refusal {
    /// Makes one for a way that would disturb what was not agreed to.
    pub(super) fn of(why: String, effects: &[Effect]) -> Self {
        Self { why, remedy: None, harms: effects.iter().map(Effect::harm).collect() }
    }

    /// Says what to do.
    fn hint(&self) -> String {
        let mut hint = "accept it for the next boot with `--at-boot`".to_owned();
        if !self.harms.is_empty() {
            let words: Vec<_> = self.harms.iter().map(|it| format!("`--allow {it}`")).collect();
            hint.push_str(&format!(", or what it disturbs with {}", words.join(" ")));
        }
        match &self.remedy {
            Some(remedy) => format!("{hint}; {remedy}"),
            None => hint,
        }
    }
}

impl From<String> for Refusal {
    fn from(why: String) -> Self {
        Self { why, ..Self::default() }
    }
}

impl From<&str> for Refusal {
    fn from(why: &str) -> Self {
        why.to_owned().into()
    }
}

impl<'a> Draft<'a> {
    pub(super) fn new(
        before: &'a Artifacts,
        after: &'a Artifacts,
        observed: &'a Observed,
        terms: &Terms,
    ) -> Self {
        let plan = Plan {
            host: after.host.clone(),
            reach: Reach::Machine,
            changes: Vec::new(),
            steps: Vec::new(),
            pending: Vec::new(),
            blocked: Vec::new(),
            problems: Vec::new(),
            notes: Vec::new(),
            hints: Vec::new(),
        };
        let allowed = after.safety.allow.union(&terms.allow).copied().collect();
        let mut leaving = in_order(before);
        leaving.retain(|entry| after.get(&entry.artifact.id()).is_none());
        leaving.reverse();
        let coming = in_order(after);
        let routing = Routing::new(observed);
        Self {
            before,
            after,
            observed,
            routing,
            deferral: terms.deferral,
            allowed,
            coming,
            leaving,
            waiting: Waiting::default(),
            plan,
        }
    }

    /// Has links wait for the boot with others: each with the reason.
    pub(super) fn holding(mut self, held: BTreeMap<InterfaceName, String>) -> Self {
        self.waiting.held = held;
        self
    }

    /// Says why a link waits for the boot with another one.
    pub(super) fn held(&self, link: &InterfaceName) -> Option<Refusal> {
        self.waiting.held.get(link).map(|it| it.clone().into())
    }

    /// Says whether what has no harmless way is accepted for the boot.
    pub(super) fn defers(&self) -> bool {
        self.deferral == Deferral::AtBoot
    }

    /// Returns the entries of the new artifacts whose chain of needs is shorter first.
    pub(super) fn additions(&self) -> Vec<&'a Entry> {
        self.coming.clone()
    }

    /// Returns the entries that are no longer there, those that need others first.
    pub(super) fn removals(&self) -> Vec<&'a Entry> {
        self.leaving.clone()
    }

    /// Says whether an artifact is what was applied before.
    pub(super) fn was_accepted(&self, artifact: &Artifact) -> bool {
        self.before.get(&artifact.id()).is_some_and(|it| it.artifact == *artifact)
    }

    /// Says whether neither spec has a link.
    pub(super) fn is_of_others(&self, link: &str) -> bool {
        [self.before, self.after].iter().all(|spec| !spec.links().any(|it| it.name.as_str() == link))
    }

    /// Says whether everything that is disturbed may be.
    pub(super) fn allows(&self, effects: &[Effect]) -> bool {
        effects.iter().all(|it| self.allowed.contains(&it.harm()))
    }

    /// Returns the routing to which one that judges a change returns where that waits for the boot; absent: nothing may wait.
    pub(super) fn routing_before(&self) -> Option<Routing> {
        self.defers().then(|| self.routing.clone())
    }

    /// Returns to a routing: what follows is judged by what will be there.
    pub(super) fn return_to(&mut self, routing: Option<Routing>) {
        if let Some(routing) = routing {
            self.routing = routing;
        }
    }

    /// Says whether any of the steps so far does something.
    pub(super) fn does(&self, is: impl Fn(&Action) -> bool) -> bool {
        self.plan.steps.iter().any(|it| is(&it.action))
    }

    /// Adds a step.
    pub(super) fn step(&mut self, origin: &Origin, action: Action, undo: Vec<Action>, effects: &[Effect]) {
        let step = Step { origin: origin.clone(), action, undo, effects: effects.to_vec() };
        self.plan.steps.push(step);
    }

    /// Writes a file; its inverse ends with actions, where some are given.
    pub(super) fn write(
        &mut self,
        origin: &Origin,
        file: File,
        after_undo: impl IntoIterator<Item = Action>,
    ) {
        let undo = match self.observed.files.get(&file.place) {
            None => Action::RemoveFile(file.place.clone()),
            Some(present) => Action::WriteFile(File { place: file.place.clone(), content: present.clone() }),
        };
        let undo = std::iter::once(undo).chain(after_undo).collect();
        self.step(origin, Action::WriteFile(file), undo, &[]);
    }

    /// Removes a file that is there; its inverse ends with actions, where some are given.
    pub(super) fn remove(
        &mut self,
        origin: &Origin,
        place: &Place,
        after_undo: impl IntoIterator<Item = Action>,
    ) {
        let Some(content) = self.observed.files.get(place).cloned() else { return };
        let undo = Action::WriteFile(File { place: place.clone(), content });
        let undo = std::iter::once(undo).chain(after_undo).collect();
        self.step(origin, Action::RemoveFile(place.clone()), undo, &[]);
    }

    /// Adds a line; what is already said of the table in the same sense and for the same time takes it in.
    pub(super) fn change(&mut self, change: Change) {
        let of = |it: &Change| (it.origin.clone(), it.sign, it.when.clone());
        let place = of(&change);
        let same = |it: &&mut Change| of(it) == place;
        let Some(line) = self.plan.changes.iter_mut().find(same) else {
            return self.plan.changes.push(change);
        };
        if line.what.is_empty() {
            line.what = change.what;
        } else if !change.what.is_empty() && line.what != change.what {
            line.what = format!("{}, {}", line.what, change.what);
        }
        if line.way != change.way {
            line.way = format!("{}, {}", line.way, change.way);
        }
        let new: Vec<_> = change.effects.into_iter().filter(|it| !line.effects.contains(it)).collect();
        line.effects.extend(new);
    }

    /// Adds something that the machine does not allow.
    pub(super) fn problem(&mut self, origin: &Origin, message: String, hint: &str) {
        let hint = (!hint.is_empty()).then(|| hint.to_owned());
        self.plan.problems.push(Obstacle { origin: origin.clone(), message, hint });
    }

    /// Says whether nothing may change but whose files configure the links.
    pub(super) fn takes_over(&self) -> bool {
        self.deferral == Deferral::TakeOver
    }

    /// Says whether something is said of a table of the spec.
    pub(super) fn changes(&self, origin: &Origin) -> bool {
        self.plan.changes.iter().any(|it| it.origin == *origin)
    }

    /// Takes the lines out that a test does not hold for.
    pub(super) fn remove_changes(&mut self, stays: impl Fn(&Change) -> bool) -> Vec<Change> {
        let (stay, go) = std::mem::take(&mut self.plan.changes).into_iter().partition(stays);
        self.plan.changes = stay;
        go
    }

    /// Adds something that was accepted and is not active yet.
    pub(super) fn pending(&mut self, origin: &Origin, message: String) {
        self.plan.pending.push(Obstacle { origin: origin.clone(), message, hint: None });
    }

    /// Takes up a change that no harmless way leads to.
    pub(super) fn deferred(&mut self, sign: Sign, origin: &Origin, what: String, refusal: &Refusal) {
        match self.deferral {
            Deferral::Stop | Deferral::TakeOver => {
                let message = format!("{what}: {}", refusal.why);
                let hint = (self.deferral == Deferral::Stop).then(|| refusal.hint());
                self.plan.blocked.push(Obstacle { origin: origin.clone(), message, hint });
            }
            Deferral::AtBoot => self.change(Change {
                when: Some("takes effect at the next boot".to_owned()),
                ..Change::new(sign, origin, what, "networkd's files")
            }),
        }
    }

    /// Adds a sentence that a reader should know, once.
    pub(super) fn note(&mut self, note: String) {
        if !self.plan.notes.contains(&note) {
            self.plan.notes.push(note);
        }
    }

    /// Adds what would make it better, once.
    pub(super) fn hint(&mut self, hint: String) {
        if !self.plan.hints.contains(&hint) {
            self.plan.hints.push(hint);
        }
    }

    pub(super) fn finish(mut self, reach: Reach) -> Plan {
        self.plan.reach = reach;
        if self.plan.changes.is_empty() {
            self.plan.steps.clear();
        }
        self.plan.changes.sort_by(|a, b| (a.sign, &a.origin).cmp(&(b.sign, &b.origin)));
        self.plan
    }
}

fn in_order(artifacts: &Artifacts) -> Vec<&Entry> {
    let mut entries: Vec<_> = artifacts.iter().collect();
    let depth = |entry: &Entry| -> (usize, Id) {
        let id = entry.artifact.id();
        (artifacts.depth(&id), id)
    };
    entries.sort_by_cached_key(|entry| depth(entry));
    entries
}
