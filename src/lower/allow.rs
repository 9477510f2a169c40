//! Warnings that the spec allows, with the reasons that it gives.

use std::collections::BTreeSet;

use super::check::Finding;
use crate::artifact::Origin;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, nearest};
use crate::source::{Located, Span};
use crate::spec::Named;
use crate::spec::lints::AllowSpec;
use crate::value::Text;

/// Refuses entries that can allow nothing: of no lint, for no table.
pub(super) fn check(allowed: &[Named<AllowSpec>], tables: &[Origin], diagnostics: &mut Diagnostics) {
    let tables: BTreeSet<_> = tables.iter().map(ToString::to_string).collect();
    for entry in allowed {
        check_code(&entry.name.value.to_string(), entry.name.span, diagnostics);
        for table in entry.body.on.iter().filter(|it| !tables.contains(it.value.as_str())) {
            let message = format!("no `[{}]` in this spec", table.value.as_str().escape_debug());
            let guess = nearest(table.value.as_str(), tables.iter().map(String::as_str));
            let diagnostic = Diagnostic::error(Code::UnknownReference, table.span, message);
            diagnostics.push(diagnostic.did_you_mean(guess));
        }
    }
}

fn check_code(name: &str, span: Span, diagnostics: &mut Diagnostics) {
    let message = match Code::parse(name) {
        Some(code) if code.is_lint() => return,
        Some(_) => format!("`{name}` is an error, only warnings can be allowed"),
        None => format!("no warning has the code `{name}`"),
    };
    let guess = nearest(name, Code::LINTS.iter().chain(Code::FLEET_LINTS).map(|it| it.name()));
    diagnostics.push(Diagnostic::error(Code::UnknownLint, span, message).did_you_mean(guess));
}

/// Reports what is not allowed, and entries that allow nothing. Those for a fleet are left to those who see it.
pub(super) fn keep(findings: Vec<Finding>, allowed: &[Named<AllowSpec>], diagnostics: &mut Diagnostics) {
    let mut used = BTreeSet::new();
    let mut push = |finding: Finding, used: &mut BTreeSet<Span>| match allowing(
        allowed,
        finding.diagnostic.code,
        &finding.tables,
    ) {
        Some(by) => used.extend(by),
        None => diagnostics.push(finding.diagnostic),
    };
    findings.into_iter().for_each(|it| push(it, &mut used));
    let (of_a_fleet, here): (Vec<_>, Vec<_>) =
        allowed.iter().partition(|it| code(it).is_some_and(Code::is_of_a_fleet));
    let (own, others): (Vec<_>, Vec<_>) =
        here.into_iter().partition(|it| code(it) == Some(Code::UnusedAllow));
    for diagnostic in others.into_iter().flat_map(|it| unused(it, &used)).collect::<Vec<_>>() {
        push(Finding { diagnostic, tables: Vec::new() }, &mut used);
    }
    // Its own finding it cannot allow: then it would never be found.
    let own = own.into_iter().filter(|_| of_a_fleet.is_empty());
    own.flat_map(|it| unused(it, &used)).for_each(|it| diagnostics.push(it));
}

/// Returns the code that an entry is about.
pub(crate) fn code(entry: &Named<AllowSpec>) -> Option<Code> {
    Code::parse(entry.name.value.as_str())
}

/// Returns the places of the words that allow a finding about tables; absent: nothing does.
pub(crate) fn allowing(allowed: &[Named<AllowSpec>], found: Code, tables: &[Origin]) -> Option<Vec<Span>> {
    let entry = allowed.iter().find(|it| code(it) == Some(found))?;
    let meant = |it: &&Located<Text>| tables.iter().any(|of| of.to_string() == it.value.as_str());
    let tables: Vec<_> = entry.body.on.iter().filter(meant).map(|it| it.span).collect();
    let whole = entry.body.on.is_empty().then_some(entry.name.span);
    (whole.is_some() || !tables.is_empty()).then(|| tables.into_iter().chain(whole).collect())
}

/// Makes a warning of each part of an entry that allowed nothing.
pub(crate) fn unused(entry: &Named<AllowSpec>, used: &BTreeSet<Span>) -> Vec<Diagnostic> {
    let name = &entry.name;
    let whole = entry.body.on.is_empty().then(|| (name.span, "nothing in this spec needs that".to_owned()));
    let tables = entry.body.on.iter().map(|it| (it.span, format!("`[{}]` does not need that", it.value)));
    let unused = tables.chain(whole).filter(|(span, _)| !used.contains(span));
    let finding = unused.map(|(span, why)| {
        let message = format!("`{}` is allowed, but {why}", name.value);
        Diagnostic::warning(Code::UnusedAllow, span, message).hint("take it out")
    });
    finding.collect()
}
