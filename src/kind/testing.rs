//! What the tests of kinds share: a spec in, diagnostics or files out.

use crate::artifact::{Artifact, Artifacts, Content};
use crate::host::Target;
use crate::spec::Sources;

const HEAD: &str = "[host]\nname = \"hv1\"\nsite = \"fra1\"\n[nic.eno1]\n";

fn compile(tables: &str) -> (Option<Artifacts>, Vec<String>) {
    let text = format!("{HEAD}{tables}");
    let sources = Sources::single("host.toml", &text);
    let target = Target { systemd: 252, binaries: "/usr/bin".to_owned() };
    let (artifacts, diagnostics) = crate::compile(&sources, &target);
    let found =
        diagnostics.iter().map(|it| format!("{} @ {}", it.code, &text[it.span().start..it.span().end]));
    (artifacts, found.collect())
}

/// Checks what is said of tables, and where: `code @ underlined text`.
#[track_caller]
pub(super) fn check(tables: &str, expected: &[&str]) {
    assert_eq!(compile(tables).1, expected);
}

fn host(tables: &str) -> Artifacts {
    let (artifacts, found) = compile(tables);
    artifacts.unwrap_or_else(|| panic!("{found:?}"))
}

/// Returns a file that tables compile to, by its path below its directory.
pub(super) fn file(tables: &str, path: &str) -> String {
    let artifacts = host(tables);
    let file = artifacts.files().find(|it| it.place.path == path);
    match file.map(|it| &it.content) {
        Some(Content::Text(text)) => text.clone(),
        other => panic!("{path}: {other:?}"),
    }
}

/// Returns the XML of the network or domain that tables compile to.
pub(super) fn xml(tables: &str) -> String {
    let xml = host(tables).iter().find_map(|it| match &it.artifact {
        Artifact::Domain(domain) => Some(domain.xml.clone()),
        Artifact::Network(network) => Some(network.xml.clone()),
        _ => None,
    });
    xml.expect("a network or a domain")
}

/// Returns the XML of the domain that tables compile to, beside its networks.
pub(super) fn domain_xml(tables: &str) -> String {
    let xml = host(tables).iter().find_map(|it| match &it.artifact {
        Artifact::Domain(domain) => Some(domain.xml.clone()),
        _ => None,
    });
    xml.expect("a domain")
}
