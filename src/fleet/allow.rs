//! Warnings between hosts that the spec of one of them allows.

use std::collections::BTreeSet;

use super::facts::Facts;
use crate::artifact::Origin;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::lower::allow::{allowing, code, unused};
use crate::source::{Located, Span};

/// A warning, and who may be allowed to cause it.
#[derive(Debug)]
pub(super) struct Finding<'a> {
    pub(super) diagnostic: Diagnostic,
    pub(super) causes: Vec<Cause<'a>>,
}

/// A host, and those of its tables that it is about.
#[derive(Debug)]
pub(super) struct Cause<'a> {
    pub(super) host: &'a Facts,
    pub(super) tables: Vec<Origin>,
}

impl<'a> Cause<'a> {
    /// Makes a cause of one table.
    pub(super) fn of(host: &'a Facts, place: &Located<Origin>) -> Self {
        Self { host, tables: vec![place.value.clone()] }
    }
}

/// Reports what no host allows, each place once; and what is allowed and not done, where nothing else hides it.
pub(super) fn keep(findings: Vec<Finding<'_>>, hosts: &[Facts], diagnostics: &mut Diagnostics) {
    let (mut used, mut said) = (BTreeSet::new(), BTreeSet::new());
    for Finding { diagnostic, causes } in findings {
        let by = causes.iter().filter_map(|it| allowing(&it.host.allowed, diagnostic.code, &it.tables));
        let by: Vec<_> = by.flatten().collect();
        let places: Vec<_> = diagnostic.labels.iter().map(|it| it.span).collect();
        if by.is_empty() && said.insert((diagnostic.code, places)) {
            diagnostics.push(diagnostic);
        }
        used.extend(by);
    }
    if !diagnostics.has_errors() {
        hosts.iter().flat_map(|it| needless(it, &used)).for_each(|it| diagnostics.push(it));
    }
}

fn needless(host: &Facts, used: &BTreeSet<Span>) -> Vec<Diagnostic> {
    if allowing(&host.allowed, Code::UnusedAllow, &[]).is_some() {
        return Vec::new();
    }
    let of_a_fleet = host.allowed.iter().filter(|it| code(it).is_some_and(Code::is_of_a_fleet));
    of_a_fleet.flat_map(|it| unused(it, used)).collect()
}
