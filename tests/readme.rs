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
