//! Texts to tables: the main file, what it includes, and which kind reads which table.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::host::HostTable;
use super::lints::AllowSpec;
use super::names::Reference;
use super::place::Place;
use super::read::Read;
use super::reader::{Cx, Node, node};
use super::safety::SafetyTable;
use super::{include, syntax, unknown};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::keys;
use crate::kind::{Item, KINDS};
use crate::source::{Located, Source, SourceId, Span};
use crate::value::Text;

/// Languages this version speaks.
pub const LANGUAGES: std::ops::RangeInclusive<u32> = 1..=1;

keys! {
    /// Keys before the first header, and the host's own table.
    pub struct MainSpec {
        /// Language of the spec; it owns defaults and meanings.
        ///
        /// A newer hostwright renders an older language as before.
        default language: u32 = "1",
        /// Files whose tables belong to this spec, relative to the main file.
        ///
        /// A table stands whole in one file; there are no overrides. Only the main file includes.
        list include: Text,
        /// The host itself.
        required host: HostTable,
        /// What a change may disturb, and how it is watched.
        optional safety: SafetyTable,
        /// Warnings that are meant so: `CODE = { allow = "why" }`.
        named lints: AllowSpec,
    }
}

/// The texts of a spec.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The main file, then what it includes, in its order.
    pub files: Vec<Source>,
    /// Included files that could not be read: where they are named, and why.
    unreadable: Vec<(Span, String)>,
}

impl Sources {
    /// Makes a spec of one text without includes.
    #[must_use]
    pub fn single(name: &str, text: &str) -> Self {
        Self { files: vec![Source::new(name, text)], unreadable: Vec::new() }
    }

    /// Reads what the main file includes with a function from path as written to name and text.
    pub fn load(main: &Source, mut read: impl FnMut(&str) -> Result<Source, String>) -> Self {
        let mut files = vec![main.clone()];
        let mut unreadable = Vec::new();
        for path in include::all(main, SourceId(0)) {
            let found = if path.value.starts_with('/') {
                Err("a path is relative to the main file".to_owned())
            } else if include::position(&files[..1], &path.value).is_some() {
                Err("it is the main file, which is there already".to_owned())
            } else {
                read(&path.value)
            };
            match found {
                Ok(source) => files.push(source),
                Err(reason) => {
                    // The number says nothing that the words before it do not.
                    let reason = reason.split(" (os error ").next().unwrap_or_default();
                    unreadable
                        .push((path.span, format!("cannot read `{}`: {reason}", path.value.escape_debug())));
                }
            }
        }
        Self { files, unreadable }
    }

    /// Joins all files to one text that means the same: what `applied.toml` holds.
    #[must_use]
    pub fn concatenated(&self) -> String {
        let Some((main, included)) = self.files.split_first() else {
            return String::new();
        };
        let mut text = without_include(&main.text);
        for source in included {
            text.push_str(&format!("\n# from {}\n", source.name));
            text.push_str(&source.text);
            text.push('\n');
        }
        text
    }
}

fn without_include(text: &str) -> String {
    let (table, _) = syntax::parse(text);
    match table.get_key_value("include") {
        Some((key, value)) => {
            let (before, after) = (&text[..key.span().start], &text[value.span().end..]);
            format!("{before}# included below{after}\n")
        }
        None => text.to_owned(),
    }
}

/// The spec as written: every table read by its kind.
#[derive(Debug)]
pub struct HostSpec {
    /// Main table; absent where it could not be read.
    pub main: Option<MainSpec>,
    /// Tables of the kinds, in the order of kind and name.
    pub items: Vec<Box<dyn Item>>,
    /// Names that the tables refer to, those of tables with other mistakes too.
    pub references: Vec<Reference>,
    /// Whether a text is not TOML: what tables say about each other cannot be known.
    pub is_broken: bool,
}

/// Reads all texts; what cannot be read is a diagnostic.
pub fn parse(sources: &Sources, diagnostics: &mut Diagnostics) -> HostSpec {
    for (span, message) in &sources.unreadable {
        diagnostics.push(Diagnostic::error(Code::IncludeUnreadable, *span, message.as_str()));
    }
    let mut main = None;
    let mut items = Vec::new();
    let mut references = Vec::new();
    let mut seen = BTreeMap::new();
    let mut is_broken = false;
    for (at, source) in sources.files.iter().enumerate() {
        let place = Place::default();
        let mut cx = Cx { source: SourceId(at), diagnostics, references: &mut references, place };
        let (mut document, is_whole) = syntax::parse(&source.text);
        let readable = if is_whole { None } else { syntax::check(cx.source, &source.text, cx.diagnostics) };
        if let Some(readable) = &readable {
            document = syntax::parse(&readable.text).0;
        }
        if at == 0 {
            main = read_main(&document, &mut cx);
        } else {
            refuse_main_keys(&document, &sources.files, &mut cx);
        }
        read_kinds(&document, &mut seen, &mut items, &mut cx);
        if let Some(readable) = &readable {
            let lost = |it: &Diagnostic| is_lost(it, SourceId(at), readable);
            diagnostics.retain(|it| !lost(it));
            is_broken = true;
        }
    }
    if sources.files.len() > 1 && !diagnostics.has_errors() {
        check_concatenation(sources, diagnostics);
    }
    HostSpec { main, items, references, is_broken }
}

