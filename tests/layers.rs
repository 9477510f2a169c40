//! Who may import whom, and what the library may not do.
#![allow(clippy::disallowed_methods, reason = "this test reads the sources")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Modules of the library, and what each may name besides itself.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("value", &[]),
    ("source", &[]),
    ("code", &[]),
    ("diagnostic", &["code", "source"]),
    ("artifact", &["value"]),
    ("observed", &["artifact", "value"]),
    ("effect", &["observed"]),
    ("xml", &["artifact", "value"]),
    ("plan", &["artifact", "effect", "observed", "value", "xml"]),
    ("emit", &["artifact"]),
    ("template", &["xml"]),
    ("spec", &["diagnostic", "kind", "source", "value"]),
    ("lower", &["artifact", "diagnostic", "host", "source", "spec", "value"]),
    ("host", &["kind"]),
    ("render", &["artifact", "diagnostic", "host", "kind", "lower", "source", "spec", "template", "value"]),
    ("kind", &["artifact", "diagnostic", "lower", "render", "source", "spec", "template", "value"]),
    ("explain", &["code", "diagnostic", "kind", "spec"]),
];
/// Crates that belong to certain files of the command alone.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("zbus", &["machine/systemd", "machine/networkd"]),
    ("virt", &["machine/libvirt"]),
    ("netlink_packet_route", &["machine/netlink"]),
    ("netlink_packet_sock_diag", &["machine/netlink"]),
    ("annotate_snippets", &["report.rs"]),
    ("clap", &["cli.rs", "main.rs", "commands.rs"]),
];
/// What the library does not do: input and output, processes, environment, clocks.
const NOT_IN_LIBRARY: &[&str] =
    &["std::fs", "std::process", "std::env", "std::net::Tcp", "SystemTime", "Instant", "println!"];
/// Files that may: the one that writes, and its one word of the process.
const WRITES: &str = "src/emit.rs";
const LONGEST: usize = 300;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns all sources below a folder with their texts; paths are relative.
fn sources(folder: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![root().join(folder)];
    while let Some(directory) = open.pop() {
        for path in std::fs::read_dir(directory).expect("a folder").flatten().map(|it| it.path()) {
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let name = path.strip_prefix(root()).expect("below the root").display().to_string();
                found.insert(name, std::fs::read_to_string(&path).expect("a source"));
            }
        }
    }
    found
}

fn library() -> BTreeMap<String, String> {
    let mut found = sources("src");
    found.retain(|path, _| !path.starts_with("src/bin/") && path != "src/build.rs");
    found
}

/// Returns the code without comments and without tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().filter(|it| !it.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.ends_with("/testing.rs")
}

/// Says whether a text names a crate: `virt::`, but not `libvirt::`.
fn names_crate(code: &str, name: &str) -> bool {
    let word = format!("{name}::");
    code.match_indices(&word)
        .any(|(at, _)| !code[..at].ends_with(|it: char| it.is_alphanumeric() || it == '_'))
}

/// Returns the modules that a text names behind `crate::`.
fn named(code: &str) -> BTreeSet<String> {
    let words = code.split("crate::").skip(1).flat_map(|rest| {
        let list = rest.strip_prefix('{').map(|it| it.split('}').next().unwrap_or_default());
        let word = |it: &str| {
            it.trim().split(|it: char| !it.is_alphanumeric() && it != '_').next().map(str::to_owned)
        };
        list.map_or_else(|| vec![word(rest)], |list| list.split(',').map(word).collect())
    });
    words.flatten().filter(|it| MAY_NAME.iter().any(|(module, _)| module == it)).collect()
}

fn module(path: &str) -> &str {
    let rest = path.trim_start_matches("src/");
    rest.split(['/', '.']).next().unwrap_or_default()
}

#[test]
fn imports_point_left() {
    for (path, text) in library() {
        let module = module(&path);
        if module == "lib" || is_test(&path) {
            continue;
        }
        let allowed = MAY_NAME.iter().find(|(it, _)| *it == module).map(|(_, allowed)| *allowed);
        let allowed = allowed.unwrap_or_else(|| panic!("{path} is in no row of the table"));
        for name in named(&code(&text)) {
            assert!(name == module || allowed.contains(&name.as_str()), "{path} names {name}");
        }
    }
}

