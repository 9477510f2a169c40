//! Diagnostics as text: like rustc's, one line each, or JSON.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use hostwright::diagnostic::{Diagnostic, Diagnostics, Label, Severity};
use hostwright::source::Source;
use serde_json::{Value, json};

use crate::cli::{Colour, Format};

/// Version of the JSON that commands print.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// Writes all diagnostics; nothing when there are none and the format is for people.
pub(crate) fn report(
    diagnostics: &Diagnostics,
    sources: &[Source],
    format: Format,
    colour: Colour,
) -> String {
    match format {
        Format::Text | Format::Dot | Format::Mermaid => {
            diagnostics.iter().map(|it| text(it, sources, colour) + "\n\n").collect()
        }
        Format::Short => diagnostics.iter().map(|it| it.short(sources) + "\n").collect(),
        Format::Json => format!("{:#}\n", json(diagnostics, sources)),
    }
}

fn text(diagnostic: &Diagnostic, sources: &[Source], colour: Colour) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(&diagnostic.message).id(diagnostic.code.name()));
    for source in with_labels(diagnostic, sources) {
        let mut snippet = Snippet::source(&*source.text).path(&*source.name);
        for (at, label) in labels_in(diagnostic, sources, source) {
            let kind = if at == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            snippet = snippet.annotation(kind.span(visible(label, source)).label(&label.text));
        }
        group = group.element(snippet);
    }
    let mut groups = vec![group];
    groups.extend(
        diagnostic
            .hints
            .iter()
            .map(|hint| Group::with_title(Level::HELP.with_name("hint").secondary_title(hint))),
    );
    let renderer = if colour.is_on() { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&groups)
}

fn with_labels<'s>(diagnostic: &Diagnostic, sources: &'s [Source]) -> Vec<&'s Source> {
    let mut found: Vec<&Source> = Vec::new();
    for source in diagnostic.labels.iter().filter_map(|it| sources.get(it.span.source.0)) {
        if !found.iter().any(|it| std::ptr::eq(*it, source)) {
            found.push(source);
        }
    }
    found
}

fn labels_in<'d>(
    diagnostic: &'d Diagnostic,
    sources: &'d [Source],
    source: &'d Source,
) -> impl Iterator<Item = (usize, &'d Label)> {
    let here =
        move |label: &Label| sources.get(label.span.source.0).is_some_and(|it| std::ptr::eq(it, source));
    diagnostic.labels.iter().enumerate().filter(move |(_, label)| here(label))
}

/// Returns the bytes to underline: an empty span is one character wide where there is one.
fn visible(label: &Label, source: &Source) -> Range<usize> {
    let start = label.span.start.min(source.text.len());
    let end = label.span.end.clamp(start, source.text.len());
    start..end
}

/// Writes all diagnostics as JSON.
pub(crate) fn json(diagnostics: &Diagnostics, sources: &[Source]) -> Value {
    let list: Vec<_> = diagnostics.iter().map(|it| one(it, sources)).collect();
    json!({ "format-version": FORMAT_VERSION, "diagnostics": list })
}

fn one(diagnostic: &Diagnostic, sources: &[Source]) -> Value {
    let labels: Vec<_> = diagnostic.labels.iter().map(|label| place(label, sources)).collect();
    json!({
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "labels": labels,
        "hints": diagnostic.hints,
    })
}

fn place(label: &Label, sources: &[Source]) -> Value {
    let Some(source) = sources.get(label.span.source.0) else { return Value::Null };
    let (line, column) = source.line_column(label.span.start);
    let (end_line, end_column) = source.line_column(label.span.end);
    json!({
        "file": &*source.name,
        "text": label.text,
        "bytes": [label.span.start, label.span.end],
        "line": line,
        "column": column,
        "end-line": end_line,
        "end-column": end_column,
    })
}
