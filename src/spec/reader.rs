//! Reader over a TOML tree that visits every key before it fails.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{Form, Keys, Table};
use super::mistyped::{alone, mistyped, table_hint};
use super::names::{Namespace, Reference};
use super::place::Place;
use super::read::{Named, Read, Word, read_word};
use super::unknown::refuse_keys;
use super::write::string;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Guess};
use crate::source::{Located, SourceId, Span};
use crate::value::{ItemName, TextValue};

/// A value of the tree and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Node<'t> {
    /// The value.
    pub value: &'t DeValue<'t>,
    /// Its bytes; for a table under a header, those of the last word of the header.
    pub span: Span,
}

/// Where findings about one source go.
#[derive(Debug)]
pub struct Cx<'d> {
    /// Source that is read.
    pub source: SourceId,
    /// All findings.
    pub diagnostics: &'d mut Diagnostics,
    /// Names that other tables must give.
    pub references: &'d mut Vec<Reference>,
    /// What is read.
    pub place: Place,
}

impl Cx<'_> {
    /// Reads what stands at a place.
    pub fn at<T>(&mut self, place: Place, read: impl FnOnce(&mut Self) -> T) -> T {
        let around = std::mem::replace(&mut self.place, place);
        let value = read(self);
        self.place = around;
        value
    }

    /// Places bytes of the source.
    #[must_use]
    pub const fn span(&self, range: &Range<usize>) -> Span {
        Span { source: self.source, start: range.start, end: range.end }
    }

    /// Adds an error about a node.
    pub fn error(&mut self, code: Code, node: Node<'_>, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(code, node.span, message));
    }

    /// Adds an error about a node and returns nothing.
    pub fn refuse<T>(&mut self, code: Code, node: Node<'_>, message: impl Into<String>) -> Option<T> {
        self.error(code, node, message);
        None
    }

    /// Adds an error about a string with a guess what it was meant to be.
    pub fn unknown(&mut self, code: Code, node: Node<'_>, message: String, guess: Option<Guess<'_>>) {
        self.diagnostics
            .push(Diagnostic::error(code, node.span, message).meant(guess, node.span, |it| string(it)));
    }

    /// Adds the error that a value has another type.
    pub fn wrong_type<T>(&mut self, node: Node<'_>, form: &str) -> Option<T> {
        self.diagnostics.push(mistyped(&self.place, node, form));
        None
    }

    /// Adds the error that a value has another type; `mended` is what was meant for certain, as TOML.
    pub fn mistyped<T>(&mut self, node: Node<'_>, form: &str, mended: Option<String>) -> Option<T> {
        let diagnostic = mistyped(&self.place, node, form);
        self.diagnostics.push(match mended {
            Some(mended) => diagnostic.hint(format!("write `{mended}`")).suggest(node.span, mended),
            None => diagnostic,
        });
        None
    }

    /// Adds the error that a value is no table, with the keys that one would have.
    pub fn no_table<T>(&mut self, node: Node<'_>, keys: &Keys) -> Option<T> {
        let hint = match self.place.divided() {
            Some((around, name)) if keys.all().any(|it| it.name == name) => {
                format!("`{name}` is a key of `[{around}.NAME]`: the header lacks the name")
            }
            _ => table_hint(node.value, keys),
        };
        self.diagnostics.push(mistyped(&self.place, node, "a table").hint(hint));
        None
    }

    /// Takes up a name that some table must give; whoever holds it may use it, for a spec with an unknown name
    /// does not compile.
    pub fn refer(&mut self, namespace: Namespace, name: &str, span: Span) {
        self.references.push(Reference { namespace, name: name.to_owned(), span, is_whole: true });
    }

    /// Takes up a name that is a part of what stands at the place.
    pub fn refer_in(&mut self, namespace: Namespace, name: &str, span: Span) {
        self.references.push(Reference { namespace, name: name.to_owned(), span, is_whole: false });
    }

    /// Reads one of a few words.
    pub fn word<T: Word>(&mut self, node: Node<'_>) -> Option<T> {
        read_word(node, self)
    }
}

/// What a key holds.
enum Written<T> {
    Absent,
    /// Something that was reported.
    Refused,
    As(Located<T>),
}

/// Reader over one table.
#[derive(Debug)]
pub struct TableReader<'t, 'c> {
    table: &'t DeTable<'t>,
    span: Span,
    keys: &'static Keys,
    /// Known keys that an unknown one was probably meant to be: not reported as missing as well.
    guessed: BTreeSet<&'static str>,
    cx: Cx<'c>,
}

