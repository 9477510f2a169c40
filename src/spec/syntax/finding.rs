//! A mistake in the text of one chunk.

use std::ops::Range;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{SourceId, Span};

/// What is wrong, where, and what was meant.
#[derive(Debug, Clone, Default)]
pub(super) struct Finding {
    /// Bytes of the chunk.
    pub(super) range: Range<usize>,
    pub(super) message: String,
    pub(super) hint: String,
    /// Another place that explains it.
    pub(super) also: Option<(Range<usize>, String)>,
    /// Bytes to replace and what stands there afterwards.
    pub(super) suggestions: Vec<(Range<usize>, String)>,
    /// It is about the bytes themselves, not about a statement.
    pub(super) is_trivia: bool,
    /// It explains what else looks wrong in the statement.
    pub(super) outranks: bool,
}

impl Finding {
    pub(super) fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self { range, message: message.into(), ..Self::default() }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    pub(super) fn also(mut self, range: Range<usize>, text: impl Into<String>) -> Self {
        self.also = Some((range, text.into()));
        self
    }

    pub(super) fn suggest(mut self, range: Range<usize>, replacement: impl Into<String>) -> Self {
        self.suggestions.push((range, replacement.into()));
        self
    }

    /// Makes the diagnostic of a chunk that begins at an offset of the text.
    pub(super) fn placed(self, text: &str, source: SourceId, offset: usize) -> Diagnostic {
        let span = |it: &Range<usize>| {
            let [start, end] = [it.start, it.end].map(|at| floor(text, (at + offset).min(text.len())));
            Span { source, start, end }
        };
        let mut diagnostic = Diagnostic::error(Code::TomlSyntax, span(&self.range), self.message);
        if let Some((range, label)) = &self.also {
            diagnostic = diagnostic.also(span(range), label);
        }
        if !self.hint.is_empty() {
            diagnostic = diagnostic.hint(self.hint);
        }
        let suggest = |it: Diagnostic, (range, text): (Range<usize>, String)| it.suggest(span(&range), text);
        self.suggestions.into_iter().fold(diagnostic, suggest)
    }
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|it| text.is_char_boundary(*it)).unwrap_or(0)
}
