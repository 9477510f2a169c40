//! What is wrong with a spec, where, and what to do; not how it is printed.

mod guess;

use std::fmt;

use serde::Serialize;

pub use crate::code::Code;
use crate::source::{Source, Span};
pub use guess::{Guess, guess, nearest};

/// Weight of a diagnostic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The spec does not compile.
    Error,
    /// The spec compiles; somebody should look.
    Warning,
}

/// A place that a diagnostic speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Label {
    /// Bytes to underline.
    pub span: Span,
    /// What is there; empty when the message says it.
    pub text: String,
}

/// A change of the text that mends what was found, for certain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// Bytes to replace; empty: the place to insert at.
    pub span: Span,
    /// What stands there afterwards.
    pub replacement: String,
}

/// One finding about the spec.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Weight.
    pub severity: Severity,
    /// Name under which `hostwright explain` knows it.
    pub code: Code,
    /// The rule and the value found.
    pub message: String,
    /// Where; the first is the place to mend.
    pub labels: Vec<Label>,
    /// What to do; empty when the message says it.
    pub hints: Vec<String>,
    /// Changes that together mend it; empty where only the author can know.
    pub suggestions: Vec<Suggestion>,
}

/// Escapes what a quoted value brought that would break the line or command the terminal.
fn on_one_line(text: String) -> String {
    if !text.contains(char::is_control) {
        return text;
    }
    let escaped = |it: char| if it.is_control() { it.escape_default().to_string() } else { it.to_string() };
    text.chars().map(escaped).collect()
}

impl Diagnostic {
    /// Makes an error at a place.
    #[must_use]
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, span, message.into())
    }

    /// Makes a warning at a place.
    #[must_use]
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, span, message.into())
    }

    fn new(severity: Severity, code: Code, span: Span, message: String) -> Self {
        let labels = vec![Label { span, text: String::new() }];
        let message = on_one_line(message);
        Self { severity, code, message, labels, hints: Vec::new(), suggestions: Vec::new() }
    }

    /// Makes the error that two places disagree; the one further down is the place to mend.
    #[must_use]
    pub fn twice(code: Code, places: [(Span, &str); 2], message: impl Into<String>) -> Self {
        let [mut first, mut second] = places;
        if first.0 > second.0 {
            std::mem::swap(&mut first, &mut second);
        }
        Self::error(code, second.0, message).also(first.0, first.1)
    }

    /// Adds a second place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: on_one_line(text.into()) });
        self
    }

    /// Adds a remedy.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(on_one_line(hint.into()));
        self
    }

    /// Adds a change of the text that mends it.
    #[must_use]
    pub fn suggest(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.suggestions.push(Suggestion { span, replacement: replacement.into() });
        self
    }

    /// Adds `did you mean …?` when there is a guess.
    #[must_use]
    pub fn did_you_mean(self, guess: Option<&str>) -> Self {
        match guess {
            Some(guess) => self.hint(format!("did you mean `{guess}`?")),
            None => self,
        }
    }

    /// Adds `did you mean …?` when there is a guess, and the change of the text when it is certain.
    #[must_use]
    pub fn meant(self, guess: Option<Guess<'_>>, span: Span, written: impl FnOnce(&str) -> String) -> Self {
        let hinted = self.did_you_mean(guess.map(|it| it.word));
        match guess {
            Some(guess) if guess.certain => hinted.suggest(span, written(guess.word)),
            _ => hinted,
        }
    }

    /// Returns the place to mend.
    #[must_use]
    pub fn span(&self) -> Span {
        self.labels.first().map_or_else(Span::default, |label| label.span)
    }

    /// Returns `file:line:column: error[code]: message`.
    #[must_use]
    pub fn short(&self, sources: &[Source]) -> String {
        let span = self.span();
        let place = sources.get(span.source.0).map_or_else(String::new, |source| {
            let (line, column) = source.line_column(span.start);
            format!("{}:{line}:{column}: ", source.name)
        });
        format!("{place}{self}")
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{word}[{}]: {}", self.code, self.message)
    }
}

/// All findings of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
    is_partial: bool,
}

impl Diagnostics {
    /// Adds a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// Says that a text is not TOML: what tables say about each other was not looked at.
    pub const fn leave_off(&mut self) {
        self.is_partial = true;
    }

    /// Says whether there may be more, once every text is TOML.
    #[must_use]
    pub const fn is_partial(&self) -> bool {
        self.is_partial
    }

    /// Says whether the spec does not compile.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.found.iter().any(|it| it.severity == Severity::Error)
    }

    /// Sorts by place and drops what was said twice.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.found.sort_by(|a, b| (a.span(), a.code, &a.message).cmp(&(b.span(), b.code, &b.message)));
        self.found.dedup();
        self
    }

    /// Drops the findings that a function does not want to keep.
    pub fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        self.found.retain(keep);
    }

    /// Iterates over the findings.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.found.iter()
    }

    /// Says whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }
}