impl<'t> TableReader<'t, '_> {
    /// Reads a whole table: unknown keys, then every declared one.
    pub fn whole<T: Table>(node: Node<'t>, cx: &mut Cx<'_>) -> Option<T> {
        let DeValue::Table(table) = node.value else {
            return cx.no_table(node, T::KEYS);
        };
        let guessed = refuse_keys(table, T::KEYS, cx);
        let place = cx.place.clone();
        let cx = Cx { source: cx.source, diagnostics: cx.diagnostics, references: cx.references, place };
        T::read_keys(&mut TableReader { table, span: node.span, keys: T::KEYS, guessed, cx })
    }

    fn entry(&self, name: &str) -> Option<(Span, Node<'t>)> {
        let (key, value) = self.table.get_key_value(name)?;
        let key_span = self.cx.span(&key.span());
        Some((key_span, node(key_span, value, &self.cx)))
    }

    fn place_of(&self, name: &str) -> Place {
        let key = self.keys.all().find(|it| it.name == name);
        key.map_or_else(|| self.cx.place.below(name), |it| self.cx.place.key(it))
    }

    /// Reads a key that may be absent.
    fn value<T: Read>(&mut self, name: &str) -> Written<T> {
        let Some((_, node)) = self.entry(name) else { return Written::Absent };
        let read = self.cx.at(self.place_of(name), |cx| T::read(node, cx));
        read.map_or(Written::Refused, |value| Written::As(Located::new(value, node.span)))
    }

    /// Reads a key that must be there.
    pub fn required<T: Read>(&mut self, name: &'static str) -> Option<Located<T>> {
        match self.value(name) {
            Written::As(value) => return Some(value),
            Written::Absent if !self.guessed.contains(name) => {}
            Written::Absent | Written::Refused => return None,
        }
        let message = match (self.cx.place.in_table().as_str(), T::FORM) {
            ("", Form::Table(_)) => format!("table `[{name}]` is missing"),
            (table, _) => format!("key `{name}` is missing{table}"),
        };
        let hint = format!("`{name}` is {}", T::FORM.in_full());
        self.cx.diagnostics.push(Diagnostic::error(Code::MissingKey, self.span, message).hint(hint));
        None
    }

    /// Reads a key that need not be there; the outer absence is that of a readable value.
    pub fn optional<T: Read>(&mut self, name: &'static str) -> Option<Option<Located<T>>> {
        match self.value(name) {
            Written::As(value) => Some(Some(value)),
            Written::Absent => Some(None),
            Written::Refused => None,
        }
    }

    /// Reads a key for which a TOML text stands where it is absent.
    ///
    /// # Panics
    /// The declared default is not of the key's form; a test reads all defaults.
    pub fn default<T: Read>(&mut self, name: &'static str, default: &str) -> Option<Located<T>> {
        match self.value(name) {
            Written::As(value) => return Some(value),
            Written::Absent => {}
            Written::Refused => return None,
        }
        let value = DeValue::parse(default).expect("a declared default is TOML");
        let value = T::read(Node { value: value.get_ref(), span: self.span }, &mut self.cx);
        Some(Located::new(value.expect("a declared default has the key's form"), self.span))
    }

    /// Reads an array; absent: empty.
    pub fn list<T: Read>(&mut self, name: &'static str) -> Option<Vec<Located<T>>> {
        let Some((key_span, node)) = self.entry(name) else {
            return Some(Vec::new());
        };
        let DeValue::Array(array) = node.value else {
            return self.cx.at(self.place_of(name), |cx| alone::<T>(key_span, node, cx));
        };
        let place = self.place_of(name).item();
        let items = self.cx.at(place, |cx| array.iter().map(|it| item(it, cx)).collect::<Vec<_>>());
        items.into_iter().collect()
    }

    /// Reads a table of named tables; absent: none.
    pub fn named<T: Read>(&mut self, name: &'static str) -> Option<Vec<Named<T>>> {
        let Some((_, node)) = self.entry(name) else {
            return Some(Vec::new());
        };
        let place = self.place_of(name);
        let DeValue::Table(table) = node.value else {
            let form = format!("tables with names, `{name}.NAME`");
            return self.cx.at(place, |cx| cx.wrong_type(node, &form));
        };
        let body = |(key, value): (&_, &_), cx: &mut Cx<'_>| read_named(key, value, cx);
        let bodies = self.cx.at(place, |cx| table.iter().map(|it| body(it, cx)).collect::<Vec<_>>());
        bodies.into_iter().collect()
    }
}

fn item<T: Read>(item: &Spanned<DeValue<'_>>, cx: &mut Cx<'_>) -> Option<Located<T>> {
    let node = Node { value: item.get_ref(), span: cx.span(&item.span()) };
    T::read(node, cx).map(|value| Located::new(value, node.span))
}

fn read_named<T: Read>(
    key: &Spanned<std::borrow::Cow<'_, str>>,
    value: &Spanned<DeValue<'_>>,
    cx: &mut Cx<'_>,
) -> Option<Named<T>> {
    let span = cx.span(&key.span());
    let name = ItemName::parse(key.get_ref());
    let body = cx.at(cx.place.below(key.get_ref()), |cx| T::read(node(span, value, cx), cx));
    match name {
        Ok(name) => Some(Named { name: Located::new(name, span), body: body? }),
        Err(refusal) => {
            cx.diagnostics.push(Diagnostic::error(Code::InvalidName, span, refusal));
            None
        }
    }
}

/// Makes a node; a table is placed at its key, everything else at its own bytes.
pub(crate) fn node<'t>(key: Span, value: &'t Spanned<DeValue<'t>>, cx: &Cx<'_>) -> Node<'t> {
    let span = if value.get_ref().is_table() { key } else { cx.span(&value.span()) };
    Node { value: value.get_ref(), span }
}
