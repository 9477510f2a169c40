//! What brings the volumes that tables use.

use std::collections::{BTreeMap, BTreeSet};

use super::super::order::entangled;
use super::super::storage::Volumes;
use super::super::{Declared, Path};
use super::{Finding, View};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Span;
use crate::spec::Namespace;

/// Warns of volumes that are used without the target that, by another table's word, brings their group.
pub(in super::super) fn missing(view: &View<'_>) -> Vec<Finding> {
    let declared = view.declared;
    let bringers = bringers(declared);
    let waits = waits(declared);
    let mut found = Vec::new();
    for table in &declared.storage.volumes {
        let name = table.origin.value.to_string();
        let awaited = behind(&waits, &name);
        for volume in &table.used {
            let Some((target, said)) = bringers.get(volume.value.group()) else { continue };
            if awaited.contains(*target) {
                continue;
            }
            let message = format!("volume `{}` is used without waiting for `{target}`", volume.value);
            let diagnostic = Diagnostic::warning(Code::MissingNeed, volume.span, message);
            let label = format!("here `{}` waits for it", volume.value.group());
            let hint = format!("write `needs = [\"{target}\"]` in `[{name}]`");
            let tables = vec![table.origin.value.clone()];
            found.push(Finding { diagnostic: diagnostic.also(*said, label).hint(hint), tables });
        }
    }
    found
}

/// Refuses tables that wait for themselves, over others or over a mount point above their own: systemd would leave one of
/// them out at boot.
pub(in super::super) fn cycles(declared: &Declared, diagnostics: &mut Diagnostics) {
    let mut waits = waits(declared);
    for (below, above) in nested(declared) {
        waits.entry(below).or_default().push(above);
    }
    let pairs: Vec<_> =
        waits.iter().flat_map(|(name, all)| all.iter().map(|it| (name.as_str(), it.as_str()))).collect();
    let entangled = entangled(&pairs);
    let mut known = BTreeSet::new();
    for table in &declared.storage.volumes {
        let name = table.origin.value.to_string();
        if !entangled.contains(name.as_str()) {
            continue;
        }
        let cyclic = table.needs.iter().find(|it| behind(&waits, &it.value.0).contains(name.as_str()));
        let Some(need) = cyclic.filter(|_| !known.contains(&name)) else { continue };
        let all = behind(&waits, &name);
        known.extend(
            all.iter().filter(|it| behind(&waits, it).contains(name.as_str())).map(|it| (*it).to_owned()),
        );
        let message = format!("`[{name}]` waits for itself, over `{}`", need.value.0);
        let hint = "take one of the `needs` out; a mount waits for the one whose directory it lies in, too";
        diagnostics.push(Diagnostic::error(Code::Conflict, need.span, message).hint(hint));
    }
}

/// Tables by their names, each with those that it waits for.
type Waits = BTreeMap<String, Vec<String>>;

/// Returns what tables wait for by their own words.
fn waits(declared: &Declared) -> Waits {
    let mut waits = Waits::new();
    for table in &declared.storage.volumes {
        let needs = table.needs.iter().map(|it| it.value.0.clone());
        waits.entry(table.origin.value.to_string()).or_default().extend(needs);
    }
    waits
}

/// Returns the mounts that lie in another's directory, each with that one.
fn nested(declared: &Declared) -> Vec<(String, String)> {
    // What lies in a container's file system waits for that, and the container, which may need it, for both.
    let of_mounts = declared.given(Namespace::MountPoint).filter(|(_, table)| table.value.kind == "mount");
    let mounts: BTreeMap<_, _> = of_mounts.collect();
    let above = |place: &str| {
        let mut around = std::path::Path::new(place).ancestors().skip(1).filter_map(std::path::Path::to_str);
        around.find_map(|it| mounts.get(it)).map(|table| table.value.to_string())
    };
    mounts.iter().filter_map(|(place, table)| Some((table.value.to_string(), above(place)?))).collect()
}

/// Returns a table and all that it waits for, over others too.
fn behind<'a>(waits: &'a Waits, name: &'a str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::from([name]);
    let mut next = vec![name];
    while let Some(name) = next.pop() {
        let all = waits.get(name).into_iter().flatten().map(String::as_str);
        next.extend(all.filter(|it| found.insert(*it)));
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
