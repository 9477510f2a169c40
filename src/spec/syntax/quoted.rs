//! Strings: quotes that are not closed, backslashes that escape nothing, characters that none may hold.

use std::borrow::Cow;
use std::ops::Range;

use toml_parser::decoder::Encoding;
use toml_parser::parser::{Event, EventKind};
use toml_parser::{ParseError, Source};

use super::finding::Finding;

/// Finds strings that are none.
pub(super) fn findings(text: &str, events: &[Event]) -> Vec<Finding> {
    let source = Source::new(text);
    let mut found = Vec::new();
    for event in events.iter().filter(|it| matches!(it.kind(), EventKind::Scalar | EventKind::SimpleKey)) {
        let (Some(encoding), Some(raw)) = (event.encoding(), source.get(event)) else { continue };
        let range = event.span().start()..event.span().end();
        let (mut errors, mut decoded) = (Vec::<ParseError>::new(), Cow::Borrowed(""));
        if event.kind() == EventKind::Scalar {
            let _ = raw.decode_scalar(&mut decoded, &mut errors);
        } else {
            raw.decode_key(&mut decoded, &mut errors);
        }
        found.extend(errors.first().map(|error| finding(text, range, encoding, error)));
    }
    found
}

fn finding(text: &str, range: Range<usize>, encoding: Encoding, error: &ParseError) -> Finding {
    let quote = match encoding {
        Encoding::LiteralString => "'",
        Encoding::BasicString => "\"",
        Encoding::MlLiteralString => "'''",
        Encoding::MlBasicString => "\"\"\"",
    };
    let raw = &text[range.clone()];
    if range.is_empty() {
        let message = "a value is missing, found the end of the table";
        return Finding::new(range, message)
            .hint("each key of a table in braces has a value: `{ key = value }`");
    }
    if !is_closed(raw, quote) {
        return unclosed(raw, range, quote);
    }
    let at = error.unexpected().map_or(range.start, |it| it.start()).min(range.end);
    if let Some(control) = text[at..range.end].chars().next().filter(|it| it.is_control()) {
        let message = format!("the control character {control:?} stands in a string, which none may have");
        return Finding::new(at..at + control.len_utf8(), message);
    }
    escape(text, range, quote, at)
}

/// Says whether a string ends with its quotes, and not with quotes that a backslash takes the meaning from.
fn is_closed(raw: &str, quote: &str) -> bool {
    let inside = raw.get(quote.len()..).and_then(|it| it.strip_suffix(quote));
    let escaped = |it: &str| (it.len() - it.trim_end_matches('\\').len()) % 2 == 1;
    inside.is_some_and(|it| !quote.starts_with('"') || !escaped(it))
}

fn unclosed(raw: &str, range: Range<usize>, quote: &str) -> Finding {
    let line = raw.lines().next().unwrap_or_default().trim_end();
    let end = range.start + line.len();
    let mut finding =
        Finding::new(range.start..end, format!("the string is not closed: `{quote}` is missing"));
    finding.outranks = true;
    let inside = &line[quote.len().min(line.len())..];
    let clear = !inside.is_empty() && !inside.contains(['"', '\'', '#', ',', ']', '}', '=', '\\']);
    if quote.len() == 1 && clear { finding.suggest(end..end, quote) } else { finding }
}

fn escape(text: &str, range: Range<usize>, quote: &str, at: usize) -> Finding {
    let backslash = text[range.start..at].rfind('\\').map_or(at, |it| range.start + it);
    let behind = text[backslash..].chars().nth(1).map_or(backslash + 1, |it| backslash + 1 + it.len_utf8());
    let end = behind.min(range.end);
    let message = format!("`{}` begins no escape that TOML has", &text[backslash..end]);
    let finding = Finding::new(backslash..end, message)
        .hint("a backslash is `\\\\`, or stands as it is between single quotes");
    let inside = text.get(range.start + quote.len()..range.end - quote.len()).unwrap_or_default();
    if quote == "\"" && !inside.contains(['\'', '"']) && !inside.contains("\\\\") {
        return finding.suggest(range, format!("'{inside}'"));
    }
    finding
}
