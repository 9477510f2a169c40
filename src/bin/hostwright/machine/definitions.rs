//! Definitions and guests of libvirt, as actions change them.

use hostwright::plan::Action;

use super::libvirt::{self, LIMIT, Libvirt, Patience};
use crate::failure::{During, Failure};

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
