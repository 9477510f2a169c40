//! Disks, volumes and files that tables use: what brings them, and who waits for them.

use std::path::Path;

use super::{Form, Graph, Node};
use crate::artifact::Origin;
use crate::lower::Declared;
use crate::source::Located;
use crate::spec::Namespace;
use crate::value::{Lun, TextValue};

/// Adds each disk once, under its number on a target where it has one.
pub(super) fn add(graph: &mut Graph, declared: &Declared) {
    for names in declared.disks() {
        let number = names.iter().find(|(name, _)| !name.starts_with('/'));
        let Some((disk, user)) = number.or(names.first()) else { continue };
        let id = format!("disk {disk}");
        let others = names.iter().map(|(name, _)| (*name).to_owned()).filter(|it| it != disk);
        let lines = std::iter::once((*disk).to_owned()).chain(others).collect();
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
