//! The README: its commands and its spec are run as they stand.
#![allow(clippy::disallowed_methods, reason = "this test runs programs")]

use std::process::{Command, Output};

const README: &str = include_str!("../README.md");
const HOSTWRIGHT: &str = env!("CARGO_BIN_EXE_hostwright");

/// Returns the blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let begin = format!("```{language}\n");
    README
        .split(begin.as_str())
        .skip(1)
        .map(|it| it.split("```").next().unwrap_or_default().trim_end())
        .collect()
}

fn run(arguments: &[&str]) -> Output {
    let directory = env!("CARGO_MANIFEST_DIR");
    Command::new(HOSTWRIGHT).args(arguments).current_dir(directory).output().expect("the command runs")
}

#[test]
fn there_are_exactly_two_commands_for_a_fresh_machine() {
    let commands = blocks("sh");
    assert_eq!(commands.len(), 2, "{commands:?}");
    assert_eq!(commands[1], "cargo test");
}

#[test]
fn the_first_command_shows_plan_and_result() {
    let command = blocks("sh")[0].strip_prefix("cargo run -- ").expect("a run of the command");
    let root = tempfile::TempDir::new().expect("a directory");
    let place = root.path().display().to_string();
    let command = command.replace("target/example-host", &place);
    let words: Vec<_> = command.split(' ').collect();
    let output = run(&words);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{output:?}");
    assert!(text.contains("+ vlan storage") && text.contains("generation 1 is applied"), "{text}");
    assert!(root.path().join("etc/hostwright/applied.toml").exists());
    assert!(root.path().join("run/systemd/network/10-hostwright-storage.network").exists());
    let again = run(&words);
    assert!(String::from_utf8_lossy(&again.stdout).contains("nothing to do"), "{again:?}");
}

#[test]
fn the_spec_compiles() {
    let [spec] = blocks("toml").try_into().expect("one spec");
    let sources = hostwright::spec::Sources::single("README.md", spec);
    let target = hostwright::host::Target { systemd: 252, binaries: "/usr/bin".to_owned() };
    let (artifacts, diagnostics) = hostwright::compile(&sources, &target);
    assert!(artifacts.is_some(), "{diagnostics:?}");
    assert!((25..=35).contains(&spec.lines().count()), "{} lines", spec.lines().count());
}

/// Runs each session and compares; `README=write` in the environment writes what it says now.
#[test]
fn sessions_say_what_is_shown() {
    let mut readme = README.to_owned();
    let sessions = blocks("console");
    assert!(sessions.len() >= 5, "{sessions:?}");
    for session in sessions {
        let command =
            session.lines().next().and_then(|it| it.strip_prefix("$ hostwright ")).expect("a command");
        let output = run(&command.split(' ').collect::<Vec<_>>());
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let now = format!("$ hostwright {command}\n{}", text.trim_end());
        readme = readme.replacen(&format!("{session}\n```"), &format!("{now}\n```"), 1);
    }
    if std::env::var_os("README").is_some_and(|it| it == "write") {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"), &readme).expect("written");
    }
    assert_eq!(readme, README);
}

/// The reference is what the command prints, and the documents that the README names are there.
#[test]
fn documents_are_as_they_are_printed() {
    let hosts = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hosts")).expect("hosts");
    let paths =
        hosts.flatten().map(|it| it.path()).filter(|it| it.extension().is_some_and(|it| it == "toml"));
    let mut paths: Vec<_> = paths.map(|it| it.display().to_string()).collect();
    paths.sort();
    let words: Vec<_> = std::iter::once("reference").chain(paths.iter().map(String::as_str)).collect();
    let output = run(&words);
    let place = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference.md");
    let written = std::fs::read_to_string(place).unwrap_or_default();
    let stale = "hostwright reference tests/hosts/*.toml > docs/reference.md";
    assert!(written == String::from_utf8_lossy(&output.stdout), "docs/reference.md is stale: {stale}");
    for link in README.split("](").skip(1).filter_map(|it| it.split(')').next()) {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(link);
        assert!(path.exists(), "{link}");
    }
}

/// The example in the page on diagnostics is what the command prints first for its file.
#[test]
fn the_page_on_diagnostics_shows_what_is_printed() {
    let page = include_str!("../docs/diagnostics.md");
    let example = page.split("```json\n").nth(1).and_then(|it| it.split("```").next()).expect("an example");
    let example: serde_json::Value = serde_json::from_str(example).expect("JSON");
    let output = run(&["check", "tests/errors/change.toml", "--format", "json"]);
    let printed: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(printed["format-version"], example["format-version"]);
    assert_eq!(printed["diagnostics"][0], example["diagnostics"][0]);
    for field in
        ["severity", "code", "message", "labels", "hints", "suggestions", "file", "bytes", "fixed", "kept"]
    {
        assert!(page.contains(&format!("| `{field}` |")), "{field}");
    }
    assert_eq!(printed["diagnostics"][0].as_object().map(serde_json::Map::len), Some(6));
}

#[test]
fn commands_that_it_names_exist() {
    for line in README.lines().filter(|it| it.contains("`hostwright ")) {
        for command in line.split("`hostwright ").skip(1) {
            let word = command.split(['`', ' ']).next().unwrap_or_default();
            let output = run(&[word, "--help"]);
            assert!(output.status.success(), "hostwright {word}: {output:?}");
        }
    }
}
