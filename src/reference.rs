//! The reference of all keys as Markdown, from the tables that declare them.

use std::collections::BTreeSet;

use toml::Value;

use crate::kind::KINDS;
use crate::spec::document::MainSpec;
use crate::spec::write::string;
use crate::spec::{Form, Key, Keys, Presence, Table};

const HEAD: &str = "# Reference\n\n\
    Every key of a spec: what it may be, what holds where it is absent, and an example. `hostwright explain KEY` prints \
    the same for one key, `hostwright schema` for editors. A table stands as `[kind.NAME]`; NAME is yours.\n\n\
    This file is written by `hostwright reference tests/hosts/*.toml`.\n";

/// Longest example on one line.
const WIDTH: usize = 100;

/// Writes the reference; examples come from specs.
#[must_use]
pub fn markdown(specs: &[toml::Table]) -> String {
    let examples: Vec<Value> = specs.iter().cloned().map(Value::Table).collect();
    let mut writer = Writer { text: HEAD.to_owned(), seen: BTreeSet::new(), shared: Vec::new() };
    writer.table("Before the first header", MainSpec::KEYS, "", &examples.iter().collect::<Vec<_>>());
    for kind in KINDS {
        let tables = examples.iter().filter_map(|it| it.get(kind.word())?.as_table());
        let bodies: Vec<_> = tables.flat_map(|it| it.iter().map(|(_, body)| body)).collect();
        let header = format!("{}.NAME", kind.word());
        writer.table(&format!("`[{header}]`"), kind.keys(), &header, &bodies);
    }
    let mut at = 0;
    while let Some((keys, bodies)) = writer.shared.get(at).cloned() {
        let bodies: Vec<_> = bodies.iter().collect();
        writer.table(&title(keys), keys, "", &bodies);
        at += 1;
    }
    writer.text
}

struct Writer {
    text: String,
    /// Docs of tables that are written already.
    seen: BTreeSet<&'static str>,
    /// Keys that several tables have, with tables of specs that have them.
    shared: Vec<(&'static Keys, Vec<Value>)>,
}

impl Writer {
    fn table(&mut self, title: &str, keys: &'static Keys, header: &str, examples: &[&Value]) {
        self.text.push_str(&format!("\n## {title}\n\n{}", unindented(keys.doc)));
        self.seen.insert(keys.doc);
        for block in keys.blocks {
            self.share(block, examples);
            let title = self::title(block);
            self.text.push_str(&format!(
                "\nIt has the [{}](#{}), too.\n",
                title.to_lowercase(),
                anchor(&title)
            ));
        }
        let mut inner = Vec::new();
        for key in keys.own {
            let values: Vec<&Value> = examples.iter().filter_map(|it| it.get(key.name)).collect();
            self.text.push_str(&page(key, header, &values));
            inner.extend(inside(key, header, &values));
        }
        for (header, keys, values) in inner {
            if !self.seen.contains(keys.doc) {
                let values: Vec<_> = values.iter().collect();
                self.table(&format!("`[{header}]`"), keys, &header, &values);
            }
        }
    }

    fn share(&mut self, block: &'static Keys, examples: &[&Value]) {
        let at = self.shared.iter().position(|it| it.0.doc == block.doc).unwrap_or_else(|| {
            self.shared.push((block, Vec::new()));
            self.shared.len() - 1
        });
        self.shared[at].1.extend(examples.iter().copied().cloned());
    }
}

/// Returns the tables that a key holds: header, declaration, tables of specs.
fn inside(key: &'static Key, header: &str, values: &[&Value]) -> Option<(String, &'static Keys, Vec<Value>)> {
    let path = join(header, key.name);
    let below = |value: &&Value| match value {
        Value::Array(items) => items.clone(),
        Value::Table(tables) => tables.iter().map(|(_, body)| body.clone()).collect(),
        _ => Vec::new(),
    };
    match &key.form {
        Form::Table(keys) => Some((path, keys, values.iter().copied().cloned().collect())),
        Form::List(Form::Table(keys)) => Some((path, keys, values.iter().flat_map(below).collect())),
        Form::Named(keys) => Some((format!("{path}.NAME"), keys, values.iter().flat_map(below).collect())),
        Form::Value(..) | Form::OneOf(_) | Form::List(_) => None,
    }
}

fn join(header: &str, key: &str) -> String {
    if header.is_empty() { key.to_owned() } else { format!("{header}.{key}") }
}

fn page(key: &Key, header: &str, values: &[&Value]) -> String {
    let presence = match key.presence {
        Presence::Required => "required".to_owned(),
        Presence::Optional => "optional".to_owned(),
        Presence::Default(text) => format!("default `{text}`"),
    };
    let form = key.form.words();
    let path = join(&header.replace(".NAME", ""), key.name);
    let mut text = format!("\n### `{path}`\n\n*{form}; {presence}; since language {}*\n\n", key.since);
    text.push_str(&unindented(key.doc));
    if !key.also.is_empty() {
        let words: Vec<_> = key.also.iter().map(|it| format!("`{it}`")).collect();
        text.push_str(&format!("\nOthers call it {}.\n", words.join(", ")));
    }
    if let Some(example) = example(key, values) {
        text.push_str(&format!("\n```toml\n{example}\n```\n"));
    }
    text
}

/// Returns the first example that is short enough; tables have theirs at their keys.
fn example(key: &Key, values: &[&Value]) -> Option<String> {
    if matches!(key.form, Form::Named(_)) {
        return None;
    }
    let all = values.iter().filter(|it| !matches!(it, Value::Array(items) if items.is_empty()));
    let lines: Vec<_> = all.map(|it| format!("{} = {}", key.name, inline(it))).collect();
    let short = lines.iter().find(|it| it.chars().count() <= WIDTH);
    let whole = if matches!(key.form, Form::Table(_)) { None } else { lines.first() };
    short.or(whole).cloned()
}

fn inline(value: &Value) -> String {
    let list = |parts: Vec<String>| parts.join(", ");
    match value {
        Value::String(text) => string(text),
        Value::Array(items) => format!("[{}]", list(items.iter().map(inline).collect())),
        Value::Table(table) => {
            let pair = |(key, value): (&String, &Value)| format!("{key} = {}", inline(value));
            format!("{{ {} }}", list(table.iter().map(pair).collect()))
        }
        other => other.to_string(),
    }
}

/// Returns the title of keys that several tables have: what their doc begins with.
fn title(keys: &Keys) -> String {
    let first = unindented(keys.doc);
    first
        .lines()
        .next()
        .unwrap_or_default()
        .trim_end_matches('.')
        .split([':', '.'])
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn anchor(title: &str) -> String {
    let kept = |it: &char| it.is_alphanumeric() || "-_ ".contains(*it);
    title.to_lowercase().chars().filter(kept).map(|it| if it == ' ' { '-' } else { it }).collect()
}

fn unindented(doc: &str) -> String {
    let lines: Vec<_> = doc.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n").trim_end().to_owned() + "\n"
}
