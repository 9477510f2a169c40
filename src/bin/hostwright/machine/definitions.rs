//! Definitions and guests of libvirt, as actions change them, and how guests ended.

use std::collections::BTreeSet;
use std::time::Duration;

use hostwright::plan::Action;

use super::cgroup::machine_name;
use super::libvirt::{self, LIMIT, Libvirt, Patience};
use crate::apply::guard::Running;
use crate::failure::{During, Failure};

/// Longest wait for word of how guests ended.
const ANSWER: Duration = Duration::from_secs(5);

/// Returns those of some guests that are gone which were shut down, saved or moved away, by whoever it may be: none of them has
/// a step. Of those that somebody destroyed, that crashed, or that libvirt no longer knows or tells of in time, there is none.
pub(super) fn ended(
    patience: &Patience,
    gone: &[Running],
    with_steps: &BTreeSet<String>,
) -> BTreeSet<Running> {
    let with_steps: BTreeSet<_> = with_steps.iter().map(|it| machine_name(it)).collect();
    let machine = |it: &Running| it.what.split_once(' ').map(|it| it.1.to_owned());
    let asked: BTreeSet<_> = gone.iter().filter_map(machine).filter(|it| !with_steps.contains(it)).collect();
    if asked.is_empty() {
        return BTreeSet::new();
    }
    let ended = patience.ask(ANSWER, move |it| it.ended(&asked, machine_name)).unwrap_or_default();
    gone.iter().filter(|it| machine(it).is_some_and(|it| ended.contains(&it))).cloned().collect()
}

/// Does one thing of libvirt's.
///
/// # Errors
/// libvirt's, or it hangs.
pub(super) fn run(patience: &Patience, action: &Action) -> Result<(), Failure> {
    let own = action.clone();
    patience.act(LIMIT, move |it| change(it, &own)).during(|| action.to_string())
}

fn change(libvirt: &Libvirt, action: &Action) -> Result<(), libvirt::Failure> {
    match action {
        Action::DefineNetwork(network) => libvirt.define_network(network),
        Action::MarkNetwork(network) => libvirt.mark_network(network),
        Action::MarkDomain(domain) => libvirt.mark_domain(domain),
        Action::StartNetwork(name) => libvirt.start_network(name),
        Action::StopNetwork(name) => libvirt.stop_network(name),
        Action::UndefineNetwork(name) => libvirt.undefine_network(name),
        Action::DefineDomain(domain) => libvirt.define_domain(domain),
        Action::UndefineDomain(name) => libvirt.undefine_domain(name),
        Action::DestroyDomain(name) => libvirt.destroy_domain(name),
        _ => Ok(()),
    }
}
