//! A spec of ten thousand lines with five hundred mistakes: all are said, and soon.
//!
//! The limits are those of a release; a build for tests has twenty times as long.
#![allow(clippy::disallowed_methods, reason = "a test may look at the clock")]

mod common;

use std::time::{Duration, Instant};

use common::{files, load, target};
use hostwright::spec::Sources;

/// Mistakes of each sort.
const OF_EACH: usize = 100;
const LINES: usize = 10_000;
/// How much longer a build for tests may take.
const SLOWNESS: u32 = if cfg!(debug_assertions) { 20 } else { 1 };

/// Writes a host with VLANs, of which some have a mistake.
fn large(mistakes: &[&str]) -> String {
    let mut text = String::from("[host]\nname = \"hv1\"\n[nic.eno1]\nmtu = 9000\n");
    let tables = (LINES - 4) / 5;
    let every = tables / (OF_EACH * mistakes.len().max(1));
    for at in 0..tables {
        let mistake = if at % every == 0 { mistakes.get(at / every % mistakes.len().max(1)) } else { None };
        let line = mistake.copied().filter(|_| at / every < OF_EACH * mistakes.len()).unwrap_or("mtu = 1500");
        let id = 1 + at % 4000;
        let parent = if line.starts_with("parent") { "mtu = 1500" } else { "parent = \"eno1\"" };
        text.push_str(&format!("\n[vlan.v{at}]\nid = {id}\n{parent}\n{line}\n"));
    }
    text
}

fn check(mistakes: &[&str], report: impl Fn(&Sources, &hostwright::diagnostic::Diagnostics)) {
    let text = large(mistakes);
    assert!((LINES - 50..=LINES).contains(&text.lines().count()), "{} lines", text.lines().count());
    let sources = Sources::single("host.toml", &text);
    let begin = Instant::now();
    let (_, diagnostics) = hostwright::compile(&sources, &target(252));
    report(&sources, &diagnostics);
    let time = begin.elapsed();
    println!("{} findings in {time:?}", diagnostics.iter().count());
    assert_eq!(diagnostics.iter().count(), OF_EACH * mistakes.len());
    assert!(time < Duration::from_secs(1) * SLOWNESS, "{time:?}");
}

fn lines(sources: &Sources, diagnostics: &hostwright::diagnostic::Diagnostics) {
    let text: String = diagnostics.iter().map(|it| it.short(&sources.files) + "\n").collect();
    assert!(text.contains("host.toml:"));
}

#[test]
fn five_hundred_mistakes_in_tables_are_said_at_once() {
    check(&["mtu = \"x\"", "mtuu = 1500", "addresses = [\"1\"]", "mtu = 9001", "dhcp = \"x\""], lines);
}

#[test]
fn five_hundred_mistakes_of_syntax_are_said_at_once() {
    check(&["mtu = ", "mtu = 1500,", "addresses = [\"192.0.2.1/24\"", "domains = [\"a", "mtu 1500"], lines);
}

#[test]
fn a_whole_host_is_checked_in_the_blink_of_an_eye() {
    let path = files("hosts", "toml").into_iter().find(|it| it.ends_with("hypervisor.toml")).expect("a host");
    let sources = load(&path);
    let once = || {
        let begin = Instant::now();
        assert!(hostwright::compile(&sources, &target(252)).0.is_some());
        begin.elapsed()
    };
    // Others run beside it, and one of them may have the processor.
    let time = [(); 9].map(|()| once()).into_iter().min().expect("a time");
    println!("the hypervisor in {time:?}");
    assert!(time < Duration::from_millis(10) * SLOWNESS, "{time:?}");
}

/// Whoever walks down to the ground from each link needs minutes.
#[test]
fn five_thousand_links_on_each_other_are_checked_in_one_walk() {
    let link = |at: usize| match at {
        0 => "[host]\nname = \"hv1\"\n[nic.v0]\n".to_owned(),
        _ => format!("[vlan.v{at}]\nid = 7\nparent = \"v{}\"\n", at - 1),
    };
    let text: String = (0..=5000).map(link).collect();
    let begin = Instant::now();
    let (artifacts, diagnostics) = hostwright::compile(&Sources::single("host.toml", &text), &target(252));
    let time = begin.elapsed();
    println!("five thousand links on each other in {time:?}");
    assert!(artifacts.is_some(), "{diagnostics:?}");
    assert!(time < Duration::from_millis(500) * SLOWNESS, "{time:?}");
}

/// A reader needs stack for each level, and one that compares paths time for each pair of them.
#[test]
fn names_and_brackets_without_end_are_refused_at_once() {
    let name = |parts: usize| vec!["a"; parts].join(".");
    let braces = (0..78).fold("1".to_owned(), |inner, _| format!("{{ {} = {inner} }}", name(79)));
    let brackets = "[".repeat(20_000);
    for wrong in [
        format!("[{}]", name(10_000)),
        format!("[host.{}]", name(70)),
        format!("{} = 1", name(10_000)),
        format!("a = {braces}"),
        format!("a = {brackets}"),
        format!("a = {brackets}{}", "]".repeat(20_000)),
    ] {
        let text = format!("[host]\nname = \"hv1\"\n{wrong}\n\n[nic.eno1]\nmtu = 1\n");
        let begin = Instant::now();
        let (artifacts, diagnostics) =
            hostwright::compile(&Sources::single("host.toml", &text), &target(252));
        let time = begin.elapsed();
        let said: Vec<_> = diagnostics.iter().map(ToString::to_string).collect();
        assert!(artifacts.is_none() && said.len() == 2, "{said:?}");
        assert!(said[0].contains("nested deeper than the 64 levels"), "{said:?}");
        assert!(time < Duration::from_secs(1) * SLOWNESS, "{time:?}");
        assert_eq!(hostwright::format::format(&text), None);
    }
}
