//! `fmt`: the same host, every comment, and nothing more to do the second time.
#![allow(clippy::disallowed_methods, reason = "this test runs programs")]

mod common;

use std::fs;
use std::process::Command;

use common::{blocks, compile, files, load, picture};
use hostwright::format::{Order, format_in};
use proptest::prelude::*;
use tempfile::TempDir;

fn comments(text: &str) -> Vec<&str> {
    let mut found: Vec<_> =
        text.lines().filter_map(|it| it.find("# ").map(|at| it[at..].trim_end())).collect();
    found.sort_unstable();
    found
}

#[track_caller]
fn check(text: &str) {
    for order in [Order::Written, Order::ByKind] {
        let written = format_in(text, order).unwrap_or_else(|| panic!("not written: {text}"));
        assert_eq!(format_in(&written, order).as_deref(), Some(written.as_str()), "a second time");
        assert_eq!(comments(&written), comments(text));
        let [before, after] = [text, &written].map(|it| compile(it).0.map(|it| picture(&it)));
        assert!(before.is_some() && before == after, "another host:\n{written}");
    }
}

#[test]
fn every_host_stays_the_host_it_is() {
    for path in files("hosts", "toml") {
        check(&load(&path).concatenated());
    }
}

/// A comment that an empty line parts from the key below it divides as one between empty lines does.
#[test]
fn keys_stay_behind_a_comment_that_stands_alone() {
    let mount = |keys: &str| {
        format!(
            "[host]\nname = \"hv1\"\n\n[mount.a]\nwhere = \"/srv/a\"\nsource.volume = \"vg/a\"\n# alone\n\n{keys}"
        )
    };
    let text = mount("type = \"xfs\"\non-demand = true\n");
    check(&text);
    let keys = "on-demand = true\ntype = \"xfs\"\n";
    assert_eq!(format_in(&text, Order::Written), Some(mount(keys)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn in_any_order_with_comments_anywhere(host in any::<prop::sample::Index>(), mut seed in any::<u64>()) {
        let hosts = files("hosts", "toml");
        let text = load(&hosts[host.index(hosts.len())]).concatenated();
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(seed >> 33).unwrap_or(0) % below.max(1)
        };
        let mut blocks = blocks(&text);
        for at in (2..blocks.len()).rev() {
            let other = 1 + random(at);
            blocks.swap(at, other);
        }
        let mut noisy = String::new();
        for (number, line) in blocks.concat().lines().enumerate() {
            match random(12) {
                0 => noisy.push_str(&format!("  # above {number}\n")),
                1 => noisy.push_str(&format!("\n\n# alone {number}\n\n")),
                2 => noisy.push('\n'),
                _ => {}
            }
            let beside = if random(12) == 0 { format!("   # beside {number}  ") } else { String::new() };
            noisy.push_str(&format!("{line}{beside}\n"));
        }
        check(&noisy);
    }

    #[test]
    fn no_text_makes_it_panic_or_lose_anything(text in "([a-c\"'#=.,\\[\\]{} \n]|\\PC){0,60}") {
        for order in [Order::Written, Order::ByKind] {
            if let Some(written) = format_in(&text, order) {
                prop_assert_eq!(format_in(&written, order), Some(written.clone()));
                prop_assert_eq!(written.parse::<toml::Table>().ok(), text.parse().ok());
            }
        }
    }
}

#[test]
fn the_command_writes_checks_and_refuses() {
    let root = TempDir::new().expect("a directory");
    let file = root.path().join("host.toml");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hostwright"));
        let output = command.args(arguments).current_dir(root.path()).output().expect("it runs");
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&text).into_owned())
    };
    fs::write(&file, "[nic.eno1]\n[host]\nname=\"hv1\" # us\n").expect("a file");
    assert_eq!(run(&["fmt", "host.toml"]), (Some(0), "host.toml\n".to_owned()));
    assert_eq!(fs::read_to_string(&file).expect("a text"), "[nic.eno1]\n\n[host]\nname = \"hv1\" # us\n");
    assert_eq!(run(&["fmt", "--check", "host.toml"]), (Some(0), String::new()));
    fs::write(&file, "[nic.eno1]\n[host]\nname=\"hv1\" # us\n").expect("a file");
    let (exit, text) = run(&["fmt", "--by-kind", "--check", "host.toml"]);
    assert!(exit == Some(3) && text.contains("+name = \"hv1\" # us"), "{exit:?} {text}");
    assert_eq!(run(&["fmt", "--by-kind", "host.toml"]), (Some(0), "host.toml\n".to_owned()));
    assert_eq!(fs::read_to_string(&file).expect("a text"), "[host]\nname = \"hv1\" # us\n\n[nic.eno1]\n");
    assert_eq!(run(&["fmt", "--by-kind", "--check", "host.toml"]), (Some(0), String::new()));
    fs::write(&file, "[host]\nname=\n").expect("a file");
    let (exit, text) = run(&["fmt", "host.toml"]);
    assert!(exit == Some(1) && text.contains("error[toml-syntax]"), "{exit:?} {text}");
    assert_eq!(fs::read_to_string(&file).expect("a text"), "[host]\nname=\n");
}
