//! Keys and tables that the language does not have, and what was probably meant.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::document::MainSpec;
use super::keys::{Form, Key, Keys, Scalar, Table};
use super::reader::Cx;
use super::syntax::language::SECTIONS;
use super::tree::entries;
use super::write::key_text;
use crate::diagnostic::{Code, Diagnostic, Guess, guess};
use crate::kind::KINDS;

/// Most tables that a hint names.
const TABLES: usize = 3;

/// Refuses the keys of a table that are not declared; returns the declared ones that they were meant to be.
pub(super) fn refuse_keys(table: &DeTable<'_>, keys: &Keys, cx: &mut Cx<'_>) -> BTreeSet<&'static str> {
    let known = || keys.all().map(|key| key.name);
    let absent = || known().filter(|name| !table.contains_key(*name));
    let mut guessed = BTreeSet::new();
    for (key, value) in table.iter().filter(|(key, _)| !known().any(|name| name == key.get_ref())) {
        let word = key.get_ref().as_ref();
        let span = cx.span(&key.span());
        let message = format!("unknown key `{}`{}", word.escape_debug(), cx.place.in_table());
        let diagnostic = Diagnostic::error(Code::UnknownKey, span, message);
        let same = absent().find(|name| same(name, word)).map(|word| Guess { word, certain: true });
        let mut guess = same.or_else(|| guess(word, absent()));
        let diagnostic = if guess.is_some_and(|it| it.certain) {
            if let Some(guess) = &mut guess {
                guess.certain = guessed.insert(guess.word);
            }
            diagnostic.meant(guess, span, str::to_owned)
        } else if let Some((meant, advice)) = unlike(word, keys) {
            guessed.insert(meant.name);
            diagnostic.hint(advice)
        } else if let Some(called) = called(word, keys) {
            guessed.insert(called.name);
            diagnostic.hint(format!("it is called `{}` here{}", called.name, form(called)))
        } else if KINDS.iter().any(|it| it.word() == word) {
            diagnostic.hint(format!("`{word}` begins a table of its own: `[{word}.NAME]`"))
        } else if let Some(elsewhere) = elsewhere(word, keys) {
            diagnostic.hint(elsewhere)
        } else if let Some(guess) = guess {
            guessed.insert(guess.word);
            diagnostic.did_you_mean(Some(guess.word))
        } else if let (true, Some((kind, name))) = (value.get_ref().is_table(), cx.place.divided()) {
            let dotted = format!("{name}.{word}").escape_debug().to_string();
            diagnostic.hint(format!("a name with a dot stands in quotes: `[{kind}.\"{dotted}\"]`"))
        } else {
            diagnostic.hint(format!("known here: {}", keys.listed()))
        };
        cx.diagnostics.push(diagnostic);
    }
    guessed
}

/// Returns the key of a table that others call by a word.
fn called(word: &str, keys: &Keys) -> Option<&'static Key> {
    keys.all().find(|key| key.also.iter().any(|it| same(it, word)))
}

/// Returns the key of a table that a word of others comes near without meaning it, and what to write for it.
fn unlike(word: &str, keys: &Keys) -> Option<(&'static Key, &'static str)> {
    keys.all().find_map(|key| Some((key, key.unlike.iter().find(|it| same(it.0, word))?.1)))
}

/// Says what a key holds where the word of others mostly holds something else.
fn form(key: &Key) -> String {
    match key.form {
        Form::Value(Scalar::Text | Scalar::Like(_) | Scalar::Boolean, _) => String::new(),
        Form::Value(..) | Form::OneOf(_) | Form::Table(_) | Form::List(_) | Form::Named(_) => {
            format!(": {}", key.form.in_full())
        }
    }
}

/// Says whether two words differ at most in case, `-` and `_`: `MTUBytes` is `mtu-bytes`.
fn same(one: &str, other: &str) -> bool {
    let letters = |word: &'_ str| {
        word.bytes().filter(|it| !b"-_".contains(it)).map(|it| it.to_ascii_lowercase()).collect::<Vec<_>>()
    };
    letters(one) == letters(other)
}

