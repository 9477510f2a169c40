//! Many hosts at once: what is said between them, and where. Each mistake is marked on its line.
#![allow(clippy::disallowed_methods, reason = "this test reads files and runs the command")]

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use common::{files, load, snapshot, target};
use hostwright::code::Code;
use hostwright::fleet::{self, Findings};
use hostwright::spec::Sources;

/// Codes that only a comparison of hosts can give.
fn checked(fleet: &str) -> Findings {
    let specs = files(&format!("fleets/{fleet}"), "toml").iter().map(|it| load(it)).collect::<Vec<_>>();
    let hosts: Vec<Sources> = specs.into_iter().filter(|it| fleet::is_host(&it.files[0])).collect();
    fleet::check(&hosts, &target(252))
}

/// Returns what a fleet's lines are marked with, as often as they are: `# error: code, code`.
fn marks(findings: &Findings) -> Vec<(String, usize, String)> {
    let mut found = Vec::new();
    for file in &findings.files {
        for (at, line) in file.text.lines().enumerate() {
            let mark = ["error", "warning"]
                .iter()
                .find_map(|it| Some((it, line.split_once(&format!("# {it}: "))?.1)));
            let Some((weight, codes)) = mark else { continue };
            let one = |code: &str| (file.name.to_string(), at + 1, format!("{weight} {}", code.trim()));
            found.extend(codes.split(',').map(one));
        }
    }
    found.sort();
    found
}

fn reported(findings: &Findings) -> Vec<(String, usize, String)> {
    let place = |it: &hostwright::diagnostic::Diagnostic| {
        let file = &findings.files[it.span().source.0];
        let weight = format!("{:?} {}", it.severity, it.code).to_lowercase();
        (file.name.to_string(), file.line_column(it.span().start).0, weight)
    };
    let mut found: Vec<_> = findings.diagnostics.iter().map(place).collect();
    found.sort();
    found
}

#[test]
fn a_sound_fleet_is_left_in_peace() {
    let findings = checked("sound");
    assert!(findings.diagnostics.is_empty(), "{:?}", findings.diagnostics);
    assert_eq!(findings.files.len(), 4);
}

#[test]
fn what_two_hosts_must_not_share_is_reported_in_both_files() {
    let findings = checked("broken");
    assert_eq!(reported(&findings), marks(&findings));
    let seen: BTreeSet<_> = findings.diagnostics.iter().map(|it| it.code).collect();
    let unseen: Vec<_> = Code::FLEET.iter().filter(|it| !seen.contains(it)).collect();
    assert!(unseen.is_empty(), "no fixture for {unseen:?}");
    for it in findings.diagnostics.iter().filter(|it| Code::FLEET.contains(&it.code)) {
        let sources: BTreeSet<_> = it.labels.iter().map(|it| it.span.source).collect();
        assert_eq!(sources.len(), 2, "{it}");
    }
}

/// One host's word is enough, for the tables that it names; what nothing needs is said, of the fleet alone.
#[test]
fn what_one_host_allows_is_not_said() {
    let findings = checked("allowed");
    assert_eq!(reported(&findings), marks(&findings));
    let alone = |it: &std::path::PathBuf| hostwright::compile(&load(it), &target(252)).1;
    let mut hosts = files("fleets/allowed", "toml").iter().map(alone).collect::<Vec<_>>().into_iter();
    assert!(hosts.all(|it| it.is_empty()));
}

fn run(arguments: &[&str]) -> Output {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fleets");
    let mut command = Command::new(env!("CARGO_BIN_EXE_hostwright"));
    command.args(arguments).current_dir(directory).output().expect("the command runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_command_says_it_in_every_format() {
    let sound = run(&["check", "--fleet", "sound"]);
    assert!(sound.status.success() && sound.stderr.is_empty(), "{sound:?}");
    let short = run(&["check", "--fleet", "broken", "--format", "short"]);
    assert_eq!(short.status.code(), Some(1));
    let whole = run(&["check", "--fleet", "broken"]);
    snapshot!("fleets", text(&short.stderr) + "\n" + &text(&whole.stderr));
    let json = run(&["check", "--fleet", "broken", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    let list = json["diagnostics"].as_array().expect("a list");
    assert_eq!(list.len(), text(&short.stderr).lines().count());
    assert!(list.iter().all(|it| it["labels"][0]["file"].is_string()), "{json}");
}

#[test]
fn a_directory_without_hosts_is_refused() {
    let nothing = tempfile::TempDir::new().expect("a directory");
    let output = run(&["check", "--fleet", &nothing.path().display().to_string()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("no file `*.toml`"), "{output:?}");
}
