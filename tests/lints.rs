//! Hosts that compile and that somebody should look at: what is said, and where; and that each can be allowed.

mod common;

use std::collections::BTreeSet;

use common::{files, in_words, load, marks, places, snapshot, target};
use hostwright::code::Code;
use hostwright::diagnostic::Severity;

#[test]
fn every_doubt_is_said_where_it_is() {
    let mut seen = BTreeSet::new();
    let mut reports = String::new();
    for path in files("lints", "toml") {
        let sources = load(&path);
        let (artifacts, diagnostics) = hostwright::compile(&sources, &target(252));
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        assert_eq!(places(&diagnostics, &sources), marks("warning", &sources), "{name}");
        assert!(diagnostics.iter().all(|it| it.severity == Severity::Warning), "{name}: {diagnostics:?}");
        assert!(artifacts.is_some(), "{name} does not compile");
        seen.extend(diagnostics.iter().map(|it| it.code));
        reports.push_str(&format!("==> {name}\n{}", in_words(&diagnostics, &sources)));
    }
    snapshot!("lints", reports);
    let unseen: Vec<_> = Code::LINTS.iter().filter(|it| !seen.contains(it)).collect();
    assert!(unseen.is_empty(), "no fixture for {unseen:?}");
}

#[test]
fn every_lint_can_be_allowed_and_only_where_it_is_found() {
    for path in files("lints", "toml") {
        let sources = load(&path);
        let text = &sources.files[0].text;
        let marked: BTreeSet<_> = marks("warning", &sources).into_iter().map(|(.., code)| code).collect();
        let allowed = marked.iter().map(|it| format!("[lints.{it}]\nallow = \"a test\"\n"));
        let allowed = format!("{text}\n{}", allowed.collect::<String>());
        if text.contains("[lints") {
            continue;
        }
        let (artifacts, diagnostics) = common::compile(&allowed);
        assert!(artifacts.is_some() && diagnostics.is_empty(), "{}: {diagnostics:?}", path.display());
    }
}

/// Templates for many hosts allow what only some of them do.
#[test]
fn what_allows_nothing_can_be_allowed() {
    let host = "[host]\nname = \"a\"\n[lints]\nsingle-portal = { allow = \"one controller\" }\n";
    let codes = |text: &str| common::compile(text).1.iter().map(|it| it.code).collect::<Vec<_>>();
    assert_eq!(codes(host), [Code::UnusedAllow]);
    let both = format!("{host}unused-allow = {{ allow = \"for all hosts\" }}\n");
    assert_eq!(codes(&both), []);
    let alone = both.replace("single-portal = { allow = \"one controller\" }\n", "");
    assert_eq!(codes(&alone), [Code::UnusedAllow]);
}

#[test]
fn a_host_with_errors_has_no_lints_yet() {
    let text = "[host]\nname = \"a\"\n[iscsi.a]\ntarget = \"iqn.2026-01.example:a\"\nportals = [\"10.0.0.1\"]\n[vlan.a]\nid = 5000\n";
    let diagnostics = common::compile(text).1;
    assert!(!diagnostics.is_empty() && diagnostics.iter().all(|it| it.severity == Severity::Error));
}
