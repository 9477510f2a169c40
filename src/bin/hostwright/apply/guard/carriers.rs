//! Carriers, each of which may be gone for a moment.

use std::collections::BTreeMap;

use super::Baseline;

/// How a carrier stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// A cable or a peer is there.
    There,
    /// The link has none.
    Gone,
    /// It comes and goes with what others put on the link, or do at its other end; the link is set up.
    OfOthers,
    /// So would it, but the link is not set up.
    Down,
    /// The link goes down and up with a guest, which is watched itself.
    OfGuest,
}

impl Baseline {
    /// Says whether a later picture lacks a carrier.
    pub(crate) fn lacks_carriers_in(&self, later: &Self) -> bool {
        !self.carriers_lost_in(later).is_empty()
    }

    /// Puts what another look shows of carriers that a later picture lacks in their place. Of the others it would be the first
    /// look that lacks them.
    pub(crate) fn see_carriers_again(&self, later: &mut Self, now: &BTreeMap<String, Carrier>) {
        for name in self.carriers_lost_in(later).keys() {
            match now.get(name) {
                Some(carrier) => later.carriers.insert(name.clone(), *carrier),
                None => later.carriers.remove(name),
            };
        }
    }

    /// Says of each link what it lost, in words.
    pub(super) fn carriers_lost_in(&self, later: &Self) -> BTreeMap<String, String> {
        let what = |name: &String, before: &Carrier| match (before, later.carriers.get(name)?) {
            (Carrier::There, Carrier::Gone) => Some(format!("carrier of {name}")),
            (Carrier::OfOthers, Carrier::Down) => Some(format!("{name} is down")),
            _ => None,
        };
        let lost = self.carriers.iter().filter_map(|(name, it)| Some((name.clone(), what(name, it)?)));
        lost.collect()
    }
}
