//! Many hosts at once: what must differ between them, and what must be the same. Knows no kinds, but what they declare.

mod address;
mod allow;
mod disk;
mod duplicate;
mod facts;
mod partner;
mod place;
mod vlan;

use facts::Facts;
use place::{Files, SourceMap};

use crate::diagnostic::Diagnostics;
use crate::host::Target;
use crate::source::Source;
use crate::spec::{Sources, syntax};

/// What was found about the hosts of a fleet.
#[derive(Debug)]
pub struct Findings {
    /// Files of all hosts in the order of their names; one that several hosts include is there once.
    pub files: Vec<Source>,
    /// What is wrong with each host and between them, by file.
    pub diagnostics: Diagnostics,
}

/// Says whether a text describes a host, not only tables for those that include it.
#[must_use]
pub fn is_host(source: &Source) -> bool {
    let (document, _) = syntax::parse(&source.text);
    document.contains_key("host")
}

/// Compiles each spec by itself, and compares the hosts.
///
/// One whose name cannot be read is compared with none; of one with errors what is written is compared, and what is
/// derived once it compiles.
#[must_use]
pub fn check(specs: &[Sources], target: &Target) -> Findings {
    let files = Files::of(specs);
    let mut diagnostics = Diagnostics::default();
    let hosts: Vec<_> =
        specs.iter().filter_map(|it| facts(it, &files.map(it), target, &mut diagnostics)).collect();
    duplicate::check(&hosts, &mut diagnostics);
    let mut doubts = address::check(&hosts, &mut diagnostics);
    doubts.extend([vlan::check, disk::check, partner::check].iter().flat_map(|it| it(&hosts)));
    allow::keep(doubts, &hosts, &mut diagnostics);
    Findings { files: files.into_sources(), diagnostics: diagnostics.sorted() }
}

fn facts(
    sources: &Sources,
    map: &SourceMap,
    target: &Target,
    diagnostics: &mut Diagnostics,
) -> Option<Facts> {
    let (artifacts, own) = crate::compile(sources, target);
    own.iter().for_each(|it| diagnostics.push(map.diagnostic(it)));
    if own.is_partial() {
        diagnostics.leave_off();
    }
    let spec = crate::spec::document::parse(sources, &mut Diagnostics::default());
    Facts::of(&spec, &artifacts.unwrap_or_default(), map)
}
