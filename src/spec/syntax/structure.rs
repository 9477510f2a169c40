//! What stands between values and keys: brackets, commas, `=`, the ends of lines.

use std::ops::Range;

use toml_parser::{Expected, ParseError};

use super::bare::shown;
use super::finding::Finding;

/// Turns what the parser says of the structure into a finding.
pub(super) fn finding(text: &str, error: &ParseError) -> Finding {
    let at = error.unexpected().or(error.context()).map_or(0..0, |it| it.start()..it.end());
    let context = error.context().map_or(at.clone(), |it| it.start()..it.end());
    match error.description() {
        "unclosed table" | "unclosed array table" => header(text, context, at.start),
        "missing table open" => {
            Finding::new(at, "this `]` closes no header").hint("a header is `[kind.name]`")
        }
        "key with no value" | "missing value for key" => no_equals(text, at.start),
        "unclosed array" => unclosed(text, context, ']', "array"),
        "unclosed inline table" => unclosed(text, context, '}', "table in braces"),
        "missing comma between array elements" | "unexpected `=` in array" => {
            comma(text, context, at.start, ']', "array")
        }
        "missing comma between key-value pairs"
        | "extra assignment between key-value pairs"
        | "missing assignment between key-value pairs"
        | "missing key for inline table element" => comma(text, context, at.start, '}', "table in braces"),
        "extra comma in array" | "extra comma in inline table" => {
            Finding::new(at.clone(), "nothing stands before this `,`").suggest(at, "")
        }
        "extra `=`" => {
            Finding::new(at.clone(), "a second `=` stands before the value").suggest(with_blank(text, at), "")
        }
        "unexpected key or value" => behind(text, at.start),
        "invalid comment character" | "carriage return must be followed by newline" => {
            character(text, at.start, &context)
        }
        said => other(text, at, said, error.expected()),
    }
}

/// Says whether a line is a key with a value.
pub(super) fn is_assignment(line: &str) -> bool {
    let Some((key, value)) = line.split_once('=') else { return false };
    let key = key.trim();
    let is_word = |it: char| it.is_ascii_alphanumeric() || "_-.\"'".contains(it);
    !key.is_empty() && key.chars().all(is_word) && !value.trim().ends_with(',')
}

fn first(text: &str) -> String {
    let rest = text.trim_start_matches([' ', '\t']);
    let line = rest.lines().next().filter(|_| !rest.starts_with(['\n', '\r'])).unwrap_or_default();
    let end = line.find([' ', '\t', ',', ']', '}', '=', '#']).map_or(line.len(), |it| it.max(1));
    match line.get(..end).unwrap_or(line) {
        "" => "the end of the line".to_owned(),
        word if word.starts_with('#') => "a comment".to_owned(),
        word => format!("`{}`", shown(word)),
    }
}

fn header(text: &str, context: Range<usize>, at: usize) -> Finding {
    let found = first(&text[at..]);
    let close = if text[context.start..].starts_with("[[") { "]]" } else { "]" };
    let said = shown(&text[context.clone()]);
    let finding = Finding::new(
        context,
        format!("the header `{said}` is not closed: expected `{close}`, found {found}"),
    );
    let ends = text[at..].lines().next().is_none_or(|it| it.trim().is_empty() || it.trim().starts_with('#'));
    let half = close.len() == 2 && text[..at].ends_with(']');
    let blank = at..at + text[at..].len() - text[at..].trim_start_matches(' ').len();
    let name = text[blank.end..].split(']').next().unwrap_or_default();
    if !said.contains('.')
        && !name.is_empty()
        && name.chars().all(|it| it.is_ascii_alphanumeric() || "-_".contains(it))
    {
        return finding.hint("words of a header are joined by dots").suggest(blank, ".");
    }
    match (ends, half) {
        (true, false) => finding.suggest(at..at, close),
        (true, true) => finding.suggest(at..at, "]"),
        (false, _) => finding.hint("words of a header are joined by dots: `[kind.name]`"),
    }
}

fn no_equals(text: &str, at: usize) -> Finding {
    let start = text[..at].rfind('\n').map_or(0, |it| it + 1);
    let key = text[start..at].trim();
    let from = start + text[start..at].len() - text[start..at].trim_start().len();
    let rest = text[at..].trim_start_matches([' ', '\t']);
    let place = from..from + key.len();
    let next = text.len() - rest.len();
    let message = format!("`=` is missing behind `{}`, found {}", shown(key), first(rest));
    let finding = Finding::new(place, message);
    match rest.chars().next() {
        Some(':') => finding.suggest(next..next + 1, if text[..next].ends_with(' ') { "=" } else { " =" }),
        Some(it) if is_value(it, rest) => finding.suggest(next..next, "= "),
        Some(']') => finding.hint("a header is `[kind.name]`"),
        _ if first(rest).starts_with("the end") => finding.hint(format!("a key has a value: `{key} = …`")),
        _ => finding.hint("a key with a blank in it needs quotes"),
    }
}