/// Says in which tables a word is a key: those inside of this one, else those around it, else others of the kind, else
/// anywhere.
fn elsewhere(word: &str, keys: &Keys) -> Option<String> {
    let here = entries().iter().find(|it| it.table.doc == keys.doc)?;
    let kind = |header: &str| header.split('.').next().map(str::to_owned);
    let mut found: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for entry in entries().iter().filter(|it| it.key.name == word) {
        let rank = if entry.header.starts_with(&format!("{}.", here.header)) {
            0
        } else if here.header.starts_with(&entry.header) {
            1
        } else if kind(&entry.header) == kind(&here.header) {
            2
        } else {
            3
        };
        found.entry(rank).or_default().insert(&entry.header);
    }
    let (_, headers) = found.pop_first()?;
    let shown = |it: &&str| {
        if it.is_empty() { "the main file, before its first header".to_owned() } else { format!("`[{it}]`") }
    };
    let list: Vec<_> = headers.iter().map(shown).collect();
    (list.len() <= TABLES).then(|| format!("`{word}` is a key of {}", list.join(", ")))
}

/// Remedy for whoever pastes a section of a file of systemd.
const SECTION: &str =
    "this is a section of a file of systemd: `hostwright init` writes what the host has as a spec";

fn is_section(word: &str, value: &DeValue<'_>) -> bool {
    let is_table = |it: &Spanned<DeValue<'_>>| it.get_ref().is_table();
    SECTIONS.contains(&word) && value.as_table().is_some_and(|it| it.is_empty() || !it.values().all(is_table))
}

/// Refuses a word at the top that is neither a kind nor a key of the main file.
pub(super) fn refuse_kind(
    key: &Spanned<Cow<'_, str>>,
    value: &Spanned<DeValue<'_>>,
    document: &DeTable<'_>,
    cx: &mut Cx<'_>,
) {
    let table = value.get_ref().is_table();
    let (code, what) = if table { (Code::UnknownKind, "table") } else { (Code::UnknownKey, "key") };
    let word = key.get_ref().as_ref();
    let span = cx.span(&key.span());
    let words = KINDS.iter().map(|kind| kind.word());
    let guess = guess(word, words.chain(MainSpec::KEYS.all().map(|key| key.name)))
        .map(|it| Guess { certain: it.certain && !stands(it.word, value.get_ref(), document), ..it });
    let diagnostic = Diagnostic::error(code, span, format!("unknown {what} `{}`", word.escape_debug()));
    let called = KINDS.iter().find(|it| it.also().iter().any(|it| same(it, word)));
    cx.diagnostics.push(match (guess, called) {
        _ if is_section(word, value.get_ref()) => diagnostic.hint(SECTION),
        (Some(guess), _) if guess.certain => diagnostic.meant(Some(guess), span, key_text),
        (_, Some(kind)) if table => diagnostic.hint(format!("the kind is called `{}` here", kind.word())),
        (Some(guess), _) => diagnostic.did_you_mean(Some(guess.word)),
        (None, _) => match elsewhere(word, MainSpec::KEYS).filter(|_| !table) {
            Some(elsewhere) => diagnostic.hint(elsewhere),
            None => diagnostic.hint(format!("a table begins with its kind: {}", kinds())),
        },
    });
}

/// Says whether a word at the top already has what would be put there: it would stand twice.
fn stands(word: &str, value: &DeValue<'_>, document: &DeTable<'_>) -> bool {
    let Some(there) = document.get(word) else { return false };
    let (Some(there), Some(own)) = (there.get_ref().as_table(), value.as_table()) else { return true };
    let twice = |(name, it): (&Spanned<Cow<'_, str>>, &Spanned<DeValue<'_>>)| {
        !it.get_ref().is_table() || there.contains_key(&**name.get_ref())
    };
    own.is_empty() || own.iter().any(twice)
}

fn kinds() -> String {
    KINDS.iter().map(|kind| format!("`{}`", kind.word())).collect::<Vec<_>>().join(", ")
}
