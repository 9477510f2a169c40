//! The order of keys, that of the language, and of tables.

use super::{Document, Entry, Line, Order, Table, Value};
use crate::kind::KINDS;
use crate::spec::document::MainSpec;
use crate::spec::{Form, Keys, Table as _};

/// Sorts tables and keys. Tables inside of another follow it. Keys on both sides of an empty line keep their order.
pub(super) fn sort(document: &mut Document, by: Order) {
    for table in &mut document.tables {
        sort_entries(&mut table.entries, keys_at(&table.path));
    }
    if document.has_arrays || document.tables.len() < 3 {
        return;
    }
    let mut tables: Vec<Table> = document.tables.drain(1..).collect();
    let mut groups: Vec<(Vec<String>, Vec<Table>)> = Vec::new();
    for table in tables.drain(..) {
        let name = group(&table.path);
        match groups.iter_mut().find(|it| it.0 == name) {
            Some((_, tables)) => tables.push(table),
            None => groups.push((name, vec![table])),
        }
    }
    for (name, tables) in &mut groups {
        tables.sort_by_key(|it| it.path.len() > name.len());
    }
    // The first table has no comment that divides, whichever it is by now.
    let divided = groups.iter().flat_map(|it| &it.1).skip(1).any(|it| it.above.contains(&Line::Blank));
    if by == Order::ByKind && !divided {
        groups.sort_by_key(|(name, _)| rank(name.first().map_or("", String::as_str)));
    }
    document.tables.extend(groups.into_iter().flat_map(|it| it.1));
}

/// Returns what holds a table together: `host`, or kind and name.
fn group(path: &[String]) -> Vec<String> {
    let is_main = path.first().is_some_and(|word| MainSpec::KEYS.all().any(|key| key.name == word));
    path.iter().take(if is_main { 1 } else { 2 }).cloned().collect()
}

/// Returns the place of a first word: main tables, kinds, what nobody knows.
fn rank(word: &str) -> usize {
    let main = MainSpec::KEYS.all().map(|key| key.name);
    let words = main.chain(KINDS.iter().map(|kind| kind.word()));
    words.enumerate().find(|(_, it)| *it == word).map_or(usize::MAX, |(at, _)| at)
}

/// Returns the declaration of the table at a path; absent: there is none.
fn keys_at(path: &[String]) -> Option<&'static Keys> {
    let mut words = path.iter();
    let Some(first) = words.next() else { return Some(MainSpec::KEYS) };
    let kind = KINDS.iter().find(|kind| kind.word() == first);
    let mut keys = if let Some(kind) = kind {
        words.next();
        kind.keys()
    } else {
        table_of(MainSpec::KEYS, first)?.0
    };
    while let Some(word) = words.next() {
        let (inner, is_named) = table_of(keys, word)?;
        if is_named {
            words.next();
        }
        keys = inner;
    }
    Some(keys)
}

/// Returns the declaration of the tables that a key holds, and whether they have names.
fn table_of(keys: &Keys, word: &str) -> Option<(&'static Keys, bool)> {
    match &keys.all().find(|key| key.name == word)?.form {
        Form::Table(keys) | Form::List(Form::Table(keys)) => Some((keys, false)),
        Form::Named(keys) => Some((keys, true)),
        Form::Value(..) | Form::OneOf(_) | Form::List(_) => None,
    }
}

fn sort_entries(entries: &mut [Entry], keys: Option<&'static Keys>) {
    let Some(keys) = keys else { return };
    for entry in entries.iter_mut() {
        sort_inside(&mut entry.value, keys_below(keys, &entry.path));
    }
    let place = |entry: &Entry| {
        let word = entry.path.first().map_or("", String::as_str);
        keys.all().position(|key| key.name == word).unwrap_or(usize::MAX)
    };
    let is_divided = |at: &usize| *at > 0 && entries[*at].above.contains(&Line::Blank);
    let mut bounds: Vec<_> = (0..entries.len()).filter(is_divided).collect();
    bounds.push(entries.len());
    let mut start = 0;
    for end in bounds {
        let division = if start > 0 { take_division(&mut entries[start]) } else { Vec::new() };
        entries[start..end].sort_by_key(place);
        if !division.is_empty() {
            entries[start].above.splice(0..0, division);
        }
        start = end;
    }
}

/// Takes what stands before a paragraph away from its first key: everything up to the last empty line, with comments that
/// belong to no key.
fn take_division(entry: &mut Entry) -> Vec<Line> {
    let end = entry.above.iter().rposition(|it| *it == Line::Blank).map_or(0, |it| it + 1);
    entry.above.drain(..end).collect()
}

fn keys_below(keys: &'static Keys, path: &[String]) -> Option<&'static Keys> {
    let mut words = path.iter();
    let mut keys = keys;
    while let Some(word) = words.next() {
        let (inner, is_named) = table_of(keys, word)?;
        if is_named {
            words.next()?;
        }
        keys = inner;
    }
    Some(keys)
}

fn sort_inside(value: &mut Value, keys: Option<&'static Keys>) {
    match value {
        Value::Plain(_) => {}
        Value::Array(items) => items.inside.iter_mut().for_each(|it| sort_inside(&mut it.value, keys)),
        Value::Table(items) => sort_entries(&mut items.inside, keys),
    }
}
