//! Whole hosts and what they compile to.

mod common;

use common::{files, load, picture, target};
use hostwright::artifact::{Artifact, Root};
use hostwright::kind::KINDS;
use hostwright::spec::document::MainSpec;
use hostwright::spec::{Form, Keys, Table};

fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn hosts_compile_to_what_was_reviewed() {
    for path in files("hosts", "toml") {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let (artifacts, diagnostics) = hostwright::compile(&load(&path), &target(252));
        assert!(diagnostics.is_empty(), "{name}: {diagnostics:?}");
        snapshot(&format!("hosts@{name}"), &picture(&artifacts.expect("a host")));
    }
}

#[test]
fn each_systemd_gets_what_it_understands() {
    let small = files("hosts", "toml").into_iter().find(|it| it.ends_with("uplink.toml")).expect("a host");
    for systemd in [247, 252, 257] {
        let (artifacts, _) = hostwright::compile(&load(&small), &target(systemd));
        snapshot(&format!("systemd@{systemd}"), &picture(&artifacts.expect("a host")));
    }
}

#[test]
fn the_hypervisor_uses_every_key() {
    let sources =
        load(&files("hosts", "toml").into_iter().find(|it| it.ends_with("hypervisor.toml")).expect("a host"));
    let document: toml::Table = sources.files.iter().fold(toml::Table::new(), |mut all, source| {
        all.extend(source.text.parse::<toml::Table>().expect("TOML"));
        all
    });
    let mut missing = Vec::new();
    find(MainSpec::KEYS, &[&toml::Value::Table(document.clone())], "", &mut missing);
    for kind in KINDS {
        let tables = document.get(kind.word()).and_then(toml::Value::as_table);
        let bodies: Vec<_> = tables.into_iter().flat_map(toml::Table::values).collect();
        find(kind.keys(), &bodies, kind.word(), &mut missing);
    }
    assert_eq!(missing, Vec::<String>::new());
}

/// Adds the keys that no table of a kind has.
fn find(keys: &Keys, tables: &[&toml::Value], path: &str, missing: &mut Vec<String>) {
    for key in keys.all() {
        let path = format!("{path}.{}", key.name);
        let values: Vec<&toml::Value> = tables.iter().filter_map(|it| it.get(key.name)).collect();
        if values.is_empty() {
            missing.push(path.clone());
        }
        match &key.form {
            Form::Table(keys) => find(keys, &values, &path, missing),
            Form::List(Form::Table(keys)) => {
                let items: Vec<_> = values.iter().filter_map(|it| it.as_array()).flatten().collect();
                find(keys, &items, &path, missing);
            }
            Form::Named(keys) => {
                let bodies: Vec<_> =
                    values.iter().filter_map(|it| it.as_table()).flat_map(toml::Table::values).collect();
                find(keys, &bodies, &path, missing);
            }
            Form::Value(_) | Form::OneOf(_) | Form::List(_) => {}
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
