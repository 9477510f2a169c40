//! Diagnostics as text: like rustc's, one line each, or JSON.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};
use hostwright::diagnostic::{Diagnostic, Diagnostics, Label, Severity, Suggestion};
use hostwright::source::{Source, Span};
use serde_json::{Value, json};

use crate::cli::{Colour, Format};

/// Version of the JSON that commands print.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// What a reader should know where a text could not be read whole.
const PARTIAL: &str = "there may be more: rules between tables are looked at once every text is TOML";

/// Writes all diagnostics; nothing when there are none and the format is for people.
pub(crate) fn report(
    diagnostics: &Diagnostics,
    sources: &[Source],
    format: Format,
    colour: Colour,
) -> String {
    let note = diagnostics.is_partial().then_some(PARTIAL);
    match format {
        Format::Text | Format::Dot | Format::Mermaid => {
            let found = diagnostics.iter().map(|it| text(it, sources, colour));
            let note =
                note.map(|it| renderer(colour).render(&[Group::with_title(Level::NOTE.primary_title(it))]));
            found.chain(note).map(|it| it + "\n\n").collect()
        }
        Format::Short => {
            let note = note.map(|it| format!("note: {it}"));
            diagnostics.iter().map(|it| it.short(sources)).chain(note).map(|it| it + "\n").collect()
        }
        Format::Json => format!("{:#}\n", json(diagnostics, sources)),
    }
}

fn text(diagnostic: &Diagnostic, sources: &[Source], colour: Colour) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(&diagnostic.message).id(diagnostic.code.name()));
    for (source, labels) in by_source(&diagnostic.labels, sources, |it| it.span) {
        let window = Window::around(source, labels.iter().map(|(_, it)| it.span));
        let annotations = labels.into_iter().map(|(at, label)| {
            let kind = if at == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            kind.span(window.range(label.span)).label(&label.text)
        });
        let snippet = Snippet::source(window.text).line_start(window.line).path(&*source.name);
        group = group.element(snippet.annotations(annotations));
    }
    let mut groups = vec![group];
    groups.extend(helps(diagnostic, sources));
    renderer(colour).render(&groups)
}

fn renderer(colour: Colour) -> Renderer {
    if colour.is_on() { Renderer::styled() } else { Renderer::plain() }
}

/// Makes a group of each hint; the last shows the suggested change.
fn helps<'a>(diagnostic: &'a Diagnostic, sources: &'a [Source]) -> Vec<Group<'a>> {
    let title = |hint: &'a str| Group::with_title(Level::HELP.with_name("hint").secondary_title(hint));
    let mut groups: Vec<_> = diagnostic.hints.iter().map(|it| title(it)).collect();
    if diagnostic.suggestions.is_empty() {
        return groups;
    }
    let last = groups.pop().unwrap_or_else(|| title("this is meant"));
    let patched =
        by_source(&diagnostic.suggestions, sources, |it| it.span).into_iter().map(|(source, list)| {
            let window = Window::around(source, list.iter().map(|(_, it)| it.span));
            let patch = |it: &'a Suggestion| Patch::new(window.range(it.span), it.replacement.as_str());
            let patches: Vec<_> = list.into_iter().map(|(_, it)| patch(it)).collect();
            Snippet::source(window.text).line_start(window.line).path(&*source.name).patches(patches)
        });
    groups.push(patched.fold(last, Group::element));
    groups
}

/// Sorts things with a place by their source, in the order of their first; each keeps its number.
fn by_source<'a, T>(
    things: &'a [T],
    sources: &'a [Source],
    place: impl Fn(&T) -> Span,
) -> Vec<(&'a Source, Vec<(usize, &'a T)>)> {
    let mut found: Vec<(usize, Vec<(usize, &T)>)> = Vec::new();
    for (at, thing) in things.iter().enumerate() {
        let source = place(thing).source.0;
        match found.iter_mut().find(|it| it.0 == source) {
            Some((_, list)) => list.push((at, thing)),
            None => found.push((source, vec![(at, thing)])),
        }
    }
    found.into_iter().filter_map(|(source, list)| Some((sources.get(source)?, list))).collect()
}

/// The lines of a source that are shown: a large one is not read through for each finding.
struct Window<'a> {
    text: &'a str,
    start: usize,
    /// Number of the first line.
    line: usize,
}

impl<'a> Window<'a> {
    fn around(source: &'a Source, spans: impl Iterator<Item = Span> + Clone) -> Self {
        let first = spans.clone().map(|it| it.start).min().unwrap_or_default();
        let last = spans.map(|it| it.end).max().unwrap_or_default();
        let line = source.line_column(first).0;
        let start = source.line_start(line);
        let end = source.line_start(source.line_column(last).0 + 1);
        Self { text: &source.text[start..end], start, line }
    }

    fn range(&self, span: Span) -> Range<usize> {
        let place = |at: usize| at.saturating_sub(self.start).min(self.text.len());
        place(span.start)..place(span.end.max(span.start))
    }
}

/// Writes all diagnostics as JSON.
pub(crate) fn json(diagnostics: &Diagnostics, sources: &[Source]) -> Value {
    let list: Vec<_> = diagnostics.iter().map(|it| one(it, sources)).collect();
    json!({ "format-version": FORMAT_VERSION, "diagnostics": list, "partial": diagnostics.is_partial() })
}

/// Writes one diagnostic as JSON.
pub(crate) fn one(diagnostic: &Diagnostic, sources: &[Source]) -> Value {
    let labels = diagnostic.labels.iter().map(|it: &Label| placed(it.span, "text", &it.text, sources));
    let suggestions = diagnostic.suggestions.iter();
    let suggestions = suggestions.map(|it| placed(it.span, "replacement", &it.replacement, sources));
    json!({
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "labels": labels.collect::<Vec<_>>(),
        "hints": diagnostic.hints,
        "suggestions": suggestions.collect::<Vec<_>>(),
    })
}

fn placed(span: Span, key: &str, value: &str, sources: &[Source]) -> Value {
    let Some(source) = sources.get(span.source.0) else { return Value::Null };
    let (line, column) = source.line_column(span.start);
    let (end_line, end_column) = source.line_column(span.end);
    json!({
        "file": &*source.name,
        key: value,
        "bytes": [span.start, span.end],
        "line": line,
        "column": column,
        "end-line": end_line,
        "end-column": end_column,
    })
}
