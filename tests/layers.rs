//! Who may import whom, where effects and their crates are named, and the shape of files.
#![expect(clippy::disallowed_methods, reason = "the sources are files")]

#[path = "layers/source.rs"]
mod source;

use hostwright::kind::KINDS;
use source::{File, Reference};

/// Modules of the library, and what each may name besides itself.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("value", &[]),
    ("source", &[]),
    ("code", &[]),
    ("diagnostic", &["code", "source"]),
    ("artifact", &["value"]),
    ("ini", &[]),
    ("takeover", &["artifact", "value"]),
    ("observed", &["artifact", "ini", "takeover", "value", "xml"]),
    ("review", &["artifact", "xml"]),
    ("effect", &["artifact", "observed", "value"]),
    ("xml", &["artifact", "value"]),
    ("plan", &["artifact", "effect", "ini", "observed", "takeover", "value", "xml"]),
    ("emit", &["artifact"]),
    ("template", &["value", "xml"]),
    ("spec", &["diagnostic", "kind", "source", "value"]),
    ("lower", &["artifact", "diagnostic", "host", "source", "spec", "value"]),
    ("host", &["artifact", "kind", "spec"]),
    (
        "render",
        &[
            "observed",
            "artifact",
            "diagnostic",
            "host",
            "kind",
            "lower",
            "source",
            "spec",
            "template",
            "value",
        ],
    ),
    (
        "kind",
        &["artifact", "diagnostic", "lower", "observed", "render", "source", "spec", "template", "value"],
    ),
    (
        "import",
        &[
            "artifact",
            "diagnostic",
            "host",
            "ini",
            "kind",
            "lower",
            "observed",
            "render",
            "source",
            "spec",
            "value",
            "xml",
        ],
    ),
    ("fix", &["code", "diagnostic", "source", "spec"]),
    ("fleet", &["artifact", "compile", "diagnostic", "host", "lower", "source", "spec", "value", "xml"]),
    ("graph", &["artifact", "compile", "diagnostic", "host", "lower", "source", "spec", "value"]),
    ("format", &["kind", "spec"]),
    ("explain", &["code", "diagnostic", "kind", "spec"]),
    ("reference", &["kind", "spec"]),
    ("schema", &["kind", "spec", "value"]),
];

/// What the library does not do: input and output, processes, environment, clocks; and the file that may.
const EFFECTS: &[(&str, &str)] = &[
    ("std::fs", "src/emit.rs"),
    ("std::process", "src/emit.rs"),
    ("std::env", ""),
    ("std::net::Tcp", ""),
    ("std::net::Udp", ""),
    ("std::os::unix::net", ""),
    ("SystemTime", ""),
    ("Instant", ""),
    ("println!", ""),
];

/// Crates, and beginnings of the paths that may name them.
const CRATES: &[(&str, &[&str])] = &[
    ("zbus", &["src/bin/hostwright/machine/systemd", "src/bin/hostwright/machine/networkd"]),
    ("virt", &["src/bin/hostwright/machine/libvirt"]),
    ("netlink_packet_route", &["src/bin/hostwright/machine/netlink"]),
    ("netlink_packet_sock_diag", &["src/bin/hostwright/machine/netlink"]),
    ("annotate_snippets", &["src/bin/hostwright/report.rs"]),
    (
        "clap",
        &[
            "src/bin/hostwright/cli.rs",
            "src/bin/hostwright/cli/",
            "src/bin/hostwright/main.rs",
            "src/bin/hostwright/commands.rs",
        ],
    ),
    ("nix", &["src/bin/hostwright/"]),
    ("socket2", &["src/bin/hostwright/machine/arp.rs", "src/bin/hostwright/machine/echo.rs"]),
];

/// Where the D-Bus ports are: only they are asynchronous.
const ASYNCHRONOUS: &[&str] = &["src/bin/hostwright/machine/systemd", "src/bin/hostwright/machine/networkd"];

/// Longest file, tests aside.
const LINES: usize = 300;

fn kind_of(reference: &Reference) -> Option<&str> {
    let words = || KINDS.iter().map(|kind| kind.word());
    match reference.path.as_slice() {
        [kind, word, ..] if kind == "kind" => words().find(|it| it == word),
        _ => None,
    }
}

fn check_imports(file: &File) -> Vec<String> {
    let Some(module) = file.library_module() else {
        return Vec::new();
    };
    let own_kind = file.path.strip_prefix("src/kind/").and_then(|it| it.split('/').next());
    let allowed = match MAY_NAME.iter().find(|(name, _)| *name == module) {
        Some((_, allowed)) => *allowed,
        None if module == "lib" => return Vec::new(),
        None => return vec![format!("{}: `{module}` is in no layer", file.path)],
    };
    let mut wrong = Vec::new();
    for reference in file.references() {
        let to = reference.path[0].as_str();
        let other_kind = own_kind.is_some() && kind_of(&reference).is_some_and(|it| Some(it) != own_kind);
        if other_kind || (to != module && !allowed.contains(&to)) {
            wrong.push(format!("{}: names `{}`", file.path, reference.path.join("::")));
        }
    }
    wrong
}

fn check_effects(file: &File) -> Vec<String> {
    if file.library_module().is_none() {
        return Vec::new();
    }
    let code = file.code();
    let named = |what: &str| source::names(&code, what) || source::names_in_group(&code, what);
    EFFECTS
        .iter()
        .filter(|(what, place)| file.path != *place && named(what))
        .map(|(what, _)| format!("{}: `{what}` is an effect", file.path))
        .collect()
}

