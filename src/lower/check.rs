//! What can only be seen of a whole host: rules and lints, each a function over what the tables declare.

mod addresses;
mod cards;
mod disks;
mod duplicates;
mod guests;
mod migration;
mod mounts;
mod needs;
mod portals;
mod routes;
mod safety;
mod stacking;

use super::{Declared, Scrutiny};
use crate::artifact::Origin;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::spec::safety::SafetyTable;

/// What lints look at: a host without errors.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) declared: &'a Declared,
    /// Major version of systemd that is compiled for.
    pub(super) systemd: u32,
    pub(super) safety: Option<&'a SafetyTable>,
}

/// A warning, and the tables that may be allowed to cause it.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) diagnostic: Diagnostic,
    pub(super) tables: Vec<Origin>,
}

type Rule = fn(&Declared, &mut Diagnostics);
type Lint = fn(&View<'_>) -> Vec<Finding>;

/// Rules without which nothing could be rendered: they hold for specs that were applied, too.
const SOUND: &[Rule] = &[stacking::cycles];

const RULES: &[Rule] = &[
    duplicates::names,
    disks::written_twice,
    disks::elsewhere,
    stacking::mtus,
    stacking::two_masters,
    stacking::vlan_ids,
    stacking::ports_and_parents,
    stacking::whole_parents,
    addresses::on_ports,
    addresses::twice,
    addresses::too_small_for_ipv6,
    routes::conflicts,
    routes::own_gateways,
    guests::functions,
    mounts::over_the_system,
    needs::cycles,
];

const LINTS: &[Lint] = &[
    addresses::overlaps,
    routes::advertised,
    routes::received,
    cards::raw_macs,
    cards::kernel_names,
    guests::without_host,
    guests::crowds,
    guests::needless_bridges,
    guests::mute_ports,
    guests::mistrusted,
    migration::local_files,
    migration::local_cds,
    migration::passthrough,
    migration::functions_alone,
    portals::single,
    portals::mtus,
    disks::unstable,
    disks::unprovided,
    disks::fstab_options,
    needs::missing,
    safety::unguarded,
];

/// Applies every rule that a spec must keep.
pub(super) fn errors(declared: &Declared, scrutiny: Scrutiny, diagnostics: &mut Diagnostics) {
    let rules = if scrutiny == Scrutiny::Written { RULES } else { &[] };
    SOUND.iter().chain(rules).for_each(|rule| rule(declared, diagnostics));
}

/// Applies every lint.
pub(super) fn lints(view: &View<'_>) -> Vec<Finding> {
    LINTS.iter().flat_map(|lint| lint(view)).collect()
}
