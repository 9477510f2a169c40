//! What follows when all links are there: what belongs to IP, and what networkd is told.

use std::collections::{BTreeMap, BTreeSet};

use super::creation::parts;
use super::difference::{Difference, differences};
use super::places;
use super::release::Release;
use super::standing;
use crate::artifact::{Artifacts, File, Link, Origin, RouteType, network_place};
use crate::observed::ObservedLink;
use crate::plan::draft::{Draft, Refusal};
use crate::plan::{Action, Effect};
use crate::value::{InterfaceAddress, InterfaceName};

/// What follows when all links are there and ports have their masters.
#[derive(Default)]
pub(super) struct Rest {
    /// What brings links back to what they have now, behind changes of masters that took it: the first of all, for what
    /// follows changes that.
    pub(super) standing: Vec<(Origin, Action)>,
    pub(super) kernel: Vec<(Origin, Action, Vec<Action>)>,
    /// MTUs that shrink: a parent's when those of its children have.
    pub(super) lower: Vec<(Origin, Action, Vec<Action>)>,
    pub(super) files: Vec<(Origin, Link)>,
    /// Ports of which networkd is told that they left their master.
    pub(super) released: Vec<Release>,
    /// Removals of what networkd may have forgotten that it gave; on the way back its former file has it give that again.
    pub(super) forgotten: Vec<(Origin, Action)>,
    /// Addresses of IPv4 that no link of the host has yet: for those of IPv6 the kernel itself asks.
    pub(super) new_addresses: Vec<(InterfaceName, InterfaceAddress)>,
    /// What the reload disturbs; it was agreed to.
    pub(super) effects: Vec<Effect>,
    /// Links that this apply does not make: what is built on them waits for the boot, too.
    pub(super) absent: BTreeSet<InterfaceName>,
    /// Links whose MTU grows no sooner than at the boot, and why: nothing on them can be larger than they are.
    pub(super) narrow: BTreeMap<InterfaceName, Refusal>,
    /// Masters whose ports change no sooner than at the boot, and why.
    pub(super) waiting_for_ports: BTreeMap<InterfaceName, Refusal>,
}

impl Rest {
    /// Adds the steps.
    pub(super) fn finish(self, draft: &mut Draft<'_>) {
        standing::finish(self.standing, draft);
        if !self.new_addresses.is_empty() {
            let origin = Origin::new("host", &draft.after.host);
            draft.step(&origin, Action::ProbeAddresses(self.new_addresses), Vec::new(), &[]);
        }
        let lower = self.lower.into_iter().rev();
        for (origin, action, undo) in lower.chain(places::in_order(draft, self.kernel)).collect::<Vec<_>>() {
            draft.step(&origin, action, undo, &[]);
        }
        if self.files.is_empty() && self.released.is_empty() {
            return;
        }
        write_files(draft, &self.files, &self.released);
        let origin = Origin::new("host", &draft.after.host);
        draft.step(&origin, Action::NetworkdReload, Vec::new(), &self.effects);
        self.released.into_iter().for_each(|it| it.finish(draft));
        for (origin, link) in self.files {
            draft.step(&origin, Action::AwaitLink(link), Vec::new(), &[]);
        }
        for (origin, action) in self.forgotten {
            draft.step(&origin, action, Vec::new(), &[]);
        }
    }
}

/// Changes what networkd is told. An undo in reverse takes the first file back last: one reload then does for all.
fn write_files(draft: &mut Draft<'_>, files: &[(Origin, Link)], released: &[Release]) {
    let mut last: Vec<_> = std::iter::once(Action::NetworkdReload)
        .chain(files.iter().flat_map(|(_, link)| let_go(draft, link)))
        .collect();
    for it in released {
        it.forget(draft, std::mem::take(&mut last));
    }
    for (origin, link) in files {
        write(draft, origin, link, std::mem::take(&mut last));
    }
}

/// Notes the addresses that a link gets and that no link of the host has.
pub(super) fn note_new(draft: &Draft<'_>, link: &Link, rest: &mut Rest) {
    let has = |it: &ObservedLink, ip| it.addresses.iter().any(|it| it.address.ip() == ip);
    let new =
        link.addresses.iter().map(|it| it.address).filter(|it| {
            it.ip().is_ipv4() && !draft.observed.links.values().any(|other| has(other, it.ip()))
        });
    rest.new_addresses.extend(new.map(|it| (link.name.clone(), it)));
}

/// Writes the link's `.network`; `.netdev` and the drop-ins of parent and ports follow at boot: networkd 257
/// would fail the parent of a link that is already there.
fn write(draft: &mut Draft<'_>, origin: &Origin, link: &Link, after_undo: Vec<Action>) {
    let place = network_place(&link.name);
    let Some(content) = draft.after.content(&place) else {
        return;
    };
    let file = File { place, content: content.clone() };
    draft.write(origin, file, after_undo);
}

/// Returns what takes from a link what networkd gave it, behind the reload that has networkd itself take it: of a link that it
/// had before that may not be all, and of one that goes as a whole something outlives it.
fn let_go(draft: &Draft<'_>, link: &Link) -> Vec<Action> {
    let Some(present) = draft.observed.link(&link.name) else {
        let all = parts(link).into_iter().map(|it| it.1).filter(outlives);
        return all.filter(|it| !is_given(draft.before, it)).collect();
    };
    let found = differences(draft, link, present);
    let goes = found.iter().any(Difference::is_identity);
    if goes || draft.observed.networkd_has_loaded(&link.name) {
        let former = draft.before.link(&link.name);
        let has = |it: &Action| matches!(it, Action::RemoveRoute(_, route) if former.is_some_and(|it| it.routes.contains(route)));
        let taking = found.iter().filter_map(|it| it.taking_new(&link.name));
        return taking.filter(|it| !is_given(draft.before, it) && !has(it)).collect();
    }
    let found = found.into_iter().rev().filter(|it| !it.is_of_port());
    found.filter_map(|it| it.remedy(draft, &link.name)).flat_map(|(_, undo)| undo).collect()
}

/// Says whether a spec gives to some link what a removal takes from all.
pub(super) fn is_given(spec: &Artifacts, removal: &Action) -> bool {
    match removal {
        Action::RemoveRule(rule) => spec.links().any(|it| it.rules.contains(rule)),
        Action::RemoveRoute(_, route) if outlives(removal) => {
            spec.links().any(|it| it.routes.contains(route))
        }
        _ => false,
    }
}

/// Says whether what a step removes would stay in the kernel when the link goes.
pub(super) fn outlives(removal: &Action) -> bool {
    match removal {
        Action::RemoveRule(_) => true,
        Action::RemoveRoute(_, route) => route.kind != RouteType::Unicast,
        _ => false,
    }
}
