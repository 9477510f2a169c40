//! How guests ended.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use virt::domain::{Domain, DomainShutoffReason, DomainState, DomainStateReason};
use virt::enumutil::Enum;
use virt::error::Error;

use super::{Failure, Libvirt};

/// Looks at a guest whose processes are gone and of which libvirt does not know it yet, and the time between two.
const LOOKS: u32 = 30;
const PAUSE: Duration = Duration::from_millis(100);

impl Libvirt {
    /// Returns those of some guests that are gone, by the names of their machines, that were shut down, saved or moved away.
    ///
    /// # Errors
    /// libvirt does not answer.
    pub(crate) fn ended(
        &self,
        gone: &BTreeSet<String>,
        machine: fn(&str) -> String,
    ) -> Result<BTreeSet<String>, Failure> {
        let failed = || Failure::of("cannot ask for the ends of", "domains");
        let mut ends: BTreeMap<String, bool> = BTreeMap::new();
        for domain in self.connect()?.list_all_domains(0).map_err(failed())? {
            let name = machine(&domain.name().map_err(failed())?);
            if gone.contains(&name) {
                let is_orderly = is_orderly(&domain).map_err(failed())?;
                // Two may have one name for their machines.
                ends.entry(name).and_modify(|it| *it &= is_orderly).or_insert(is_orderly);
            }
        }
        Ok(ends.into_iter().filter(|it| it.1).map(|it| it.0).collect())
    }
}

/// Says whether a guest does not run any more because it or its owner wanted that.
fn is_orderly(domain: &Domain) -> Result<bool, Error> {
    for _ in 0..LOOKS {
        let (state, reason) = domain.state()?;
        if state.is_known_and(|it| it == DomainState::Shutoff) {
            return Ok(matches!(reason, Enum::Known(it) if is_wanted(it)));
        }
        std::thread::sleep(PAUSE);
    }
    Ok(false)
}

fn is_wanted(reason: DomainStateReason) -> bool {
    use DomainShutoffReason::{Migrated, Saved, Shutdown};
    let DomainStateReason::Shutoff(reason) = reason else { return false };
    reason.is_known_and(|it| matches!(it, Shutdown | Saved | Migrated))
}

#[cfg(test)]
mod tests {
    use virt::domain::DomainShutoffReasonEnum;
    use virt::sys;

    use super::*;

    #[test]
    fn a_guest_that_was_destroyed_did_not_end_in_order() {
        let wanted = |it| is_wanted(DomainStateReason::Shutoff(DomainShutoffReasonEnum::from_raw(it)));
        for reason in [
            sys::VIR_DOMAIN_SHUTOFF_SHUTDOWN,
            sys::VIR_DOMAIN_SHUTOFF_SAVED,
            sys::VIR_DOMAIN_SHUTOFF_MIGRATED,
        ] {
            assert!(wanted(reason), "{reason}");
        }
        for reason in [
            sys::VIR_DOMAIN_SHUTOFF_UNKNOWN,
            sys::VIR_DOMAIN_SHUTOFF_DESTROYED,
            sys::VIR_DOMAIN_SHUTOFF_CRASHED,
            sys::VIR_DOMAIN_SHUTOFF_FAILED,
            sys::VIR_DOMAIN_SHUTOFF_DAEMON,
        ] {
            assert!(!wanted(reason), "{reason}");
        }
    }

    #[test]
    fn a_guest_that_runs_or_is_unknown_has_not_ended() {
        let libvirt = Libvirt::at("test:///default");
        let gone = ["test", "gone"].map(str::to_owned).into();
        assert_eq!(libvirt.ended(&gone, str::to_owned), Ok(BTreeSet::new()));
    }
}
