//! What becomes of a mutant.

use std::collections::BTreeSet;

use hostwright::artifact::Artifacts;
use hostwright::diagnostic::{Diagnostics, Severity};
use hostwright::observed::Observed;
use hostwright::plan::{Deferral, Reach, plan};
use hostwright::spec::Sources;

use super::common::target;
use super::make::Mutant;

/// What became of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// An error at the mistake.
    Reported,
    /// No error; a plan shows what is other.
    Planned,
    /// No error, and the plan is empty; what is built is other.
    Built,
    /// No error, and nothing is other.
    Unchanged,
    /// An error in the table of the mistake, at what does not fit to it.
    Related,
    /// An error elsewhere alone.
    Elsewhere,
}

/// Compiles a mutant and judges what is said of it; `whole` is what the spec without mistake makes.
pub(crate) fn judge(mutant: &Mutant, whole: &Artifacts) -> (Verdict, String) {
    let sources = Sources::single("host.toml", &mutant.text);
    let (artifacts, diagnostics) = hostwright::compile(&sources, &target(252));
    let said = diagnostics.iter().next().map_or_else(String::new, |it| format!("\n    {it}"));
    let verdict = match artifacts {
        None if is_at(&mutant.lines, mutant, &sources, &diagnostics) => Verdict::Reported,
        None if is_at(&mutant.table, mutant, &sources, &diagnostics) => Verdict::Related,
        None => Verdict::Elsewhere,
        Some(other) if other == *whole => Verdict::Unchanged,
        Some(other) => {
            let observed =
                Observed::as_applied(whole, &other, hostwright::compiled_for(&sources, &target(252)));
            let plan = plan(whole, &other, &observed, Reach::Machine, Deferral::Stop);
            if plan.is_empty() { Verdict::Built } else { Verdict::Planned }
        }
    };
    (verdict, said)
}

/// Says whether an error speaks of one of some lines, or of a name that is gone with the mistake.
fn is_at(lines: &BTreeSet<usize>, mutant: &Mutant, sources: &Sources, diagnostics: &Diagnostics) -> bool {
    let source = &sources.files[0];
    diagnostics.iter().filter(|it| it.severity == Severity::Error).flat_map(|it| &it.labels).any(|label| {
        let span = label.span;
        let [first, last] = [span.start, span.end].map(|it| source.line_column(it).0);
        let names = |lost: &String| source.text[span.start..span.end].contains(lost.as_str());
        (first..=last).any(|it| lines.contains(&it)) || mutant.lost.as_ref().is_some_and(names)
    })
}
