//! What holds for every text: no panic, places inside the text, the same bytes in any order of tables.

mod common;

use std::sync::OnceLock;

use common::{compile, files, load, picture, target};
use hostwright::artifact::Artifacts;
use hostwright::spec::Sources;
use proptest::prelude::*;

/// Texts of all hosts, each in one file.
fn hosts() -> &'static [String] {
    static HOSTS: OnceLock<Vec<String>> = OnceLock::new();
    HOSTS.get_or_init(|| files("hosts", "toml").iter().map(|it| load(it).concatenated()).collect())
}

fn whole(text: &str) -> Artifacts {
    let (artifacts, diagnostics) = compile(text);
    artifacts.unwrap_or_else(|| panic!("{diagnostics:?}"))
}

/// Splits a text before each header of a table that is not inside another.
fn blocks(text: &str) -> Vec<String> {
    let mut blocks = vec![String::new()];
    for line in text.lines() {
        if line.starts_with('[') {
            blocks.push(String::new());
        }
        let last = blocks.last_mut().expect("one at least");
        last.push_str(line);
        last.push('\n');
    }
    blocks
}

#[test]
fn the_same_spec_gives_the_same_bytes() {
    for text in hosts() {
        assert_eq!(picture(&whole(text)), picture(&whole(text)));
    }
}

#[test]
fn an_applied_spec_leaves_an_empty_plan() {
    use hostwright::observed::Observed;
    use hostwright::plan::{Deferral, Reach, plan};
    for text in hosts() {
        let artifacts = whole(text);
        let files = artifacts.files().map(|it| (it.place.clone(), it.content.clone())).collect();
        let observed = Observed { files, ..Observed::default() };
        let plan = plan(&artifacts, &artifacts, &observed, Reach::Directory, Deferral::Stop);
        assert!(plan.is_empty() && plan.steps.is_empty(), "{plan}");
    }
}

/// Checks that every place lies in its text, on whole characters.
fn check_places(text: &str) {
    let sources = Sources::single("host.toml", text);
    let (_, diagnostics) = hostwright::compile(&sources, &target(252));
    for diagnostic in diagnostics.iter() {
        for label in &diagnostic.labels {
            let range = label.span.start..label.span.end;
            assert!(text.get(range.clone()).is_some(), "{range:?} of {diagnostic}");
        }
        let _ = diagnostic.short(&sources.files);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tables_may_stand_in_any_order(host in 0..3_usize, seed in any::<u64>()) {
        let text = &hosts()[host % hosts().len()];
        let mut blocks = blocks(text);
        let mut random = seed;
        for at in (2..blocks.len()).rev() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let other = 1 + usize::try_from(random >> 33).unwrap_or(0) % at;
            blocks.swap(at, other);
        }
        prop_assert_eq!(picture(&whole(&blocks.concat())), picture(&whole(text)));
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        check_places(&text);
    }

    #[test]
    fn no_broken_host_makes_it_panic(host in 0..3_usize, at in any::<prop::sample::Index>(), with in "\\PC{0,3}|[\\[\\]=\"'{}.#\n\u{0}]", cut in 0..5_usize) {
        let text = &hosts()[host % hosts().len()];
        let characters: Vec<char> = text.chars().collect();
        let at = at.index(characters.len());
        let behind = (at + cut).min(characters.len());
        let broken: String =
            characters[..at].iter().copied().chain(with.chars()).chain(characters[behind..].iter().copied()).collect();
        check_places(&broken);
    }
}
