//! Pages of codes: what one calls wrong is reported under its code and no other, what it calls right is not.

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use common::target;
use hostwright::code::Code;
use hostwright::diagnostic::{Diagnostics, Severity};
use hostwright::source::Source;
use hostwright::spec::Sources;

/// Returns the example of a page behind a word.
fn example(page: &str, word: &str) -> String {
    let (_, behind) = page.split_once(&format!("\n{word}:\n\n")).unwrap_or_default();
    let lines = behind.lines().take_while(|it| it.is_empty() || it.starts_with("    "));
    lines.flat_map(|it| [it.strip_prefix("    ").unwrap_or(it), "\n"]).collect()
}

/// Divides an example into files, each with its name in a comment before it.
fn files(example: &str) -> Vec<Source> {
    let mut files: Vec<(&str, String)> = Vec::new();
    for line in example.lines() {
        match line.strip_prefix("# ").filter(|it| Path::new(it).extension().is_some_and(|it| it == "toml")) {
            Some(name) => files.push((name, String::new())),
            None if files.is_empty() => files.push(("host.toml", format!("{line}\n"))),
            None => files.last_mut().expect("one at least").1.push_str(&format!("{line}\n")),
        }
    }
    files.iter().map(|(name, text)| Source::new(name, text)).collect()
}

/// Checks an example: a spec, its tables alone, a spec with what it includes, or the hosts of a fleet.
fn check(example: &str) -> Diagnostics {
    let files = files(example);
    if let [file] = files.as_slice() {
        let head = if file.text.contains("[host]") { "" } else { "[host]\nname = \"hv1\"\n" };
        return hostwright::compile(
            &Sources::single("host.toml", &format!("{head}{}", file.text)),
            &target(252),
        )
        .1;
    }
    let one_of = |name: &str| files.iter().find(|it| *it.name == *name).cloned();
    if let Some(main) = one_of("host.toml") {
        let sources = Sources::load(&main, |name| one_of(name).ok_or_else(|| "no such file".to_owned()));
        return hostwright::compile(&sources, &target(252)).1;
    }
    let hosts: Vec<_> = files.iter().map(|it| Sources::single(&it.name, &it.text)).collect();
    hostwright::fleet::check(&hosts, &target(252)).diagnostics
}

fn codes(diagnostics: &Diagnostics, severity: Severity) -> BTreeSet<Code> {
    diagnostics.iter().filter(|it| it.severity == severity).map(|it| it.code).collect()
}

#[test]
fn examples_are_what_their_pages_say() {
    for code in Code::ALL.iter().filter(|it| **it != Code::Internal) {
        let [wrong, right] = ["Wrong", "Right"].map(|it| example(code.page(), it));
        assert!(!wrong.is_empty() && !right.is_empty(), "{code}: no examples");
        let (found, none) = (check(&wrong), check(&right));
        assert!(found.iter().any(|it| it.code == *code), "{code}: {found:?}");
        assert!(codes(&found, Severity::Error).iter().all(|it| it == code), "{code}: {found:?}");
        assert!(!none.has_errors(), "{code}: {none:?}");
        assert!(!codes(&none, Severity::Warning).contains(code), "{code}: {none:?}");
    }
}
