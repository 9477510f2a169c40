//! A spec: whatever the text is, it compiles or is reported in places of the text; what is written into it is harmless.
#![no_main]

#[path = "../../common/findings.rs"]
mod findings;
mod stack;

use std::collections::BTreeSet;

use findings::check_findings;
use hostwright::artifact::Artifacts;
use hostwright::diagnostic::Diagnostics;
use hostwright::fix::mend;
use hostwright::format::format;
use hostwright::host::Target;
use hostwright::observed::Observed;
use hostwright::plan::{Deferral, Reach, plan};
use hostwright::review::tree;
use hostwright::spec::{Sources, referring};
use libfuzzer_sys::fuzz_target;

const SYSTEMD: u32 = 252;

/// Another host of the fleet.
const OTHER: &str = include_str!("../../hosts/small.toml");

fuzz_target!(
    init: stack::prepare(),
    |text: &str| {
        let sources = Sources::single("host.toml", text);
        let (artifacts, diagnostics) = compile(&sources);
        check_findings(&diagnostics, &sources.files);
        let _ = referring::tables(&sources);
        mends(sources.clone());
        writes(text, artifacts.as_ref());
        if let Some(artifacts) = artifacts {
            compiles(&sources, &artifacts);
        }
    }
);

fn target() -> Target {
    Target { systemd: SYSTEMD, binaries: "/usr/bin".to_owned() }
}

fn compile(sources: &Sources) -> (Option<Artifacts>, Diagnostics) {
    hostwright::compile(sources, &target())
}

/// What is certain is written once.
fn mends(sources: Sources) {
    let check = |it: &Sources| compile(it).1;
    let mended = mend(sources, &BTreeSet::new(), check, Clone::clone);
    if mended.gone.is_empty() {
        return;
    }
    check_findings(&check(&mended.sources), &mended.sources.files);
    let again = mend(mended.sources.clone(), &BTreeSet::new(), check, Clone::clone);
    assert_eq!(again.sources.files[0].text, mended.sources.files[0].text, "mended twice");
}

/// A text in its usual writing is the same host, and stays as it is.
fn writes(text: &str, artifacts: Option<&Artifacts>) {
    let Some(written) = format(text) else {
        assert!(artifacts.is_none(), "it compiles and cannot be written");
        return;
    };
    assert_eq!(format(&written).as_deref(), Some(&*written), "a second time");
    let (same, _) = compile(&Sources::single("host.toml", &written));
    assert!(same.as_ref() == artifacts, "another host: {written}");
}

/// What compiles can be looked at, drawn, compared and applied again, and nothing differs.
fn compiles(sources: &Sources, artifacts: &Artifacts) {
    let applied = hostwright::compile_applied(sources, &target()).0;
    assert!(applied.as_ref() == Some(artifacts), "it was applied, and is another host now");
    if let (Ok(one), Ok(other)) = (tree(artifacts), tree(applied.as_ref().expect("artifacts"))) {
        assert!(one == other, "it differs from itself");
    }
    let observed = Observed::as_applied(artifacts, artifacts, SYSTEMD);
    let same = plan(artifacts, artifacts, &observed, Reach::Machine, Deferral::Stop);
    assert!(same.changes.is_empty(), "{same}");
    let graph = hostwright::graph::graph(sources, &target()).0.expect("what compiles can be drawn");
    let _ = (graph.dot(), graph.mermaid());
    let fleet = hostwright::fleet::check(&[sources.clone(), Sources::single("other.toml", OTHER)], &target());
    check_findings(&fleet.diagnostics, &fleet.files);
}
