//! Wrong hosts: what is said, and where. Each mistake is marked on its line.

mod common;

use std::collections::BTreeSet;

use common::{files, load, target};
use hostwright::code::Code;

/// Codes that no spec alone can cause; those between hosts are those of tests/fleets.rs.
const NOT_FROM_TEXT: &[Code] = &[
    Code::Internal,
    Code::DuplicateHost,
    Code::DuplicateInFleet,
    Code::AddressOnTwoHosts,
    Code::VlanIdDiffers,
    Code::NetworkMissingOnPartner,
    Code::DiskOfTwoHosts,
];

type Found = BTreeSet<(String, usize, String)>;

/// Returns the marks of a file: `# error: code, code` behind a line.
fn marks(name: &str, text: &str) -> Found {
    let mark = |(at, line): (usize, &str)| {
        let codes = line.split_once("# error: ").map(|(_, codes)| codes.to_owned());
        codes.into_iter().flat_map(move |codes| {
            let code = |it: &str| (name.to_owned(), at + 1, it.trim().to_owned());
            codes.split(',').map(code).collect::<Vec<_>>()
        })
    };
    text.lines().enumerate().flat_map(mark).collect()
}

#[test]
fn every_mistake_is_reported_where_it_is() {
    let mut seen = BTreeSet::new();
    let mut reports = String::new();
    for path in files("rejects", "toml") {
        let sources = load(&path);
        let (artifacts, diagnostics) = hostwright::compile(&sources, &target(252));
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        assert!(artifacts.is_none(), "{name} compiles");
        let expected: Found = sources.files.iter().flat_map(|it| marks(&it.name, &it.text)).collect();
        let found: Found = diagnostics
            .iter()
            .map(|it| {
                let source = &sources.files[it.span().source.0];
                (source.name.to_string(), source.line_column(it.span().start).0, it.code.to_string())
            })
            .collect();
        assert_eq!(found, expected, "{name}");
        seen.extend(diagnostics.iter().map(|it| it.code));
        reports.push_str(&format!("==> {name}\n"));
        for it in diagnostics.iter() {
            reports.push_str(&format!("{}\n", it.short(&sources.files)));
            it.labels.iter().skip(1).for_each(|label| {
                let source = &sources.files[label.span.source.0];
                reports.push_str(&format!(
                    "  {}:{}: {}\n",
                    source.name,
                    source.line_column(label.span.start).0,
                    label.text
                ));
            });
            it.hints.iter().for_each(|hint| reports.push_str(&format!("  hint: {hint}\n")));
        }
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("rejects", reports));
    let unseen: Vec<_> =
        Code::ALL.iter().filter(|it| !seen.contains(it) && !NOT_FROM_TEXT.contains(it)).collect();
    assert!(unseen.is_empty(), "no fixture for {unseen:?}");
}
