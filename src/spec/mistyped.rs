//! Values of another type than the key asks for: what stands there, and what was meant.

use std::borrow::Cow;

use toml::de::DeValue;

use super::keys::{Form, Keys, Presence, Scalar};
use super::place::Place;
use super::read::Read;
use super::reader::{Cx, Node};
use super::write::string;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{Located, Span};

/// Makes the error that a value at a place is not what it must be.
pub(super) fn mistyped(place: &Place, node: Node<'_>, form: &str) -> Diagnostic {
    let subject = place.subject();
    let is_secret = place.is_secretive() && node.value.is_str();
    let found = if is_secret { "a string, not repeated here".to_owned() } else { found(node.value) };
    let message = format!("{subject} must be {form}, found {found}");
    Diagnostic::error(Code::InvalidValue, node.span, message)
}

/// Longest text that a message repeats.
const SHOWN: usize = 40;

/// Says what stands somewhere.
fn found(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) if text.chars().count() > SHOWN => {
            format!("the string {:?}", text.chars().take(SHOWN).chain(['…']).collect::<String>())
        }
        DeValue::String(text) => format!("the string {text:?}"),
        DeValue::Integer(number) => format!("the number {number}"),
        DeValue::Float(number) => format!("the number {number}"),
        DeValue::Boolean(value) => format!("`{value}`"),
        DeValue::Datetime(time) => format!("the time {time}"),
        DeValue::Array(_) => "an array".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// Says how a table is written; with the string that stands in its place where only one key can be meant.
pub(super) fn table_hint(value: &DeValue<'_>, keys: &Keys) -> String {
    let mut required = keys.all().filter(|it| matches!(it.presence, Presence::Required));
    if let (Some(key), None, Some(text)) = (required.next(), required.next(), value.as_str())
        && matches!(key.form, Form::Value(Scalar::Text | Scalar::Like(_), _))
    {
        return format!("write `{{ {} = {} }}`", key.name, string(text));
    }
    format!("its keys: {}", keys.listed())
}

/// Refuses a value where an array of such values belongs.
pub(super) fn alone<T: Read>(key_span: Span, node: Node<'_>, cx: &mut Cx<'_>) -> Option<Vec<Located<T>>> {
    let diagnostic = mistyped(&cx.place, Node { span: key_span, ..node }, "an array");
    let [start, end] = [node.span.start, node.span.end].map(|at| Span { start: at, end: at, ..node.span });
    let diagnostic = if node.value.is_table() {
        diagnostic.hint(format!("put it into brackets, `[{{ … }}]`; as a header it is `[[{}]]`", cx.place))
    } else if let Some(parts) = divided::<T>(node, cx) {
        diagnostic.hint(format!("write `{parts}`")).suggest(node.span, parts)
    } else if T::read(node, cx).is_some() {
        // A command with its arguments is several strings; only the author knows where they end.
        if node.value.as_str().is_some_and(|it| it.contains(char::is_whitespace)) {
            diagnostic.hint("put it into brackets: several words are mostly several strings")
        } else {
            diagnostic.hint("put it into brackets").suggest(start, "[").suggest(end, "]")
        }
    } else {
        diagnostic
    };
    cx.diagnostics.push(diagnostic);
    None
}

/// Returns the array that a string with commas was meant to be, as TOML.
fn divided<T: Read>(node: Node<'_>, cx: &Cx<'_>) -> Option<String> {
    let text = node.value.as_str().filter(|it| it.contains(','))?;
    let (mut diagnostics, mut references) = (Diagnostics::default(), Vec::new());
    let mut scratch = Cx {
        source: cx.source,
        diagnostics: &mut diagnostics,
        references: &mut references,
        place: Place::default(),
    };
    let parts: Vec<_> = text.split(',').map(str::trim).collect();
    for part in &parts {
        let value = DeValue::String(Cow::Borrowed(part));
        T::read(Node { value: &value, ..node }, &mut scratch)?;
    }
    let parts: Vec<_> = parts.into_iter().map(string).collect();
    diagnostics.is_empty().then(|| format!("[{}]", parts.join(", ")))
}
