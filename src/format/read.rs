//! A text as tables, keys and values with the comments around them.

use std::borrow::Cow;

use toml_parser::Source;
use toml_parser::parser::{Event, EventKind};

use super::{Brackets, Document, Element, Entry, Line, Table, Value};
use crate::spec::syntax;

/// Reads a text that is TOML.
pub(super) fn document(text: &str) -> Document {
    let mut reader = Reader { text, events: syntax::events(text), at: 0 };
    let mut document = Document { tables: vec![Table::default()], ..Document::default() };
    let mut above = reader.lines();
    document.head = head(&mut above);
    document.is_glued = above.first() != Some(&Line::Blank);
    while let Some(kind) = reader.kind() {
        match kind {
            EventKind::StdTableOpen | EventKind::ArrayTableOpen => {
                document.has_arrays |= kind == EventKind::ArrayTableOpen;
                let table = reader.header(&mut document.tables, above);
                document.tables.push(table);
            }
            EventKind::SimpleKey => {
                let entry = reader.entry(above);
                let last = document.tables.len() - 1;
                document.tables[last].entries.push(entry);
            }
            _ => reader.at += 1,
        }
        above = reader.lines();
    }
    let last = document.tables.len() - 1;
    document.tables[last].below.extend(trimmed(above));
    document
}

/// Takes the comments on the whole text away from what stands before its first line of code: those for programs, and
/// a block with an empty line behind it.
fn head(lines: &mut Vec<Line>) -> Vec<Line> {
    let block = lines.iter().position(|it| *it == Line::Blank);
    let is_directive = |it: &Line| matches!(it, Line::Comment(text) if text.starts_with("#:"));
    let directives = lines.iter().take_while(|it| is_directive(it)).count();
    let length = block.filter(|at| *at > 0).unwrap_or(directives);
    lines.drain(..length).collect()
}

/// Drops empty lines at both ends.
fn trimmed(mut lines: Vec<Line>) -> Vec<Line> {
    while lines.last() == Some(&Line::Blank) {
        lines.pop();
    }
    let blanks = lines.iter().take_while(|it| **it == Line::Blank).count();
    lines.drain(..blanks);
    lines
}

struct Reader<'t> {
    text: &'t str,
    events: Vec<Event>,
    at: usize,
}

