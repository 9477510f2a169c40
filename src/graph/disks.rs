//! Disks, volumes and files that tables use: what brings them, and who waits for them.

use std::path::Path;

use super::{Form, Graph, Node};
use crate::artifact::Origin;
use crate::lower::Declared;
use crate::source::Located;
use crate::spec::Namespace;
use crate::value::{Lun, TextValue};

pub(super) fn add(graph: &mut Graph, declared: &Declared) {
    let names = names_of_luns(declared);
    for (disk, user) in declared.disks().filter(|(disk, _)| !names.iter().any(|(_, it)| it == disk)) {
        let id = format!("disk {disk}");
        let name = names.iter().find(|(lun, _)| *lun == disk).map(|(_, name)| (*name).to_owned());
        let lines = std::iter::once(disk.to_owned()).chain(name).collect();
        graph.nodes.insert(id.clone(), Node { form: Form::Disk, lines });
        graph.add_edge(&id, &user.value.to_string());
        let bringer = bringer(declared, disk);
        bringer.into_iter().for_each(|it| graph.add_edge(&it.to_string(), &id));
    }
}

/// Returns the table that brings a disk: the target of a number, or the file system that a file lies on.
fn bringer<'a>(declared: &'a Declared, disk: &str) -> Option<&'a Origin> {
    if let Ok(lun) = Lun::parse(disk) {
        return declared
            .given(Namespace::Target)
            .find(|(name, _)| *name == lun.target.as_str())
            .map(|it| &it.1.value);
    }
    let above = |(place, _): &(&str, &Located<Origin>)| Path::new(disk).starts_with(place);
    let places = declared.given(Namespace::MountPoint).filter(above);
    places.max_by_key(|(place, _)| place.len()).map(|(_, table)| &table.value)
}

/// Joins each disk of a target with its world wide name, which stands beside it.
fn names_of_luns(declared: &Declared) -> Vec<(&str, &str)> {
    let luns = declared.disks().filter(|(disk, _)| !disk.starts_with('/'));
    let beside = |(lun, place): (&'_ str, &'_ Located<Origin>)| {
        let same = |it: &(&str, &Located<Origin>)| {
            it.0.starts_with('/') && it.1.value == place.value && it.1.span.source == place.span.source
        };
        let near = |it: &(&str, &Located<Origin>)| it.1.span.start.abs_diff(place.span.start);
        let name = declared.disks().filter(same).min_by_key(near)?;
        Some((lun.to_owned(), name.0))
    };
    luns.filter_map(|it| beside(it).map(|(_, name)| (it.0, name))).collect()
}
