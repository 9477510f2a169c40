//! All keys of the language with their paths, from the tables that declare them.

use std::sync::LazyLock;

use super::document::MainSpec;
use super::keys::{Form, Key, Keys, Table};
use crate::kind::KINDS;

/// A key with its path.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Path without names: `domain.disk.cache`.
    pub path: String,
    /// Header of the table that it stands in: `domain.NAME.disk.NAME`; empty before the first header.
    pub header: String,
    /// Declaration of that table.
    pub table: &'static Keys,
    /// The key itself.
    pub key: &'static Key,
}

/// Lists all keys, those of the main file first, then kind by kind.
#[must_use]
pub fn entries() -> &'static [Entry] {
    static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
        let mut found = Vec::new();
        collect(MainSpec::KEYS, "", "", &mut found);
        for kind in KINDS {
            let header = format!("{}.NAME", kind.word());
            collect(kind.keys(), kind.word(), &header, &mut found);
        }
        found
    });
    &ENTRIES
}

fn collect(table: &'static Keys, path: &str, header: &str, found: &mut Vec<Entry>) {
    let join =
        |left: &str, right: &str| if left.is_empty() { right.to_owned() } else { format!("{left}.{right}") };
    for key in table.all() {
        let below = join(path, key.name);
        found.push(Entry { path: below.clone(), header: header.to_owned(), table, key });
        let inner = join(header, key.name);
        match &key.form {
            Form::Table(keys) | Form::List(Form::Table(keys)) => collect(keys, &below, &inner, found),
            Form::Named(keys) => collect(keys, &below, &format!("{inner}.NAME"), found),
            Form::Value(..) | Form::OneOf(_) | Form::List(_) => {}
        }
    }
}