impl Reader<'_> {
    fn kind(&self) -> Option<EventKind> {
        self.events.get(self.at).map(Event::kind)
    }

    fn shown(&self, event: &Event) -> String {
        self.text[event.span().start()..event.span().end()].to_owned()
    }

    fn skip_blanks(&mut self) {
        while self.kind() == Some(EventKind::Whitespace) {
            self.at += 1;
        }
    }

    /// Reads comments and empty lines.
    fn lines(&mut self) -> Vec<Line> {
        let (mut lines, mut breaks) = (Vec::new(), 1);
        while let Some(event) = self.events.get(self.at) {
            match event.kind() {
                EventKind::Whitespace => {}
                EventKind::Newline => breaks += 1,
                EventKind::Comment => {
                    if breaks > 1 {
                        lines.push(Line::Blank);
                    }
                    lines.push(Line::Comment(self.shown(event).trim_end().to_owned()));
                    breaks = 0;
                }
                _ => break,
            }
            self.at += 1;
        }
        if breaks > 1 {
            lines.push(Line::Blank);
        }
        lines
    }

    /// Reads the comment on the same line, and the end of the line.
    fn beside(&mut self) -> Option<String> {
        self.skip_blanks();
        let comment = self.events.get(self.at).filter(|it| it.kind() == EventKind::Comment);
        let comment = comment.map(|it| self.shown(it).trim_end().to_owned());
        self.at += usize::from(comment.is_some());
        self.at += usize::from(self.kind() == Some(EventKind::Newline));
        comment
    }

    /// Reads a key up to what ends it; returns its words and how they are written.
    fn key(&mut self, end: &[EventKind]) -> (Vec<String>, String) {
        let (mut path, mut written) = (Vec::new(), Vec::new());
        while let Some(event) = self.events.get(self.at) {
            self.at += 1;
            if end.contains(&event.kind()) {
                break;
            }
            if event.kind() == EventKind::SimpleKey {
                let mut word = Cow::Borrowed("");
                if let Some(raw) = Source::new(self.text).get(event) {
                    raw.decode_key(&mut word, &mut ());
                }
                path.push(word.into_owned());
                written.push(self.shown(event));
            }
        }
        (path, written.join("."))
    }

    /// Reads a header; comments right below the line before it stay with the table before.
    fn header(&mut self, tables: &mut [Table], mut above: Vec<Line>) -> Table {
        let open = self.shown(&self.events[self.at]);
        let close = if open == "[[" { "]]" } else { "]" };
        self.at += 1;
        let (path, key) = self.key(&[EventKind::StdTableClose, EventKind::ArrayTableClose]);
        if let Some(before) = tables.last_mut().filter(|it| !it.header.is_empty() || !it.entries.is_empty())
            && let Some(blank) = above.iter().position(|it| *it == Line::Blank)
        {
            before.below.extend(above.drain(..blank));
        }
        while above.first() == Some(&Line::Blank) {
            above.remove(0);
        }
        let header = format!("{open}{key}{close}");
        Table { above, path, header, beside: self.beside(), ..Table::default() }
    }

    fn entry(&mut self, above: Vec<Line>) -> Entry {
        let (path, key) = self.key(&[EventKind::KeyValSep]);
        self.skip_blanks();
        let value = self.value();
        Entry { above, path, key, value, beside: self.beside() }
    }

    fn value(&mut self) -> Value {
        let event = self.events[self.at];
        self.at += 1;
        match event.kind() {
            EventKind::ArrayOpen => Value::Array(self.items(
                EventKind::ArrayClose,
                |reader, above| Element { above, value: reader.value(), beside: None },
                |it: &mut Element| &mut it.beside,
            )),
            EventKind::InlineTableOpen => Value::Table(self.items(
                EventKind::InlineTableClose,
                |reader, above| {
                    let (path, key) = reader.key(&[EventKind::KeyValSep]);
                    reader.skip_blanks();
                    Entry { above, path, key, value: reader.value(), beside: None }
                },
                |it: &mut Entry| &mut it.beside,
            )),
            _ => Value::Plain(self.shown(&event)),
        }
    }

    /// Reads what stands between brackets up to the closing one.
    fn items<T>(
        &mut self,
        close: EventKind,
        read: impl Fn(&mut Self, Vec<Line>) -> T,
        beside: impl Fn(&mut T) -> &mut Option<String>,
    ) -> Brackets<T> {
        let mut items: Vec<T> = Vec::new();
        self.skip_blanks();
        let is_broken = matches!(self.kind(), Some(EventKind::Newline | EventKind::Comment));
        let (mut above, mut same_line) = (Vec::new(), false);
        loop {
            self.skip_blanks();
            match self.kind() {
                Some(EventKind::Comment) if same_line => {
                    let comment = self.shown(&self.events[self.at]).trim_end().to_owned();
                    self.at += 1;
                    match items.last_mut() {
                        Some(item) => *beside(item) = Some(comment),
                        None => above.push(Line::Comment(comment)),
                    }
                    same_line = false;
                }
                Some(EventKind::Comment | EventKind::Newline) => {
                    let begins = self.kind() == Some(EventKind::Newline);
                    self.at += usize::from(begins);
                    above.extend(self.lines().into_iter().filter(|it| *it != Line::Blank));
                    same_line = false;
                }
                Some(EventKind::ValueSep) => self.at += 1,
                Some(kind) if kind == close => break self.at += 1,
                Some(_) => {
                    items.push(read(self, std::mem::take(&mut above)));
                    same_line = true;
                }
                None => break,
            }
        }
        Brackets { inside: items, is_broken, below: above }
    }
}
