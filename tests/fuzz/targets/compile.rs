//! A spec: whatever the text is, it compiles or is reported in places of the text; what compiles can be looked at.
#![no_main]

use hostwright::host::Target;
use hostwright::observed::Observed;
use hostwright::plan::{Deferral, Reach, plan};
use hostwright::spec::Sources;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let sources = Sources::single("host.toml", text);
    let target = Target { systemd: 252, binaries: "/usr/bin".to_owned() };
    let (artifacts, diagnostics) = hostwright::compile(&sources, &target);
    for diagnostic in diagnostics.iter() {
        for label in &diagnostic.labels {
            assert!(text.get(label.span.start..label.span.end).is_some(), "{diagnostic}");
        }
    }
    let Some(artifacts) = artifacts else { return };
    hostwright::review::tree(&artifacts).expect("what compiles can be written");
    let observed = Observed::as_applied(&artifacts, &artifacts, 252);
    let same = plan(&artifacts, &artifacts, &observed, Reach::Machine, Deferral::Stop);
    assert!(same.changes.is_empty(), "{same}");
});
