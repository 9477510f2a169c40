//! What brings the volumes that tables use.

use std::collections::{BTreeMap, BTreeSet};

use super::super::storage::Volumes;
use super::super::{Declared, Path};
use super::{Finding, View};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// Warns of volumes that are used without the target that, by another table's word, brings their group.
pub(in super::super) fn missing(view: &View<'_>) -> Vec<Finding> {
    let declared = view.declared;
    let bringers = bringers(declared);
    let tables: Tables<'_> =
        declared.storage.volumes.iter().map(|it| (it.origin.value.to_string(), it)).collect();
    let mut found = Vec::new();
    for table in &declared.storage.volumes {
        let awaited = awaited(&tables, table);
        for volume in &table.used {
            let Some((target, said)) = bringers.get(volume.value.group()) else { continue };
            if awaited.contains(*target) {
                continue;
            }
            let message = format!("volume `{}` is used without waiting for `{target}`", volume.value);
            let diagnostic = Diagnostic::warning(Code::MissingNeed, volume.span, message);
            let label = format!("here `{}` waits for it", volume.value.group());
            let hint = format!("write `needs = [\"{target}\"]` in `[{}]`", table.origin.value);
            let tables = vec![table.origin.value.clone()];
            found.push(Finding { diagnostic: diagnostic.also(*said, label).hint(hint), tables });
        }
    }
    found
}

/// Returns the target that brings each volume group, by the tables that say it without a doubt: those that wait for
/// one target and use volumes of one group.
fn bringers(declared: &Declared) -> BTreeMap<&str, (&str, Span)> {
    let mut bringers = BTreeMap::new();
    for table in &declared.storage.volumes {
        let groups: BTreeSet<_> = table.used.iter().map(|it| it.value.group()).collect();
        let targets: Vec<_> = targets(declared, table).collect();
        if let ([(target, span)], Some(group), 1) = (targets.as_slice(), groups.first(), groups.len()) {
            bringers.entry(*group).or_insert((*target, *span));
        }
    }
    bringers
}

fn targets<'a>(declared: &'a Declared, table: &'a Volumes) -> impl Iterator<Item = (&'a str, Span)> {
    let remote = |it: &str| declared.meeting.path(it) == Some(Path::Network);
    table.needs.iter().map(|it| (it.value.0.as_str(), it.span)).filter(move |(it, _)| remote(it))
}

/// Tables by their names.
type Tables<'a> = BTreeMap<String, &'a Volumes>;

/// Returns all tables that a table waits for, over others too.
fn awaited<'a>(tables: &Tables<'a>, table: &'a Volumes) -> BTreeSet<&'a str> {
    let mut awaited = BTreeSet::new();
    let mut next = vec![table];
    while let Some(table) = next.pop() {
        let needs = table.needs.iter().map(|it| it.value.0.as_str());
        next.extend(needs.filter(|it| awaited.insert(*it)).filter_map(|it| tables.get(it)));
    }
    awaited
}
