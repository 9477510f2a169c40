//! What holds for every text: no panic, places inside the text, the same bytes in any order of tables.

mod common;
#[path = "common/findings.rs"]
mod findings;

use std::sync::OnceLock;

use common::{blocks, compile, files, load, picture, target};
use findings::check_findings;
use hostwright::artifact::Artifacts;
use hostwright::source::Source;
use hostwright::spec::Sources;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// Texts of all hosts, each in one file.
fn hosts() -> &'static [String] {
    static HOSTS: OnceLock<Vec<String>> = OnceLock::new();
    HOSTS.get_or_init(|| files("hosts", "toml").iter().map(|it| load(it).concatenated()).collect())
}

fn whole(text: &str) -> Artifacts {
    let (artifacts, diagnostics) = compile(text);
    artifacts.unwrap_or_else(|| panic!("{diagnostics:?}"))
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
    check_findings(&diagnostics, &sources.files);
}

/// Returns a host with some of its lines gone, twice, elsewhere, cut or joined.
fn with_other_lines(host: Index, edits: &[(u8, Index, Index)]) -> String {
    let mut lines: Vec<String> = host.get(hosts()).lines().map(str::to_owned).collect();
    for (edit, one, other) in edits {
        let (one, other) = (one.index(lines.len()), other.index(lines.len()));
        match edit {
            0 if lines.len() > 1 => drop(lines.remove(one)),
            1 => lines.insert(other, lines[one].clone()),
            2 => lines.swap(one, other),
            3 => {
                let cut = lines[one].chars().count() / 2;
                lines[one] = lines[one].chars().take(cut).collect();
            }
            _ => lines[one] = format!("{}{}", lines[one], lines[other]),
        }
    }
    lines.join("\n")
}

/// Returns a host with some of its bytes replaced; what is no text then is replaced again.
fn with_other_bytes(host: Index, edits: &[(Index, u8)]) -> String {
    let mut bytes = host.get(hosts()).clone().into_bytes();
    for (at, byte) in edits {
        let at = at.index(bytes.len());
        bytes[at] = *byte;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tables_may_stand_in_any_order(host in any::<Index>(), seed in any::<u64>()) {
        let text = host.get(hosts());
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
    fn no_white_space_makes_it_panic(text in "(a|=|\"|\\[|,|[ \u{a0}\u{2008}\u{3000}]){0,12}") {
        check_places(&text);
    }

    #[test]
    fn no_text_of_toml_makes_it_panic(text in "(\\[?\\[?(nic|vlan|domain|host|container|iscsi|x)?\\.?(a|eno1|\"\u{e4}\"|'')?\\]?\\]?|\\[|(id|parent|name|disk|match|\u{1f600})?( ?[.=] ?)(\"|'|\"\"\"|\\[|\\{|7|-1|1e9|true|inf|1979-05-27)*|\\}|\n|,| ){0,40}") {
        check_places(&text);
    }

    #[test]
    fn no_host_of_other_lines_makes_it_panic(host in any::<Index>(), edits in vec((0..5_u8, any::<Index>(), any::<Index>()), 1..6)) {
        check_places(&with_other_lines(host, &edits));
    }

    #[test]
    fn no_host_of_other_bytes_makes_it_panic(host in any::<Index>(), edits in vec((any::<Index>(), any::<u8>()), 1..9)) {
        check_places(&with_other_bytes(host, &edits));
    }

    #[test]
    fn no_included_file_makes_it_panic(host in any::<Index>(), edits in vec((any::<Index>(), any::<u8>()), 0..4)) {
        let main = Source::new("main.toml", "include = [\"a.inc\", \"b.inc\"]\n[host]\nname = \"\u{e4}\"\n[nic.eno9]\n");
        let sources = Sources::load(&main, |_| Ok(Source::new("a.inc", &with_other_bytes(host, &edits))));
        let (_, diagnostics) = hostwright::compile(&sources, &target(252));
        check_findings(&diagnostics, &sources.files);
    }

    #[test]
    fn no_fleet_makes_it_panic(hosts in vec((any::<Index>(), vec((0..5_u8, any::<Index>(), any::<Index>()), 0..3)), 2..4)) {
        let specs: Vec<_> = hosts
            .iter()
            .enumerate()
            .map(|(at, (host, edits))| Sources::single(&format!("{at}.toml"), &with_other_lines(*host, edits)))
            .collect();
        let findings = hostwright::fleet::check(&specs, &target(252));
        check_findings(&findings.diagnostics, &findings.files);
    }
}
