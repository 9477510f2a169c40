//! Wrong hosts: what is said, and where. Each mistake is marked on its line.

mod common;

use std::collections::BTreeSet;

use common::{files, in_words, load, marks, places, snapshot, target};
use hostwright::code::Code;
use hostwright::diagnostic::Diagnostic;

/// Rules about two places that disagree; both are shown.
const OF_TWO_PLACES: &[Code] = &[
    Code::DuplicateTable,
    Code::DuplicateName,
    Code::DuplicateMac,
    Code::DuplicateCard,
    Code::DuplicateAddress,
    Code::DuplicateMountPoint,
    Code::DuplicateDisk,
    Code::DuplicateUuid,
    Code::DuplicateTarget,
    Code::DuplicateVf,
    Code::DuplicateValue,
    Code::DuplicateVlanId,
    Code::MtuAboveParent,
    Code::MtuBelowIpv6,
    Code::TwoMasters,
    Code::PortAndParent,
    Code::PassthruNotAlone,
    Code::AddressOnPort,
    Code::RouteConflict,
];

#[test]
fn every_mistake_is_reported_where_it_is() {
    let mut seen = BTreeSet::new();
    let mut reports = String::new();
    for path in files("rejects", "toml") {
        let sources = load(&path);
        let (artifacts, diagnostics) = hostwright::compile(&sources, &target(252));
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        assert!(artifacts.is_none(), "{name} compiles");
        let expected = marks("error", &sources);
        assert_eq!(places(&diagnostics, &sources), expected, "{name}");
        seen.extend(diagnostics.iter().map(|it| it.code));
        let alone = |it: &&Diagnostic| OF_TWO_PLACES.contains(&it.code) && it.labels.len() < 2;
        assert_eq!(diagnostics.iter().find(alone), None, "{name}: the other place is not shown");
        reports.push_str(&format!("==> {name}\n{}", in_words(&diagnostics, &sources)));
    }
    snapshot!("rejects", reports);
    let errors =
        Code::ALL.iter().filter(|it| !it.is_lint() && !Code::FLEET.contains(it) && **it != Code::Internal);
    let unseen: Vec<_> = errors.filter(|it| !seen.contains(it)).collect();
    assert!(unseen.is_empty(), "no fixture for {unseen:?}");
}
