//! Keys and tables that stand twice in a text.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::DeTable;
use toml_parser::Source;
use toml_parser::parser::{Event, EventKind};

use super::bare::shown;
use super::{chunk, events};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{SourceId, Span};

/// Reports them with both places.
pub(super) fn report(source: SourceId, text: &str, diagnostics: &mut Diagnostics) {
    if chunk::is_deep(text) {
        return;
    }
    let (_, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return;
    }
    let written = written(text);
    for error in errors {
        let range = error.span().unwrap_or(0..0);
        let span = |it: &Range<usize>| Span { source, start: it.start, end: it.end };
        let Some((this, first)) = written.find(&range) else {
            let message = error.message().lines().collect::<Vec<_>>().join(", ");
            diagnostics.push(Diagnostic::error(Code::TomlSyntax, span(&range), message));
            continue;
        };
        let code =
            if this.path.len() == 2 && this.is_header { Code::DuplicateTable } else { Code::DuplicateKey };
        let name = shown(&this.path.join("."));
        let what = if this.is_header { format!("table `[{name}]`") } else { format!("key `{name}`") };
        let diagnostic = Diagnostic::error(code, span(&range), format!("{what} stands twice"));
        diagnostics.push(diagnostic.also(span(&first.range), "first here"));
    }
}

/// A name of a header, or of a key with what stands above it.
#[derive(Debug)]
struct Name {
    path: Vec<String>,
    range: Range<usize>,
    is_header: bool,
}

#[derive(Debug, Default)]
struct Written {
    names: Vec<Name>,
    by_start: BTreeMap<usize, usize>,
    /// The first name at or below each path.
    first: BTreeMap<Vec<String>, usize>,
}

impl Written {
    fn push(&mut self, name: Name) {
        let at = self.names.len();
        for length in 1..=name.path.len() {
            self.first.entry(name.path[..length].to_vec()).or_insert(at);
        }
        self.by_start.entry(name.range.start).or_insert(at);
        self.names.push(name);
    }

    /// Returns the name at a place, and the one that stood there first.
    fn find(&self, range: &Range<usize>) -> Option<(&Name, &Name)> {
        let at = *self.by_start.get(&range.start)?;
        let first = *self.first.get(&self.names[at].path)?;
        (first < at).then(|| (&self.names[at], &self.names[first]))
    }
}

/// Lists the names of a text.
fn written(text: &str) -> Written {
    let mut walk = Walk {
        text,
        written: Written::default(),
        header: Vec::new(),
        path: Vec::new(),
        in_header: false,
        joined: false,
        tables: Vec::new(),
    };
    for event in events(text) {
        walk.step(&event);
    }
    walk.written
}

struct Walk<'t> {
    text: &'t str,
    written: Written,
    header: Vec<String>,
    /// Where the next key stands.
    path: Vec<String>,
    in_header: bool,
    /// A dot was seen: the next name goes on.
    joined: bool,
    /// Paths of the tables in braces and arrays around.
    tables: Vec<Vec<String>>,
}

impl Walk<'_> {
    fn step(&mut self, event: &Event) {
        match event.kind() {
            EventKind::StdTableOpen | EventKind::ArrayTableOpen => {
                self.header.clear();
                (self.in_header, self.joined) = (true, true);
                self.path.clear();
            }
            EventKind::StdTableClose | EventKind::ArrayTableClose => {
                self.header.clone_from(&self.path);
                self.in_header = false;
            }
            EventKind::SimpleKey => self.name(event),
            EventKind::KeySep => self.joined = true,
            EventKind::InlineTableOpen => self.tables.push(self.path.clone()),
            EventKind::ArrayOpen => {
                let mut path = self.path.clone();
                path.push(format!("[{}]", event.span().start()));
                self.tables.push(path);
            }
            EventKind::ValueSep => {
                if let Some(array) =
                    self.tables.last_mut().filter(|it| it.last().is_some_and(|it| it.starts_with('[')))
                {
                    array.pop();
                    array.push(format!("[{}]", event.span().start()));
                    self.path.clone_from(array);
                }
            }
            EventKind::InlineTableClose | EventKind::ArrayClose => {
                self.path = self.tables.pop().unwrap_or_default();
            }
            _ => {}
        }
    }

    fn name(&mut self, event: &Event) {
        let mut name = Cow::Borrowed("");
        if let Some(raw) = Source::new(self.text).get(event) {
            raw.decode_key(&mut name, &mut ());
        }
        if !self.joined {
            self.path = self.tables.last().unwrap_or(&self.header).clone();
        }
        self.joined = false;
        self.path.push(name.into_owned());
        let range = event.span().start()..event.span().end();
        self.written.push(Name { path: self.path.clone(), range, is_header: self.in_header });
    }
}
