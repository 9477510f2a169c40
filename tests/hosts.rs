//! Whole hosts and what they compile to.

mod common;

use common::{files, load, picture, snapshot, target};
use hostwright::artifact::{Artifact, Root};
use hostwright::kind::KINDS;
use hostwright::spec::document::MainSpec;
use hostwright::spec::{Form, Key, Keys, Table};

#[test]
fn hosts_compile_to_what_was_reviewed() {
    for path in files("hosts", "toml") {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let (artifacts, diagnostics) = hostwright::compile(&load(&path), &target(252));
        assert!(diagnostics.is_empty(), "{name}: {diagnostics:?}");
        snapshot!(format!("hosts@{name}"), picture(&artifacts.expect("a host")));
    }
}

#[test]
fn each_systemd_gets_what_it_understands() {
    let small = files("hosts", "toml").into_iter().find(|it| it.ends_with("uplink.toml")).expect("a host");
    for systemd in [247, 252, 257] {
        let (artifacts, _) = hostwright::compile(&load(&small), &target(systemd));
        snapshot!(format!("systemd@{systemd}"), picture(&artifacts.expect("a host")));
    }
}

/// A block that kinds share counts once for all of them.
#[test]
fn the_hosts_use_every_key() {
    let sources: Vec<_> = files("hosts", "toml").iter().flat_map(|it| load(it).files).collect();
    let documents: Vec<_> =
        sources.iter().map(|it| toml::Value::Table(it.text.parse().expect("TOML"))).collect();
    let mut missing = Vec::new();
    find(MainSpec::KEYS.own, &documents.iter().collect::<Vec<_>>(), "", &mut missing);
    let mut blocks: std::collections::BTreeMap<&str, (&Keys, Vec<&toml::Value>)> =
        std::collections::BTreeMap::default();
    for kind in KINDS {
        let tables = documents.iter().filter_map(|it| it.get(kind.word())?.as_table());
        let bodies: Vec<_> = tables.flat_map(toml::Table::values).collect();
        find(kind.keys().own, &bodies, kind.word(), &mut missing);
        for block in kind.keys().blocks {
            blocks.entry(block.doc).or_insert((block, Vec::new())).1.extend(&bodies);
        }
    }
    for (doc, (block, bodies)) in blocks {
        find(block.own, &bodies, doc, &mut missing);
    }
    assert_eq!(missing, Vec::<String>::new());
}

/// Adds the keys that no table of a kind has.
fn find(keys: &[Key], tables: &[&toml::Value], path: &str, missing: &mut Vec<String>) {
    for key in keys {
        let path = format!("{path}.{}", key.name);
        let values: Vec<&toml::Value> = tables.iter().filter_map(|it| it.get(key.name)).collect();
        if values.is_empty() {
            missing.push(path.clone());
        }
        match &key.form {
            Form::Table(keys) => find(keys.own, &values, &path, missing),
            Form::List(Form::Table(keys)) => {
                let items: Vec<_> = values.iter().filter_map(|it| it.as_array()).flatten().collect();
                find(keys.own, &items, &path, missing);
            }
            Form::Named(keys) => {
                let bodies: Vec<_> =
                    values.iter().filter_map(|it| it.as_table()).flat_map(toml::Table::values).collect();
                find(keys.own, &bodies, &path, missing);
            }
            Form::Value(..) | Form::OneOf(_) | Form::List(_) => {}
        }
    }
}

#[test]
fn the_spec_that_is_applied_means_the_same_as_the_files_it_came_from() {
    for path in files("hosts", "toml") {
        let sources = load(&path);
        let (apart, _) = hostwright::compile(&sources, &target(252));
        let joined = hostwright::spec::Sources::single("applied.toml", &sources.concatenated());
        let (joined, diagnostics) = hostwright::compile(&joined, &target(252));
        assert!(joined.is_some() && joined == apart, "{}: {diagnostics:?}", path.display());
    }
}

#[test]
fn files_of_networkd_have_one_owner_each_and_no_wildcard() {
    for path in files("hosts", "toml") {
        let artifacts = hostwright::compile(&load(&path), &target(252)).0.expect("a host");
        for entry in artifacts.iter() {
            let Artifact::File(file) = &entry.artifact else { continue };
            let hostwright::artifact::Content::Text(text) = &file.content else { continue };
            if file.place.root == Root::Network {
                assert!(!text.contains('*'), "{}", file.place);
                assert!(
                    text.starts_with(&format!("# hostwright [{}]; do not edit\n", entry.origin)),
                    "{}",
                    file.place
                );
            }
        }
    }
}