/// Says whether the rest of a line can only be a value.
fn is_value(begins: char, rest: &str) -> bool {
    let line = rest.lines().next().unwrap_or_default();
    match begins {
        '"' | '\'' | '{' => true,
        '[' => line.contains(']'),
        it => it.is_ascii_alphanumeric() && !line.contains('=') && line.split_whitespace().count() == 1,
    }
}

/// Returns the end of what stands before a place, blanks and comments aside.
fn end_before(text: &str, at: usize) -> usize {
    let mut end = 0;
    let mut start = 0;
    for line in text[..at].split_inclusive('\n') {
        let code = line.split('#').next().unwrap_or_default().trim_end();
        if !code.trim().is_empty() {
            end = start + code.len();
        }
        start += line.len();
    }
    end
}

fn unclosed(text: &str, open: Range<usize>, close: char, what: &str) -> Finding {
    let open_end = open.end;
    let (mut end, mut start) = (open.end, open.start);
    for (number, line) in text[open.start..].split_inclusive('\n').enumerate() {
        if number > 0 && is_assignment(line) {
            break;
        }
        start += line.len();
        end = end_before(text, start).max(open.end);
    }
    let message = format!("the {what} is not closed: expected `{close}`, found {}", first(&text[end..]));
    let finding = Finding::new(open, message).also(end..end, format!("`{close}` belongs here"));
    let string =
        text[..end].ends_with(['"', '\'', ']', '}', ',']) || text[..end].ends_with(char::is_alphanumeric);
    let blank = if text[open_end..].starts_with(' ') && close == '}' { " " } else { "" };
    if string { finding.suggest(end..end, format!("{blank}{close}")) } else { finding }
}

fn comma(text: &str, open: Range<usize>, at: usize, close: char, what: &str) -> Finding {
    let line_start = text[..at].rfind('\n').map_or(0, |it| it + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    if line_start > open.start && is_assignment(line) {
        return unclosed(text, open, close, what);
    }
    let end = end_before(text, at).max(open.end);
    let message = format!("`,` or `{close}` is missing in the {what}, found {}", first(&text[at..]));
    let finding = Finding::new(at..at + text[at..].chars().next().map_or(0, char::len_utf8), message);
    let finding = finding.also(open, format!("the {what} begins here"));
    let begins = |it: char| it == '"' || it == '\'' || it == '{' || it == '[';
    let value = text[at..].starts_with(begins) && close == ']';
    if value { finding.suggest(end..end, ",") } else { finding }
}

fn behind(text: &str, at: usize) -> Finding {
    let found = first(&text[at..]);
    let line = text[at..].lines().next().unwrap_or_default();
    let finding =
        Finding::new(at..at + line.trim_end().len(), format!("the line must end here, found {found}"));
    let code = line.split('#').next().unwrap_or_default().trim();
    match code {
        "," | ";" | "]" | "}" => finding
            .hint(format!("nothing stands behind a header or a value: drop the `{code}`"))
            .suggest(at..at + 1, ""),
        _ if line.starts_with("//") => finding.hint("comments begin with `#`").suggest(at..at + 2, "#"),
        _ if is_assignment(line) => finding.hint("begin a new line for each key"),
        _ => finding,
    }
}

fn character(text: &str, at: usize, context: &Range<usize>) -> Finding {
    let is_odd = |it: char| it.is_control() && it != '\t' && it != '\n';
    let start = text[context.start..].find(is_odd).map_or(at, |it| context.start + it);
    let odd = text[start..].chars().next().unwrap_or_default();
    let message = format!("control character {odd:?} outside of a string");
    let range = start..start + odd.len_utf8().min(text.len() - start);
    Finding { is_trivia: true, ..Finding::new(range, message) }
}

fn with_blank(text: &str, range: Range<usize>) -> Range<usize> {
    let blanks = text[range.end..].len() - text[range.end..].trim_start_matches(' ').len();
    range.start..range.end + blanks
}

fn other(text: &str, at: Range<usize>, said: &str, expected: Option<&[Expected]>) -> Finding {
    let expected = expected.unwrap_or_default().iter().map(|it| match it {
        Expected::Literal("\n") => "the end of the line".to_owned(),
        Expected::Literal(literal) => format!("`{}`", literal.escape_debug()),
        Expected::Description(words) => (*words).to_owned(),
        _ => "something else".to_owned(),
    });
    let expected: Vec<_> = expected.collect();
    let found = first(&text[at.start..]);
    let message = if expected.is_empty() {
        format!("{said}, found {found}")
    } else {
        format!("{said}: expected {}, found {found}", expected.join(", "))
    };
    Finding::new(at, message)
}