fn check_crates(file: &File) -> Vec<String> {
    let code = file.code();
    CRATES
        .iter()
        .filter(|(_, places)| !places.iter().any(|place| file.path.starts_with(place)))
        .filter(|(name, _)| source::names(&code, &format!("{name}::")))
        .map(|(name, _)| format!("{}: the crate `{name}` is not named here", file.path))
        .collect()
}

fn check_programs(file: &File) -> Vec<String> {
    if file.library_module().is_some() {
        return Vec::new();
    }
    let code = file.code();
    let mut wrong = Vec::new();
    if code.contains("hostwright::kind") {
        wrong.push(format!("{}: a program names kinds", file.path));
    }
    if code.contains("async ") && !ASYNCHRONOUS.iter().any(|it| file.path.starts_with(it)) {
        wrong.push(format!("{}: is asynchronous", file.path));
    }
    wrong
}

fn check_planner(file: &File) -> Vec<String> {
    if !file.library_module().is_some_and(|it| it == "plan" || it == "effect") {
        return Vec::new();
    }
    let code = file.code();
    let said = |word: &str| code.contains(&format!("\"{word}\"")) || code.contains(&format!("\"{word}.\""));
    KINDS
        .iter()
        .filter(|kind| said(kind.word()))
        .map(|kind| format!("{}: the planner names the kind `{}`", file.path, kind.word()))
        .collect()
}

fn check_form(file: &File) -> Vec<String> {
    let lines = file.without_tests().lines().count();
    let mut wrong = Vec::new();
    if lines > LINES {
        wrong.push(format!("{}: {lines} lines, at most {LINES}", file.path));
    }
    if !file.text.starts_with("//! ") {
        wrong.push(format!("{}: does not say what it is", file.path));
    }
    wrong
}

fn check(files: &[File]) -> Vec<String> {
    let checks = [check_imports, check_effects, check_crates, check_programs, check_planner, check_form];
    let found = files.iter().flat_map(|file| checks.iter().flat_map(|check| check(file)));
    found.chain(source::undeclared(files)).collect()
}

#[test]
fn every_file_keeps_to_its_layer() {
    let found = check(&source::tree());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[track_caller]
fn finds(path: &str, text: &str, expected: &str) {
    let file = File::new(path, &format!("//! A file.\n{text}\n"));
    let found = check(&[file]);
    let found: Vec<_> = found.iter().filter(|it| !it.contains("declares")).collect();
    match found.as_slice() {
        [one] => assert!(one.contains(expected), "{one}"),
        [] if expected.is_empty() => {}
        _ => panic!("{found:?} instead of {expected:?}"),
    }
}

#[test]
fn a_kind_that_names_another_kind_is_found() {
    finds("src/kind/vlan/lower.rs", "use crate::kind::nic::Nic;", "kind::nic");
    finds("src/kind/vlan/lower.rs", "use super::super::nic::Nic;", "kind::nic");
    finds("src/kind/vlan/lower.rs", "use crate::{keys, kind::nic};", "kind::nic");
    finds("src/kind/vlan/lower.rs", "use crate::kind::{Kind, nic::Nic};", "kind::nic");
    finds("src/kind/vlan/mod.rs", "fn f(it: &super::nic::Nic) {}", "kind::nic");
    finds("src/kind/vlan/lower.rs", "use crate::plan::Step;", "plan::Step");
    finds("src/kind/vlan/lower.rs", "use super::Vlan;\nuse crate::lower::Lower;", "");
}

#[test]
fn a_planner_that_knows_kinds_is_found() {
    finds("src/plan/links.rs", "use crate::kind::KINDS;", "kind::KINDS");
    finds("src/plan/links.rs", "use crate::spec::Key;", "spec::Key");
    finds("src/plan/links.rs", "fn f() -> &'static str { \"vlan\" }", "the kind `vlan`");
    finds("src/plan/links.rs", "use super::Step;\n// never \"vlan\", crate::kind", "");
}

#[test]
fn an_effect_in_the_library_is_found() {
    finds("src/artifact.rs", "fn f() { std::fs::read(\"/\").ok(); }", "std::fs");
    finds("src/artifact.rs", "use std::{fs, io};", "std::fs");
    finds("src/artifact.rs", "use std::process::Command;", "std::process");
    finds("src/plan.rs", "fn f() { std::time::Instant::now(); }", "Instant");
    finds("src/emit.rs", "use std::fs;", "");
    finds("src/bin/hostwright/main.rs", "use std::fs;", "");
}

#[test]
fn a_crate_outside_its_place_is_found() {
    finds("src/artifact.rs", "use clap::Parser;", "clap");
    finds("src/bin/hostwright/main.rs", "use zbus::Connection;", "zbus");
    finds("src/bin/hostwright/machine/files.rs", "use virt::connect::Connect;", "virt");
    finds("src/bin/hostwright/machine/libvirt/domains.rs", "use virt::connect::Connect;", "");
    finds("src/bin/hostwright-generator.rs", "use clap::Parser;", "clap");
}

#[test]
fn a_program_that_knows_kinds_or_is_asynchronous_is_found() {
    finds("src/bin/hostwright/plan.rs", "use hostwright::kind::KINDS;", "names kinds");
    finds("src/bin/hostwright/machine/files.rs", "async fn f() {}", "asynchronous");
    finds("src/bin/hostwright/machine/systemd/bus.rs", "async fn f() {}", "");
}

#[test]
fn a_file_out_of_form_is_found() {
    finds("src/artifact.rs", &"\n".repeat(LINES), "at most 300");
    finds("src/teapot.rs", "", "is in no layer");
    let lost = [File::new("src/lib.rs", "//! A.\n"), File::new("src/xml.rs", "//! B.\n")];
    assert_eq!(check(&lost), ["src/xml.rs: src/lib.rs declares no `mod xml`"]);
}
