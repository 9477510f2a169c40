//! Places in the files of many hosts: each spec counts its own files from 0, a fleet counts all.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::source::{Located, Source, SourceId, Span};
use crate::spec::lints::AllowSpec;
use crate::spec::{Named, Sources};

/// The files of all specs, each once, in the order of their names.
#[derive(Debug)]
pub(super) struct Files(BTreeMap<(String, String), Source>);

/// Which file of the fleet each file of a spec is.
#[derive(Debug)]
pub(super) struct SourceMap(Vec<SourceId>);

impl Files {
    pub(super) fn of(specs: &[Sources]) -> Self {
        Self(specs.iter().flat_map(|it| &it.files).map(|it| (key(it), it.clone())).collect())
    }

    pub(super) fn map(&self, spec: &Sources) -> SourceMap {
        let at = |source| self.0.keys().position(|it| *it == key(source)).map_or(SourceId(0), SourceId);
        SourceMap(spec.files.iter().map(at).collect())
    }

    pub(super) fn into_sources(self) -> Vec<Source> {
        self.0.into_values().collect()
    }
}

fn key(source: &Source) -> (String, String) {
    (source.name.to_string(), source.text.to_string())
}

impl SourceMap {
    pub(super) fn span(&self, span: Span) -> Span {
        Span { source: self.0.get(span.source.0).copied().unwrap_or_default(), ..span }
    }

    pub(super) fn located<T: Clone>(&self, located: &Located<T>) -> Located<T> {
        Located::new(located.value.clone(), self.span(located.span))
    }

    pub(super) fn allowed(&self, entry: &Named<AllowSpec>) -> Named<AllowSpec> {
        let AllowSpec { allow, on } = &entry.body;
        let on = on.iter().map(|it| self.located(it)).collect();
        Named { name: self.located(&entry.name), body: AllowSpec { allow: self.located(allow), on } }
    }

    pub(super) fn diagnostic(&self, diagnostic: &Diagnostic) -> Diagnostic {
        let mut moved = diagnostic.clone();
        moved.labels.iter_mut().for_each(|it| it.span = self.span(it.span));
        moved.suggestions.iter_mut().for_each(|it| it.span = self.span(it.span));
        moved
    }
}

/// Makes the warning that two places disagree.
pub(super) fn warning(code: Code, places: [(Span, &str); 2], message: impl Into<String>) -> Diagnostic {
    Diagnostic { severity: Severity::Warning, ..Diagnostic::twice(code, places, message) }
}
