//! Review: what a build writes, what `diff` shows of two specs, and what it says would happen.
#![allow(clippy::disallowed_methods, reason = "this test runs the command")]

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{files, load, snapshot, target};
use hostwright::artifact::Artifacts;
use hostwright::observed::Observed;
use hostwright::plan::{Deferral, Reach, plan};
use tempfile::TempDir;

const SMALL: &str = include_str!("hosts/small.toml");

struct Directory(TempDir);

impl Directory {
    fn new(files: &[(&str, &str)]) -> Self {
        let directory = Self(TempDir::new().expect("a directory"));
        files.iter().for_each(|(path, text)| directory.write(path, text));
        directory
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    /// Runs the command in the directory; returns what it printed.
    #[track_caller]
    fn exits(&self, arguments: &str, code: i32) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hostwright"));
        let output = command.args(arguments.split(' ')).current_dir(self.0.path()).output().expect("it runs");
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments}: {text}");
        text
    }

    fn tree(&self, path: &str) -> Vec<String> {
        let mut found = Vec::new();
        walk(&self.path(path), "", &mut found);
        found.sort();
        found
    }
}

fn walk(directory: &Path, below: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(directory).expect("a directory").flatten() {
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.file_type().expect("a type").is_dir() {
            walk(&entry.path(), &format!("{name}/"), found);
        } else {
            found.push(name);
        }
    }
}

#[test]
fn a_machine_as_applied_needs_nothing_and_a_bare_one_has_what_cannot_be_made() {
    for path in files("hosts", "toml") {
        let sources = load(&path);
        let (host, _) = hostwright::compile(&sources, &target(252));
        let (host, systemd) = (host.expect("a host"), hostwright::compiled_for(&sources, &target(252)));
        let observed = Observed::as_applied(&host, &host, systemd);
        let same = plan(&host, &host, &observed, Reach::Machine, Deferral::Stop);
        assert!(same.is_empty() && same.pending.is_empty(), "{}:\n{same}", path.display());
        let bare = Artifacts::default();
        let observed = Observed::as_applied(&bare, &host, systemd);
        let whole = plan(&bare, &host, &observed, Reach::Machine, Deferral::Stop);
        assert!(!whole.is_empty() && whole.problems.is_empty(), "{}:\n{whole}", path.display());
    }
}

#[test]
fn two_specs_are_compared_as_artifacts_and_as_what_would_happen() {
    let changed = SMALL
        .replace("mtu = 9000\n", "")
        .replace("id = 42", "id = 43")
        .replace("[mount.scratch]\nwhere = \"/srv/scratch\"", "[mount.work]\nwhere = \"/srv/work\"")
        .replace("memory = \"8GiB\"", "memory = \"16GiB\"")
        .replace("name = \"hv1\"\n", "name = \"hv1\"\nsystemd = 252\n");
    let old = SMALL.replace("name = \"hv1\"\n", "name = \"hv1\"\nsystemd = 252\n");
    let directory = Directory::new(&[("old.toml", &old), ("new.toml", &changed)]);
    let text = directory.exits("diff old.toml new.toml", 0);
    snapshot!("diff", text);
    assert_eq!(directory.exits("diff old.toml new.toml --exit-code", 3), text);
    let coloured = directory.exits("diff old.toml new.toml --color always", 0);
    assert!(coloured.contains("\u{1b}[31m-memory = \"8GiB\"\u{1b}[0m"), "{coloured}");
    let json: serde_json::Value =
        serde_json::from_str(&directory.exits("diff old.toml new.toml --format json", 0)).expect("JSON");
    assert_eq!(json["format-version"], 1);
    assert!(json["files"].as_array().is_some_and(|it| it.len() > 5) && json["plan"]["changes"].is_array());
}

#[test]
fn what_makes_the_same_is_no_difference() {
    let commented = format!("# The same.\n{SMALL}");
    let broken = SMALL.replace("id = 42", "id = 4200");
    let files = [("old.toml", SMALL), ("same.toml", &commented), ("broken.toml", &broken)];
    let directory = Directory::new(&files);
    let text = directory.exits("diff old.toml same.toml --exit-code", 0);
    assert!(text.contains("+# The same.") && text.contains("old.toml and same.toml make the same"), "{text}");
    assert!(directory.exits("diff old.toml broken.toml", 1).contains("broken.toml:14:6"));
    directory.exits("diff old.toml absent.toml", 2);
    assert!(directory.exits("--root . diff old.toml", 0).contains("-[vlan.storage]"), "against nothing");
}

#[test]
fn a_build_leaves_nothing_of_the_one_before() {
    let directory = Directory::new(&[("host.toml", SMALL)]);
    directory.exits("build --out tree host.toml", 0);
    let first = directory.tree("tree");
    assert!(first.contains(&"units/srv-scratch.mount".to_owned()), "{first:?}");
    assert!(first.contains(&"safety.json".to_owned()));
    directory.write("tree/README", "ours");
    directory.write("host.toml", &SMALL.replace("/srv/scratch", "/srv/work"));
    directory.exits("build --out tree host.toml", 0);
    let second = directory.tree("tree");
    let renamed = |it: &String| it.replace("srv-scratch", "srv-work");
    let mut expected: Vec<_> = first.iter().map(renamed).chain(["README".to_owned()]).collect();
    expected.sort();
    assert_eq!(second, expected);
    directory.write("host.toml", "[host]\nname = \"hv1\"\ndefault-bridges = \"leave\"\n");
    directory.exits("build --out tree host.toml", 0);
    assert_eq!(directory.tree("tree"), [".hostwright-build", "README", "safety.json"]);
    assert!(!directory.path("tree/units").exists(), "empty directories stay");
}

#[test]
fn a_build_touches_nothing_that_no_build_wrote() {
    let directory = Directory::new(&[("host.toml", SMALL), ("other/notes", "mine"), ("victim", "mine")]);
    let text = directory.exits("build --out other host.toml", 2);
    assert!(text.contains("it holds `notes` and was written by no build"), "{text}");
    assert_eq!(directory.tree("other"), ["notes"]);
    directory.write("tree/.hostwright-build", "../victim\n/etc/hostname\n\nunits/./../../victim\n");
    directory.write("tree/safety.json", "mine");
    let text = directory.exits("build --out tree host.toml", 2);
    assert!(text.contains("safety.json: something else is there already"), "{text}");
    fs::remove_file(directory.path("tree/safety.json")).expect("removed");
    directory.exits("build --out tree host.toml", 0);
    assert_eq!(fs::read_to_string(directory.path("victim")).expect("it is there"), "mine");
    directory.write("empty/.git/HEAD", "ref: refs/heads/main\n");
    directory.exits("build --out empty host.toml", 0);
}

/// A tree comes out of a repository, where a link and the list can be anybody's.
#[test]
fn a_build_follows_no_link_out_of_its_tree() {
    let directory = Directory::new(&[("host.toml", SMALL), ("victim/passwd", "mine")]);
    directory.write("tree/.hostwright-build", "away/passwd\n");
    symlink("../victim", directory.path("tree/away")).expect("a link");
    let text = directory.exits("build --out tree host.toml", 2);
    assert!(text.contains("tree/away: it is a symbolic link"), "{text}");
    fs::create_dir(directory.path("other")).expect("a directory");
    fs::write(directory.path("other/.hostwright-build"), "").expect("a file");
    symlink("../victim", directory.path("other/systemd")).expect("a link");
    directory.exits("build --out other host.toml", 2);
    assert_eq!(directory.tree("victim"), ["passwd"]);
}
