//! Texts that are not TOML: each mistake once, at its place, and what can be read of the rest.

mod bare;
mod chunk;
mod deep;
mod finding;
pub(super) mod language;
mod quoted;
mod structure;
mod twice;

use std::ops::Range;

use toml::de::DeTable;
use toml_parser::Source;
use toml_parser::parser::{Event, parse_document};

use crate::diagnostic::Diagnostics;
use crate::source::SourceId;

/// What can be read of a text.
#[derive(Debug)]
pub(super) struct Readable {
    /// The text with what is not TOML blanked out, byte for byte.
    pub(super) text: String,
    /// Tables that are not whole.
    pub(super) broken: Vec<Range<usize>>,
}

/// Reports what is not TOML; absent: the whole text is, but for keys and tables that stand twice.
pub(super) fn check(source: SourceId, text: &str, diagnostics: &mut Diagnostics) -> Option<Readable> {
    if let Some(finding) = language::finding(text) {
        diagnostics.push(finding.placed(text, source, 0));
        return Some(Readable { text: String::new(), broken: std::iter::once(0..text.len()).collect() });
    }
    let mut readable = text.as_bytes().to_owned();
    let mut broken = Vec::new();
    for chunk in chunk::chunks(text) {
        let findings = chunk::blank_out(&mut readable[chunk.clone()]);
        if findings.is_empty() {
            continue;
        }
        let all = findings.into_iter().map(|it| it.placed(text, source, chunk.start));
        all.for_each(|it| diagnostics.push(it));
        broken.push(chunk);
    }
    let readable = String::from_utf8(readable).unwrap_or_default();
    twice::report(source, &readable, diagnostics);
    (!broken.is_empty()).then_some(Readable { text: readable, broken })
}

/// Says whether a text is TOML.
pub(crate) fn is_toml(text: &str) -> bool {
    parse(text).1
}

/// Returns the pieces of a text in its order, comments and blanks among them.
pub(crate) fn events(text: &str) -> Vec<Event> {
    let tokens = Source::new(text).lex().into_vec();
    let mut events = Vec::with_capacity(tokens.len());
    parse_document(&tokens, &mut events, &mut ());
    events
}

/// Reads a text; says whether it is TOML in which nothing stands twice. Of one that is nested too deep nothing is read.
pub(crate) fn parse(text: &str) -> (DeTable<'_>, bool) {
    if chunk::is_deep(text) {
        return (DeTable::new(), false);
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    (table.into_inner(), errors.is_empty())
}
