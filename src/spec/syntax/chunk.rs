//! A text in pieces: one for each header, so that a mistake hides nothing behind the next one.

use std::ops::Range;

use toml_parser::parser::{Event, EventKind, RecursionGuard, ValidateWhitespace, parse_document};
use toml_parser::{ParseError, Source};

use super::finding::Finding;
use super::{bare, deep, quoted, structure};

/// Rounds in one chunk; each blanks a statement at least.
const ROUNDS: usize = 64;
/// Deepest brackets that are followed, as the reader of the whole text does it.
const DEPTH: u32 = 80;

/// Divides a text at lines that look like headers.
pub(super) fn chunks(text: &str) -> Vec<Range<usize>> {
    let mut starts = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if at > 0 && is_header(line) {
            starts.push(at);
        }
        at += line.len();
    }
    starts.push(text.len());
    starts.windows(2).map(|it| it[0]..it[1]).collect()
}

/// Says whether a line begins like a header, closed or not, and not like an item of an array.
fn is_header(line: &str) -> bool {
    let line = line.split('#').next().unwrap_or_default().trim_end();
    let Some(inside) = line.strip_prefix('[') else { return false };
    let inside = inside.trim_start_matches('[').trim_end_matches(']');
    let begins = inside.starts_with(|it: char| it.is_alphanumeric() || "_-\"'".contains(it));
    begins
        && !inside.contains([',', '{', '='])
        && (inside.starts_with(char::is_alphabetic) || inside.contains('.'))
}

/// Says whether something in a text is nested deeper than a spec may be.
pub(super) fn is_deep(text: &str) -> bool {
    !deep::findings(&parse(text).0).is_empty()
}

/// Reports what is not TOML in a chunk, one finding for each statement, and blanks these out.
pub(super) fn blank_out(chunk: &mut [u8]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for _ in 0..ROUNDS {
        let Ok(text) = std::str::from_utf8(chunk) else { break };
        let round = round(text);
        if round.is_empty() {
            break;
        }
        for (finding, range) in round {
            blank(&mut chunk[range]);
            findings.push(finding);
        }
    }
    findings
}

fn blank(bytes: &mut [u8]) {
    bytes.iter_mut().filter(|it| !matches!(it, b'\n' | b'\r')).for_each(|it| *it = b' ');
    // A carriage return alone is no line break.
    for at in 0..bytes.len() {
        if bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n') {
            bytes[at] = b' ';
        }
    }
}

/// A statement: a header or a key with its value.
struct Statement {
    start: usize,
    is_header: bool,
}

fn round(text: &str) -> Vec<(Finding, Range<usize>)> {
    let (events, mut errors) = parse(text);
    let statements = statements(&events);
    let values = bare::findings(text, &events).into_iter().chain(quoted::findings(text, &events));
    let values = values.chain(deep::findings(&events));
    let mut found: Vec<_> = values.map(|it| (it.range.start, it)).collect();
    errors.dedup_by_key(|it| it.context().map(|it| it.start()));
    found.extend(errors.iter().map(|it| (anchor(it), structure::finding(text, it))));
    let of = |at: usize| statements.iter().rposition(|it| it.start <= at);
    // A mistake in a value explains what the structure looks like behind it.
    found.sort_by_key(|(at, it)| (of(*at), !it.outranks, *at));
    let mut result: Vec<(Finding, Range<usize>)> = Vec::new();
    let mut done = None;
    for (at, finding) in found {
        let statement = of(at);
        if done != Some(statement) || finding.is_trivia {
            let range =
                if finding.is_trivia { finding.range.clone() } else { extent(text, &statements, statement) };
            if !finding.is_trivia {
                done = Some(statement);
            }
            result.push((finding, range));
        }
    }
    result
}

fn parse(text: &str) -> (Vec<Event>, Vec<ParseError>) {
    let source = Source::new(text);
    let tokens = source.lex().into_vec();
    let (mut events, mut errors) = (Vec::with_capacity(tokens.len()), Vec::new());
    let mut whitespace = ValidateWhitespace::new(&mut events, source);
    let mut receiver = RecursionGuard::new(&mut whitespace, DEPTH);
    parse_document(&tokens, &mut receiver, &mut errors);
    (events, errors)
}

fn anchor(error: &ParseError) -> usize {
    error.context().or(error.unexpected()).map_or(0, |it| it.start())
}

fn statements(events: &[Event]) -> Vec<Statement> {
    let (mut depth, mut fresh, mut found) = (0_usize, true, Vec::new());
    for event in events {
        match event.kind() {
            EventKind::Newline => fresh |= depth == 0,
            EventKind::Whitespace | EventKind::Comment => {}
            kind => {
                if fresh {
                    let is_header = matches!(kind, EventKind::StdTableOpen | EventKind::ArrayTableOpen);
                    found.push(Statement { start: event.span().start(), is_header });
                    fresh = false;
                }
                match kind {
                    EventKind::ArrayOpen | EventKind::InlineTableOpen => depth += 1,
                    EventKind::ArrayClose | EventKind::InlineTableClose => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
        }
    }
    found
}

/// Returns the bytes of a statement; those of a header are all of its table. What looks like the next statement is no
/// part of it, whatever a bracket that is not closed says.
fn extent(text: &str, statements: &[Statement], at: Option<usize>) -> Range<usize> {
    let start = at.map_or(0, |at| statements[at].start);
    let mut behind = statements.iter().skip(at.map_or(0, |at| at + 1));
    if at.is_some_and(|at| statements[at].is_header) {
        return start..behind.find(|it| it.is_header).map_or(text.len(), |it| it.start);
    }
    let end = behind.next().map_or(text.len(), |it| it.start);
    let first = text[start..end].find('\n').map_or(end, |it| start + it + 1);
    let mut line_start = first;
    for line in text[first..end].split_inclusive('\n') {
        if structure::is_assignment(line) {
            return start..line_start;
        }
        line_start += line.len();
    }
    start..end
}
