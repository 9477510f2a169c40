//! Suggestions applied to the texts they are about: bytes are replaced, comments and layout stay.

use std::collections::{BTreeMap, BTreeSet};

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics, Suggestion};
use crate::source::{Source, SourceId};
use crate::spec::Sources;

/// Rounds after which it ends: what a change brings to light is mended in the next one.
const ROUNDS: usize = 20;

/// What became of a spec.
#[derive(Debug)]
pub struct Mended {
    /// The texts as they are now.
    pub sources: Sources,
    /// Findings that are gone, with the file as it was when they were mended, in the order of the changes.
    pub gone: Vec<(Source, Diagnostic)>,
    /// Files that stay as they were: a finding would have outlived its change, or the text would not be TOML.
    pub kept: BTreeSet<SourceId>,
}

/// Mends everything that is certain; texts of `untouchable` are not changed.
///
/// `check` compiles, `reload` follows the includes of a changed main file.
pub fn mend(
    sources: Sources,
    untouchable: &BTreeSet<SourceId>,
    check: impl Fn(&Sources) -> Diagnostics,
    reload: impl Fn(&Sources) -> Sources,
) -> Mended {
    let mut mended = Mended { sources, gone: Vec::new(), kept: BTreeSet::new() };
    for _ in 0..ROUNDS {
        let before = check(&mended.sources);
        let left: BTreeSet<_> = untouchable.union(&mended.kept).copied().collect();
        let chosen = choose(&before, &left);
        if chosen.is_empty() {
            break;
        }
        let sources = reload(&changed(&mended.sources, &chosen));
        let failed = failed(&before, &check(&sources), &chosen);
        if failed.is_empty() {
            let source = |it: &Diagnostic| mended.sources.files[it.span().source.0].clone();
            mended.gone.extend(chosen.into_iter().map(|it| (source(it), it.clone())));
            mended.sources = sources;
        } else {
            mended.kept.extend(failed);
        }
    }
    mended
}

/// Chooses findings whose changes touch neither each other nor a text that is left alone.
fn choose<'d>(diagnostics: &'d Diagnostics, left: &BTreeSet<SourceId>) -> Vec<&'d Diagnostic> {
    let mut taken: Vec<&Suggestion> = Vec::new();
    let mut chosen = Vec::new();
    for diagnostic in diagnostics.iter().filter(|it| !it.suggestions.is_empty()) {
        let free = |it: &Suggestion| {
            !left.contains(&it.span.source) && !taken.iter().rev().any(|other| touch(it, other))
        };
        if diagnostic.suggestions.iter().all(free) {
            taken.extend(&diagnostic.suggestions);
            chosen.push(diagnostic);
        }
    }
    chosen
}

/// Says whether two changes are about the same bytes; an insertion is also about those beside it.
const fn touch(one: &Suggestion, other: &Suggestion) -> bool {
    let (a, b) = (one.span, other.span);
    a.source.0 == b.source.0 && a.start <= b.end && b.start <= a.end
}

fn changed(sources: &Sources, chosen: &[&Diagnostic]) -> Sources {
    let mut changes: BTreeMap<SourceId, Vec<&Suggestion>> = BTreeMap::new();
    for suggestion in chosen.iter().flat_map(|it| &it.suggestions) {
        changes.entry(suggestion.span.source).or_default().push(suggestion);
    }
    let mut sources = sources.clone();
    for (id, mut changes) in changes {
        changes.sort_by_key(|it| it.span);
        let source = &mut sources.files[id.0];
        *source = Source::new(&source.name, &replaced(&source.text, &changes));
    }
    sources
}

/// Replaces bytes of a text; the changes are in the order of the text.
fn replaced(text: &str, changes: &[&Suggestion]) -> String {
    let (mut result, mut at) = (String::with_capacity(text.len()), 0);
    for change in changes {
        result.push_str(&text[at..change.span.start]);
        result.push_str(&change.replacement);
        at = change.span.end;
    }
    result + &text[at..]
}

/// Returns the files in which a finding that was mended is still there, or whose text is less of a TOML text.
fn failed(before: &Diagnostics, after: &Diagnostics, chosen: &[&Diagnostic]) -> BTreeSet<SourceId> {
    let like = |all: &Diagnostics, it: &Diagnostic| {
        let same = |other: &&Diagnostic| {
            (other.code, &other.message, other.span().source) == (it.code, &it.message, it.span().source)
        };
        all.iter().filter(same).count()
    };
    let broken = |all: &Diagnostics, source: SourceId| {
        let here = |it: &&Diagnostic| it.span().source == source;
        all.iter().filter(here).filter(|it| matches!(it.code, Code::TomlSyntax | Code::DuplicateKey)).count()
    };
    let files = |it: &&&Diagnostic| {
        let source = it.span().source;
        like(after, it) >= like(before, it) || broken(after, source) > broken(before, source)
    };
    chosen.iter().filter(files).flat_map(|it| &it.suggestions).map(|it| it.span.source).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    const TEXT: &str = "a = 1\n";

    fn finding(text: &str, replacement: &str) -> Diagnostic {
        let span = Span { start: 0, end: 1, ..Span::default() };
        Diagnostic::error(Code::UnknownKey, span, text).suggest(span, replacement)
    }

    #[track_caller]
    fn stays(check: impl Fn(&str) -> Option<Diagnostic>) {
        let all = |sources: &Sources| {
            let mut diagnostics = Diagnostics::default();
            check(&sources.files[0].text).into_iter().for_each(|it| diagnostics.push(it));
            diagnostics
        };
        let mended = mend(Sources::single("host.toml", TEXT), &BTreeSet::new(), all, Clone::clone);
        assert_eq!(&*mended.sources.files[0].text, TEXT);
        assert!(mended.gone.is_empty() && mended.kept.len() == 1, "{mended:?}");
    }

    #[test]
    fn a_finding_that_outlives_its_change_leaves_the_file_as_it_was() {
        stays(|_| Some(finding("wrong", "b")));
    }

    #[test]
    fn a_change_that_breaks_the_text_is_taken_back() {
        let broken = |text: &str| {
            let span = Span { start: 0, end: 1, ..Span::default() };
            let broken = Diagnostic::error(Code::TomlSyntax, span, "not TOML");
            if text.starts_with('[') { Some(broken) } else { Some(finding("wrong", "[")) }
        };
        stays(broken);
    }
}
