//! The reference: pages of keys, kinds and codes, from the tables that declare them.

use crate::code::Code;
use crate::diagnostic;
use crate::kind::KINDS;
use crate::spec::document::MainSpec;
use crate::spec::tree::{Entry, entries};
use crate::spec::{Form, Key, Keys, Presence, Table};

/// Lists the paths of all keys.
#[must_use]
pub fn list() -> Vec<String> {
    entries().iter().map(|it| it.path.clone()).collect()
}

/// Returns the page of a key; absent: there is none.
#[must_use]
pub fn key(path: &str) -> Option<String> {
    entries().iter().find(|it| it.path == path).map(page)
}

/// Returns the page of a kind or of `host`; absent: there is none.
#[must_use]
pub fn kind(word: &str) -> Option<String> {
    let doc = table_doc(word)?;
    let beginning = format!("{word}.");
    let keys = entries().iter().filter(|it| it.path.starts_with(&beginning));
    let lines: Vec<_> = keys.map(|it| format!("  {}: {}\n", it.path, summary(it.key))).collect();
    Some(format!("{doc}\n{}", lines.concat()))
}

/// Returns the page of a diagnostic's code; absent: there is none.
#[must_use]
pub fn code(name: &str) -> Option<String> {
    Code::parse(name).map(|code| format!("{name}\n\n{}", unindented(code.page())))
}

/// Returns the key, kind or code nearest to a word.
#[must_use]
pub fn nearest(word: &str) -> Option<String> {
    let mut words = list();
    words.extend(KINDS.iter().map(|it| it.word().to_owned()));
    words.extend(Code::ALL.iter().map(|it| it.name().to_owned()));
    diagnostic::nearest(word, words.iter().map(String::as_str)).map(str::to_owned)
}

fn table_doc(word: &str) -> Option<String> {
    let kind = KINDS.iter().find(|it| it.word() == word).map(|it| it.keys());
    let host = || MainSpec::KEYS.all().find(|it| it.name == word).and_then(|key| table_of(&key.form));
    kind.or_else(host).map(|keys| unindented(keys.doc))
}

const fn table_of(form: &Form) -> Option<&'static Keys> {
    match form {
        Form::Table(keys) | Form::Named(keys) => Some(keys),
        _ => None,
    }
}

fn page(entry: &Entry) -> String {
    let Entry { path, header, key, .. } = entry;
    let place =
        if header.is_empty() { "before the first header".to_owned() } else { format!("in [{header}]") };
    let presence = match key.presence {
        Presence::Required => "required".to_owned(),
        Presence::Optional => "optional".to_owned(),
        Presence::Default(default) => format!("default {default}"),
    };
    let also = if key.also.is_empty() {
        String::new()
    } else {
        format!("\nothers call it {}\n", key.also.join(", "))
    };
    format!(
        "{path}: {}, {presence}\n{place}, since language {}\n\n{}{also}",
        key.form.words(),
        key.since,
        unindented(key.doc)
    )
}

fn summary(key: &Key) -> String {
    unindented(key.doc).lines().next().unwrap_or_default().to_owned()
}

/// Drops the blank that doc comments begin their lines with; examples stay indented.
fn unindented(doc: &str) -> String {
    let bare =
        |line: &'_ str| line.strip_prefix(' ').filter(|it| !it.starts_with("   ")).unwrap_or(line).to_owned();
    let lines: Vec<_> = doc.lines().map(bare).collect();
    lines.join("\n").trim_end().to_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_page_with_its_default() {
        for path in list() {
            let page = key(&path).expect("listed keys have pages");
            assert!(page.starts_with(&path) && page.lines().count() > 3, "{page}");
        }
        let page = key("domain.disk.cache").expect("a page");
        assert!(page.contains("in [domain.NAME.disk.NAME]") && page.contains("default \"none\""), "{page}");
        assert!(
            key("vlan.routes.via").is_some() && key("host.name").is_some() && key("nic.match.mac").is_some()
        );
    }

    #[test]
    fn every_doc_begins_with_a_sentence() {
        for entry in entries() {
            let first = summary(entry.key);
            assert!(first.ends_with('.') || first.contains(". "), "{}: {first}", entry.path);
        }
    }

    #[test]
    fn codes_and_kinds_have_pages() {
        assert!(Code::ALL.iter().all(|it| code(it.name()).is_some()));
        assert!(KINDS.iter().all(|it| kind(it.word()).is_some()));
        assert!(kind("host").is_some_and(|it| it.contains("host.site")));
        assert_eq!(key("domain.disk.cash"), None);
        assert_eq!(nearest("domain.disk.cash").as_deref(), Some("domain.disk.cache"));
    }
}