#[test]
fn kinds_do_not_know_each_other() {
    for (path, text) in library() {
        let Some(kind) = path.strip_prefix("src/kind/").and_then(|it| it.split('/').next()) else { continue };
        for other in hostwright::kind::KINDS.iter().map(|it| it.word()).filter(|it| *it != kind) {
            assert!(!code(&text).contains(&format!("kind::{other}")), "{path} names the kind {other}");
        }
        assert!(is_test(&path) || !code(&text).contains("super::super"), "{path} reaches beyond its folder");
    }
}

#[test]
fn the_planner_knows_no_kinds() {
    let planner =
        library().into_iter().filter(|(path, _)| path.starts_with("src/plan") || path == "src/effect.rs");
    for (path, text) in planner {
        for word in hostwright::kind::KINDS.iter().map(|it| it.word()) {
            assert!(!code(&text).contains(&format!("\"{word}\"")), "{path} names the kind {word}");
        }
    }
}

#[test]
fn the_library_is_pure() {
    for (path, text) in library() {
        if path == WRITES {
            continue;
        }
        for word in NOT_IN_LIBRARY {
            assert!(!code(&text).contains(word), "{path} names {word}");
        }
        for (name, _) in ONLY_IN {
            assert!(!names_crate(&code(&text), name), "{path} names {name}");
        }
    }
}

#[test]
fn effects_stay_behind_their_ports() {
    for (path, text) in sources("src/bin") {
        let code = code(&text);
        assert!(!code.contains("hostwright::kind"), "{path} names kinds");
        for (name, places) in ONLY_IN {
            let there = places.iter().any(|it| path.contains(it));
            assert!(there || !names_crate(&code, name), "{path} names {name}");
        }
        let asynchronous = path.contains("machine/systemd") || path.contains("machine/networkd");
        assert!(asynchronous || !code.contains("async "), "{path} is asynchronous");
        if !path.contains("src/bin/hostwright/") {
            assert!(!code.contains("clap") && !code.contains("nix::"), "{path} links more than libc");
        }
    }
}

#[test]
fn files_are_short_and_say_what_they_are() {
    for (path, text) in sources("src") {
        assert!(text.starts_with("//!"), "{path} does not say what it is");
        let lines = text.lines().count();
        assert!(is_test(&path) || lines <= LONGEST, "{path} has {lines} lines");
    }
}

/// `cargo fmt` sees the files that `mod` lines lead to: a file without one would be checked by nobody.
#[test]
fn every_file_is_declared_where_cargo_fmt_sees_it() {
    let all = sources("src");
    for path in all.keys() {
        let path = Path::new(path);
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let name = if stem == "mod" { parent_name(path) } else { stem };
        let is_root = matches!(name.as_str(), "lib" | "main" | "build") || name.starts_with("hostwright-");
        assert!(
            is_root || parents(path).iter().any(|it| declares(&all, it, &name)),
            "{} has no mod line",
            path.display()
        );
    }
}

fn parent_name(path: &Path) -> String {
    path.parent().and_then(Path::file_name).expect("a folder").to_string_lossy().into_owned()
}

/// Returns the files that may declare a module.
fn parents(path: &Path) -> Vec<PathBuf> {
    let folder = path.parent().expect("a folder");
    let folder = if path.ends_with("mod.rs") { folder.parent().expect("a folder") } else { folder };
    let mut found = vec![folder.with_extension("rs")];
    found.extend(["mod.rs", "lib.rs", "main.rs", "hostwright-generator.rs"].map(|it| folder.join(it)));
    found
}

fn declares(all: &BTreeMap<String, String>, file: &Path, name: &str) -> bool {
    all.get(&file.display().to_string()).is_some_and(|text| {
        text.lines().any(|line| line.trim_end_matches(';').ends_with(&format!("mod {name}")))
    })
}