/// Says whether a key is only missing because its line could not be read.
fn is_lost(diagnostic: &Diagnostic, source: SourceId, readable: &syntax::Readable) -> bool {
    let span = diagnostic.span();
    diagnostic.code == Code::MissingKey
        && span.source == source
        && (span.start == span.end || readable.broken.iter().any(|it| it.contains(&span.start)))
}

fn is_main_key(name: &str) -> bool {
    <MainSpec as super::Table>::KEYS.all().any(|key| key.name == name)
}

fn read_main(document: &DeTable<'_>, cx: &mut Cx<'_>) -> Option<MainSpec> {
    let own: DeTable<'_> = document
        .iter()
        .filter(|(key, _)| is_main_key(key.get_ref()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let node = Node { value: &DeValue::Table(own), span: cx.span(&(0..0)) };
    let main = MainSpec::read(node, cx)?;
    if !LANGUAGES.contains(&main.language.value) {
        let message = format!(
            "language {} is not known, this hostwright speaks up to {}",
            main.language.value,
            LANGUAGES.end()
        );
        let hint = "a newer hostwright may know it; without the key it is 1";
        cx.diagnostics.push(Diagnostic::error(Code::Language, main.language.span, message).hint(hint));
    }
    Some(main)
}

fn refuse_main_keys(document: &DeTable<'_>, files: &[Source], cx: &mut Cx<'_>) {
    for key in document.keys().filter(|key| is_main_key(key.get_ref())) {
        let cycle = (key.get_ref() == "include").then(|| include::cycle(files, cx.source)).flatten();
        if let Some(cycle) = cycle {
            cx.diagnostics.push(cycle);
            continue;
        }
        let message = format!("`{}` belongs to the main file", key.get_ref());
        let span = cx.span(&key.span());
        let hint = "move it there: included files hold tables alone";
        cx.diagnostics.push(Diagnostic::error(Code::IncludeForm, span, message).hint(hint));
    }
}

type Seen = BTreeMap<(&'static str, String), Span>;

fn read_kinds(document: &DeTable<'_>, seen: &mut Seen, items: &mut Vec<Box<dyn Item>>, cx: &mut Cx<'_>) {
    for (key, value) in document.iter().filter(|(key, _)| !is_main_key(key.get_ref())) {
        let Some(kind) = KINDS.iter().find(|kind| kind.word() == key.get_ref()) else {
            unknown::refuse_kind(key, value, document, cx);
            continue;
        };
        let span = cx.span(&key.span());
        let DeValue::Table(tables) = value.get_ref() else {
            let form = format!("tables with names, `[{}.NAME]`", kind.word());
            cx.at(Place::default().below(kind.word()), |cx| {
                cx.wrong_type::<()>(node(span, value, cx), &form)
            });
            continue;
        };
        for (name, body) in tables {
            let place = cx.span(&name.span());
            if let Some(first) = seen.insert((kind.word(), name.get_ref().to_string()), place) {
                let message =
                    format!("`[{}.{}]` stands in two files", kind.word(), name.get_ref().escape_debug());
                let diagnostic = Diagnostic::error(Code::DuplicateTable, place, message);
                cx.diagnostics
                    .push(diagnostic.also(first, "first here").hint("join them in one of the files"));
                continue;
            }
            let table = Place::default().below(kind.word()).below(name.get_ref());
            let named = Located::new(name.get_ref().as_ref(), place);
            items.push(cx.at(table, |cx| kind.read(named, node(place, body, cx), cx)));
        }
    }
}

/// Refuses included files that mean something else once they stand behind the main file.
fn check_concatenation(sources: &Sources, diagnostics: &mut Diagnostics) {
    let mut apart = toml::Table::new();
    for source in &sources.files {
        if let Ok(table) = source.text.parse::<toml::Table>() {
            merge(&mut apart, table);
        }
    }
    apart.remove("include");
    if sources.concatenated().parse::<toml::Table>().ok().as_ref() != Some(&apart) {
        let span = Span { source: SourceId(1), start: 0, end: 0 };
        let message = "an included file holds tables under headers of their own, `[kind.name]`, and nothing before them";
        diagnostics.push(Diagnostic::error(Code::IncludeForm, span, message));
    }
}

fn merge(into: &mut toml::Table, from: toml::Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(toml::Value::Table(into)), toml::Value::Table(from)) => into.extend(from),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}
