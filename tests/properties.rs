//! What holds for every text: no panic, places inside the text, the same bytes, nothing of the user's unescaped.

mod common;

use std::sync::OnceLock;

use common::{compile, files, load, picture, target};
use hostwright::artifact::{Artifact, Artifacts, Content, Root};
use hostwright::kind::KINDS;
use hostwright::spec::document::MainSpec;
use hostwright::spec::{Form, Keys, Sources, Table};
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

/// Texts that would begin something new in a unit, a file of networkd or XML if they came through as they are.
const HOSTILE: &[&str] = &[
    "a\nExecStart=/bin/false",
    "a\r\nb",
    "a\u{85}b",
    "a\u{2028}b",
    "a\0b",
    "100%n",
    "%",
    "]]>",
    "a\"b",
    "a'b",
    "a\\",
    "\\x0a",
    "a\tb",
    " a",
    "a ",
    "<b/>",
    "a&amp;b",
    "--><!--",
    "",
    "#a",
    ";a",
    "/srv/a\n[Service]",
    "/srv/100%i",
    "/srv/a\"b",
    "/srv/a'b",
    "/srv/<&>",
    "/srv/a\\x20b",
    "/srv/a b",
    "/srv/]]>",
];

/// Calls a function with each path to a key whose value is a string.
fn strings(keys: &Keys, path: &[String], found: &mut Vec<Vec<String>>) {
    for key in keys.all() {
        let below = [path, &[key.name.to_owned()]].concat();
        match &key.form {
            Form::Value(_) | Form::OneOf(_) | Form::List(Form::Value(_)) => found.push(below),
            Form::Table(keys) | Form::List(Form::Table(keys)) | Form::Named(keys) => {
                strings(keys, &below, found);
            }
            Form::List(_) => {}
        }
    }
}

/// Puts a text in place of every string at a path, however its tables are called; says whether there was one.
fn put(value: &mut toml::Value, path: &[String], text: &str) -> bool {
    match (value, path.split_first()) {
        (toml::Value::String(place), None) => {
            text.clone_into(place);
            true
        }
        (toml::Value::Array(items), _) => {
            items.iter_mut().map(|it| put(it, path, text)).filter(|it| *it).count() > 0
        }
        (toml::Value::Table(table), Some((name, rest))) => match table.get_mut(name) {
            Some(value) => put(value, rest, text),
            None => table.iter_mut().fold(false, |any, (_, it)| it.is_table() && put(it, path, text) || any),
        },
        _ => false,
    }
}

/// Checks that every line of a file is a header or a directive, none more than the templates have, and that every `%`
/// of a unit is doubled.
fn check_escaped(artifacts: &Artifacts, what: &str) {
    for entry in artifacts.iter() {
        match &entry.artifact {
            Artifact::File(file) => {
                assert!(!file.place.path.contains(|it: char| it.is_control()), "{what}: {}", file.place);
                let Content::Text(text) = &file.content else { continue };
                for line in text.lines().filter(|it| !it.starts_with('#') && !it.is_empty()) {
                    let good = line.starts_with('[') && line.ends_with(']')
                        || line
                            .split_once('=')
                            .is_some_and(|(key, _)| key.chars().all(|it| it.is_ascii_alphanumeric()));
                    assert!(good, "{what}: {}: {line:?}", file.place);
                    assert!(!line.ends_with('\\'), "{what}: {}: {line:?}", file.place);
                    let doubled = line.replace("%%", "").contains('%');
                    assert!(file.place.root != Root::Unit || !doubled, "{what}: {}: {line:?}", file.place);
                }
                let starts = text.matches("\nExecStart=").count();
                let service = file.place.path.starts_with("hostwright-domain-");
                assert_eq!(starts, usize::from(service), "{what}: {}", file.place);
                assert!(!text.contains(|it: char| it.is_control() && it != '\n'), "{what}: {}", file.place);
            }
            Artifact::Domain(it) => {
                drop(roxmltree::Document::parse(&it.xml).unwrap_or_else(|error| panic!("{what}: {error}")));
            }
            Artifact::Network(it) => {
                drop(roxmltree::Document::parse(&it.xml).unwrap_or_else(|error| panic!("{what}: {error}")));
            }
            Artifact::Link(_) | Artifact::Unit(_) => {}
        }
    }
}

#[test]
fn no_string_of_a_spec_reaches_an_artifact_unescaped() {
    let carrier: toml::Value = hosts()[0].parse::<toml::Table>().map(toml::Value::Table).expect("a host");
    let mut paths = Vec::new();
    strings(MainSpec::KEYS, &[], &mut paths);
    for kind in KINDS {
        strings(kind.keys(), &[kind.word().to_owned()], &mut paths);
    }
    let mut tried = 0;
    for path in paths {
        for hostile in HOSTILE {
            let mut document = carrier.clone();
            if put(&mut document, &path, hostile) {
                tried += 1;
                let what = format!("{} = {hostile:?}", path.join("."));
                let (artifacts, diagnostics) = compile(&toml::to_string(&document).expect("TOML"));
                match artifacts {
                    None => assert!(diagnostics.has_errors(), "{what}"),
                    Some(artifacts) => check_escaped(&artifacts, &what),
                }
            }
        }
    }
    assert!(tried > 20 * HOSTILE.len(), "{tried}");
}

#[test]
fn a_command_line_survives_xml_whole() {
    for hostile in HOSTILE.iter().filter(|it| !it.contains(|it: char| it.is_control() || it == '\u{2028}')) {
        let text = format!(
            "[host]\nname = \"a\"\n[domain.a]\nmemory = \"1GiB\"\nvcpus = 1\nboot = {{ kernel = \"/k\", cmdline = {} }}\n",
            toml::Value::String((*hostile).to_owned())
        );
        let artifacts = whole(&text);
        let xml = artifacts.iter().find_map(|it| match &it.artifact {
            Artifact::Domain(domain) => Some(domain.xml.clone()),
            _ => None,
        });
        let xml = xml.expect("a domain");
        let document = roxmltree::Document::parse(&xml).expect("XML");
        let found = document.descendants().find(|it| it.has_tag_name("cmdline")).and_then(|it| it.text());
        assert_eq!(found.unwrap_or_default(), *hostile);
    }
}

#[test]
fn no_name_of_a_table_reaches_an_artifact_unescaped() {
    for kind in KINDS {
        for hostile in HOSTILE {
            let name = toml::Value::String((*hostile).to_owned());
            let text = format!("[host]\nname = \"a\"\n[{}.{name}]\n", kind.word());
            let (artifacts, _) = compile(&text);
            if let Some(artifacts) = artifacts {
                check_escaped(&artifacts, &format!("[{}.{hostile:?}]", kind.word()));
            }
        }
    }
}
