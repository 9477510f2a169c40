//! Disks that tables write, and the targets that bring some of them.

use super::Declared;
use crate::artifact::Origin;
use crate::source::Located;
use crate::spec::UnitOf;
use crate::value::{AbsolutePath, FileSystem, Iqn, MountOption, Portal, Volume};

/// A name of a disk as the user wrote it, and the path that it stands for.
#[derive(Debug, Clone)]
pub struct DiskName {
    /// As written.
    pub written: String,
    /// Path of the device or file; for a disk by its number, `target/number`.
    pub path: String,
}

/// A disk that a table writes, by all of its names.
#[derive(Debug)]
pub(super) struct Disk {
    pub(super) names: Vec<Located<DiskName>>,
    pub(super) origin: Origin,
}

/// An iSCSI target as declared.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) origin: Located<Origin>,
    pub(super) name: Iqn,
    pub(super) portals: Vec<Located<Portal>>,
}

/// Volumes that a table uses, and the tables that it waits for.
#[derive(Debug)]
pub(super) struct Volumes {
    pub(super) origin: Located<Origin>,
    pub(super) used: Vec<Located<Volume>>,
    pub(super) needs: Vec<Located<UnitOf>>,
}

#[derive(Debug, Default)]
pub(super) struct Storage {
    pub(super) disks: Vec<Disk>,
    /// Devices that are named by a path.
    pub(super) devices: Vec<(Origin, Located<AbsolutePath>)>,
    pub(super) targets: Vec<Target>,
    /// File systems by where they are mounted.
    pub(super) file_systems: Vec<(AbsolutePath, FileSystem)>,
    pub(super) options: Vec<(Origin, Located<MountOption>)>,
    pub(super) volumes: Vec<Volumes>,
}

impl Declared {
    /// Takes a disk by all of its names, so that no other table writes it too.
    pub fn disk(&mut self, names: Vec<Located<DiskName>>, origin: &Located<Origin>) {
        if !names.is_empty() {
            self.storage.disks.push(Disk { names, origin: origin.value.clone() });
        }
    }

    /// Says that a disk is named by the path of its device.
    pub fn device(&mut self, path: &Located<AbsolutePath>, origin: &Located<Origin>) {
        self.storage.devices.push((origin.value.clone(), path.clone()));
    }

    /// Says which volumes a table uses, and which tables it waits for.
    pub fn volumes<'a>(
        &mut self,
        used: impl IntoIterator<Item = &'a Located<Volume>>,
        needs: &[Located<UnitOf>],
        origin: &Located<Origin>,
    ) {
        let used = used.into_iter().cloned().collect();
        self.storage.volumes.push(Volumes { origin: origin.clone(), used, needs: needs.to_vec() });
    }

    /// Says which file system is mounted where.
    pub fn file_system(&mut self, place: &AbsolutePath, file_system: &FileSystem) {
        self.storage.file_systems.push((place.clone(), file_system.clone()));
    }

    /// Says which options a file system is mounted with.
    pub fn mount_options(&mut self, options: &[Located<MountOption>], origin: &Located<Origin>) {
        let options = options.iter().map(|it| (origin.value.clone(), it.clone()));
        self.storage.options.extend(options);
    }

    /// Says what an iSCSI target is called on the wire, and where it is.
    pub fn portals(&mut self, name: &Iqn, portals: &[Located<Portal>], origin: &Located<Origin>) {
        let target = Target { origin: origin.clone(), name: name.clone(), portals: portals.to_vec() };
        self.storage.targets.push(target);
    }
}
