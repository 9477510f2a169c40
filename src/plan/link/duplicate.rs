//! Addresses that links were given and do not use, for another station has them.

use crate::artifact::{Artifact, Artifacts, Origin};
use crate::observed::{AddressState, Observed, ObservedAddress};
use crate::plan::draft::Draft;

/// Names the addresses of a spec that another station has, with their tables: they are there, and nothing goes by them.
#[must_use]
pub fn duplicates(spec: &Artifacts, observed: &Observed) -> Vec<(Origin, String)> {
    let mut found = Vec::new();
    for entry in spec.iter() {
        let Artifact::Link(link) = &entry.artifact else { continue };
        let present = observed.link(&link.name).into_iter().flat_map(|it| &it.addresses);
        let is_wanted = |it: &&ObservedAddress| link.addresses.iter().any(|own| own.address == it.address);
        let failed = present.filter(|it| it.state == AddressState::Duplicate).filter(is_wanted);
        found.extend(failed.map(|it| {
            let ip = it.address.ip();
            (
                entry.origin.clone(),
                format!("another host on the link has {ip}, and the kernel does not use it here"),
            )
        }));
    }
    found
}

/// Says what no plan can mend: the kernel asks again when the address is removed and added, or at a boot.
pub(super) fn note(draft: &mut Draft<'_>) {
    let found = duplicates(draft.after, draft.observed);
    if !found.is_empty() {
        draft.hint("take the address from the other host; a boot has the kernel ask again".to_owned());
    }
    found.into_iter().for_each(|(origin, message)| draft.pending(&origin, message));
}
