//! What networkd gives links as soon as they have a carrier.

use std::collections::BTreeSet;

use super::difference::{Difference, differences};
use crate::artifact::{Artifact, Artifacts, Origin};
use crate::observed::Observed;
use crate::plan::Terms;
use crate::plan::draft::Draft;

/// Names the tables whose links have no carrier and lack nothing but what networkd waits for one with: a switch that the same power
/// cut took comes back after the host.
#[must_use]
pub fn without_carrier(spec: &Artifacts, observed: &Observed) -> BTreeSet<Origin> {
    let draft = Draft::new(spec, spec, observed, &Terms::default());
    let waits = |artifact: &Artifact| {
        let Artifact::Link(link) = artifact else { return false };
        let present = observed.link(&link.name).filter(|it| !it.carrier);
        present.is_some_and(|it| differences(&draft, link, it).iter().all(Difference::comes_with_carrier))
    };
    spec.iter().filter(|it| waits(&it.artifact)).map(|it| it.origin.clone()).collect()
}
