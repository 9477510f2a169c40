//! Values and keys without quotes.

use std::borrow::Cow;
use std::ops::Range;

use toml_parser::parser::{Event, EventKind};
use toml_parser::{ParseError, Source};

use super::finding::Finding;
use crate::spec::write::string;

/// Quotation marks of word processors.
const CURLY: &[char] = &['\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}', '\u{ab}', '\u{bb}'];

/// Finds values and keys without quotes that are none.
pub(super) fn findings(text: &str, events: &[Event]) -> Vec<Finding> {
    let source = Source::new(text);
    let mut found = Vec::new();
    for event in events.iter().filter(|it| it.encoding().is_none()) {
        let Some(raw) = source.get(event) else { continue };
        let range = event.span().start()..event.span().end();
        let (mut errors, mut decoded) = (Vec::<ParseError>::new(), Cow::Borrowed(""));
        match event.kind() {
            EventKind::Scalar => {
                let _ = raw.decode_scalar(&mut decoded, &mut errors);
                found.extend(errors.first().map(|error| value(text, range, error)));
            }
            EventKind::SimpleKey => {
                raw.decode_key(&mut decoded, &mut errors);
                found.extend(errors.first().map(|_| key(text, range)));
            }
            _ => {}
        }
    }
    found
}

fn value(text: &str, range: Range<usize>, error: &ParseError) -> Finding {
    let raw = &text[range.clone()];
    let behind = text[range.end..].trim_start_matches([' ', '\t']);
    if raw.is_empty() {
        return missing(text, range, behind);
    }
    if let Some(at) = raw.find("//").filter(|at| *at > 0 && raw[..*at].ends_with(' ')) {
        let slashes = range.start + at..range.start + at + 2;
        return Finding::new(slashes.clone(), "`//` begins no comment")
            .hint("comments begin with `#`")
            .suggest(slashes, "#");
    }
    if behind.starts_with('=') {
        let second = range.end - raw.rsplit(char::is_whitespace).next().map_or(0, str::len);
        let message = format!("a second key, `{}`, stands on the line", shown(&text[second..range.end]));
        return Finding::new(second..range.end, message).hint("begin a new line for each key");
    }
    if let Some(value) = raw.strip_suffix(';') {
        let mark = range.start + value.len()..range.end;
        return Finding::new(mark.clone(), "`;` ends no line in TOML").hint("drop the `;`").suggest(mark, "");
    }
    if ["true", "false"].contains(&raw.to_ascii_lowercase().as_str()) {
        let small = raw.to_ascii_lowercase();
        return Finding::new(range.clone(), format!("`{raw}` is written `{small}`")).suggest(range, small);
    }
    let words: Vec<_> = raw.split_whitespace().collect();
    if let [first, second, ..] = words.as_slice()
        && words.iter().all(|it| it.parse::<f64>().is_ok())
    {
        let end = range.start + first.len();
        let message = format!("`,` is missing between `{first}` and `{second}`");
        return Finding::new(end..end, message).suggest(end..end, ",");
    }
    if raw.starts_with(|it: char| it.is_ascii_digit() || "+-".contains(it)) && is_number_like(raw) {
        return Finding::new(range, format!("`{raw}` is not a number: {}", error.description()));
    }
    unquoted(text, range)
}

/// Says whether a text has nothing that a whole number or a fraction has not.
fn is_number_like(raw: &str) -> bool {
    raw.chars().all(|it| it.is_ascii_digit() || "+-_.".contains(it)) && raw.matches('.').count() <= 1
}

fn missing(text: &str, range: Range<usize>, behind: &str) -> Finding {
    let found = behind.lines().next().and_then(|it| it.chars().next());
    let found = found
        .filter(|it| *it != '#')
        .map_or_else(|| "the end of the line".to_owned(), |it| format!("`{it}`"));
    let equals = text[..range.start].rfind('=').unwrap_or(range.start);
    if text[..equals].trim_end_matches(' ').ends_with('=') {
        return Finding::new(equals..equals + 1, "a second `=` stands before the value")
            .suggest(equals..range.end, "");
    }
    Finding::new(equals..range.end.max(equals + 1), format!("a value is missing behind `=`, found {found}"))
}

fn unquoted(text: &str, range: Range<usize>) -> Finding {
    let raw = &text[range.clone()];
    if raw.starts_with(CURLY) || raw.ends_with(CURLY) {
        let plain = raw.trim_matches(CURLY);
        let message = format!("`{}` has quotation marks that are not `\"`", shown(raw));
        return Finding::new(range.clone(), message)
            .hint(format!("write `{}`", string(plain)))
            .suggest(range, string(plain));
    }
    let message = format!("`{}` is a string without quotes", shown(raw));
    Finding::new(range.clone(), message)
        .hint(format!("write `{}`", shown(&string(raw))))
        .suggest(range, string(raw))
}

fn key(text: &str, range: Range<usize>) -> Finding {
    let raw = &text[range.clone()];
    let line_start = text[..range.start].rfind('\n').map_or(0, |it| it + 1);
    if text[line_start..range.start].trim().is_empty() && (raw.starts_with("//") || raw.starts_with(';')) {
        let length = if raw.starts_with(';') { 1 } else { 2 };
        let mark = range.start..range.start + length;
        let message = format!("`{}` begins no comment", &raw[..length]);
        return Finding::new(mark.clone(), message).hint("comments begin with `#`").suggest(mark, "#");
    }
    if raw.is_empty() {
        let found = text[range.end..].chars().next().filter(|it| !it.is_control());
        let found = found.map_or_else(|| "the end of the line".to_owned(), |it| format!("`{it}`"));
        return Finding::new(range, format!("a name is missing, found {found}"));
    }
    if let Some(key) = raw.strip_suffix(':') {
        let colon = range.start + key.len()..range.end;
        let message = format!("`:` stands behind `{}` where `=` belongs", shown(key));
        let finding = Finding::new(colon.clone(), message);
        // Of several, or one beside a `=`, only the author knows what they were.
        let is_alone =
            !key.contains(':') && !text[range.end..].trim_start_matches([' ', '\t']).starts_with('=');
        return if is_alone { finding.suggest(colon, " =") } else { finding };
    }
    let odd = raw.chars().find(|it| !it.is_ascii_alphanumeric() && !"-_".contains(*it)).unwrap_or_default();
    let at = range.start + raw.find(odd).unwrap_or_default();
    let message =
        format!("{odd:?} may not stand in a name without quotes, allowed are letters, digits and `-_`");
    Finding::new(at..at + odd.len_utf8(), message)
}

pub(super) fn shown(text: &str) -> String {
    text.escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'")
}
