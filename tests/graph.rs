//! Hosts as graphs: what two of them look like, and that every one is sound.
#![allow(clippy::disallowed_methods, reason = "this test runs programs")]

mod common;

use std::process::Command;

use common::{files, load, snapshot, target};
use hostwright::graph::{Form, Graph, Node, graph};

fn graphs() -> Vec<(String, Graph)> {
    let named = |path: &std::path::PathBuf| {
        let (graph, diagnostics) = graph(&load(path), &target(252));
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        (name, graph.unwrap_or_else(|| panic!("{diagnostics:?}")))
    };
    files("hosts", "toml").iter().map(named).collect()
}

#[test]
fn two_hosts_are_drawn_as_was_reviewed() {
    for (name, graph) in graphs().iter().filter(|(name, _)| name == "san" || name == "hypervisor") {
        let text = format!("{}\n{}", graph.dot(), graph.mermaid());
        snapshot!(format!("graph@{name}"), text);
    }
}

/// Whatever comes first is drawn, and no thing stands alone that another one needs.
#[test]
fn edges_join_things_that_are_there_and_no_thing_comes_after_itself() {
    for (name, graph) in graphs() {
        assert!(graph.edges.iter().all(|(a, b)| graph.nodes.contains_key(a) && graph.nodes.contains_key(b)));
        let mut left = graph.edges.clone();
        while !left.is_empty() {
            let before = left.len();
            let seconds: std::collections::BTreeSet<_> = left.iter().map(|it| it.1.clone()).collect();
            left.retain(|(first, _)| seconds.contains(first));
            assert!(left.len() < before, "{name}: {left:?}");
        }
    }
}

#[test]
fn what_stands_in_a_label_cannot_end_it() {
    let node = Node { form: Form::Disk, lines: vec!["/a\"];\\b".to_owned()] };
    let graph = Graph { nodes: [("disk \"".to_owned(), node)].into(), ..Graph::default() };
    assert!(graph.dot().contains(r#"[label="/a\"];\\b", shape=cylinder];"#), "{}", graph.dot());
    assert!(graph.mermaid().contains(r#"[("/a#34;];#92;b")]"#), "{}", graph.mermaid());
}

fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let directory = env!("CARGO_MANIFEST_DIR");
    let mut command = Command::new(env!("CARGO_BIN_EXE_hostwright"));
    let output = command.args(arguments).current_dir(directory).output().expect("the command runs");
    (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[test]
fn the_command_prints_each_format_and_refuses_it_elsewhere() {
    let san = "tests/hosts/san.toml";
    let printed = |format: &str| match run(&["graph", san, "--format", format]) {
        (Some(0), text) => text,
        other => panic!("{other:?}"),
    };
    assert_eq!(run(&["graph", san]), (Some(0), printed("dot")));
    assert!(printed("mermaid").contains("flowchart TB"));
    let json: serde_json::Value = serde_json::from_str(&printed("json")).expect("JSON");
    assert_eq!(json["graph"]["nodes"]["vlan.san"]["form"], "link");
    let (exit, text) = run(&["check", san, "--format", "dot"]);
    assert!(exit == Some(2) && text.contains("for `hostwright graph` alone"), "{text}");
    let (exit, text) = run(&["graph", "tests/rejects/language.toml", "--format", "dot"]);
    assert!(exit == Some(1) && text.contains("error[language]"), "{text}");
}

/// Where graphviz is installed it reads what is written.
#[test]
fn graphviz_reads_it() {
    use std::io::Write as _;
    use std::process::Stdio;
    for (name, graph) in graphs() {
        let Ok(mut dot) =
            Command::new("dot").arg("-Tplain").stdin(Stdio::piped()).stdout(Stdio::null()).spawn()
        else {
            return;
        };
        dot.stdin.take().expect("a pipe").write_all(graph.dot().as_bytes()).expect("written");
        assert!(dot.wait().expect("it ends").success(), "{name}");
    }
}
