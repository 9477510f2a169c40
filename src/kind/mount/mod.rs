//! Mounts, and automounts that mount on first use.

mod lower;
mod render;
mod spec;
#[cfg(test)]
mod tests;

use crate::artifact::Origin;
use crate::kind::Kind;
use crate::lower::{Declared, Lower};
use crate::render::Output;
use crate::source::Located;
use crate::spec::Namespace;
use crate::template::Template;
use crate::value::{AbsolutePath, FileSystem, ItemName, MountOption, UnitName};

/// A file system on a directory. systemd.mount(5), systemd.automount(5).
#[derive(Debug, PartialEq)]
pub struct Mount {
    place: AbsolutePath,
    device: AbsolutePath,
    file_system: FileSystem,
    options: Vec<MountOption>,
    unit: UnitName,
    /// Absent: mounted at boot.
    automount: Option<UnitName>,
    /// Check of the file system before it is mounted; absent for those that check themselves.
    check: Option<UnitName>,
}

impl Kind for Mount {
    const WORD: &'static str = "mount";
    const NAMESPACE: Namespace = Namespace::Mount;
    const TEMPLATES: &'static [Template] = &[
        ("mount.mount", include_str!("mount.mount.j2")),
        ("mount.automount", include_str!("mount.automount.j2")),
    ];
    type Name = ItemName;
    type Spec = spec::MountSpec;

    fn declare(
        _: &Located<ItemName>,
        spec: &spec::MountSpec,
        declared: &mut Declared,
        origin: &Located<Origin>,
    ) {
        let place = Located::new(origin.value.clone(), spec.place.span);
        declared.claim(Namespace::MountPoint, spec.place.value.as_str(), &place);
        spec.source.value.declare(declared, origin);
    }

    fn lower(name: &Located<ItemName>, spec: &spec::MountSpec, cx: &mut Lower<'_>) -> Option<Self> {
        lower::lower(name, spec, cx)
    }

    fn render(&self, out: &mut Output<'_>) {
        render::render(self, out);
    }
}
