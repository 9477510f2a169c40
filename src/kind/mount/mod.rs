//! Mounts, and automounts that mount on first use.

mod lower;
mod render;
mod spec;
#[cfg(test)]
mod tests;

use crate::artifact::Origin;
use crate::kind::Kind;
use crate::lower::{Declared, Dependency, Lower, Path};
use crate::render::Output;
use crate::source::Located;
use crate::spec::Namespace;
use crate::template::Template;
use crate::value::{ItemName, UnitName};

/// A file system on a directory.
#[derive(Debug, PartialEq)]
pub struct Mount(crate::render::Mount);

impl Kind for Mount {
    const WORD: &'static str = "mount";
    const ALSO: &[&str] = &["filesystem", "fs", "datastore"];
    const NAMESPACE: Namespace = Namespace::Mount;
    const TEMPLATES: &'static [Template] = &[];
    type Name = ItemName;
    type Spec = spec::MountSpec;

    fn declare(
        _: &Located<ItemName>,
        spec: &spec::MountSpec,
        declared: &mut Declared,
        origin: &Located<Origin>,
    ) {
        spec.settings.declare(&spec.place, declared, origin);
        declared.volumes(&spec.settings.source.value.volume, &spec.needs, origin);
        if let Ok(unit) = UnitName::of_path(&spec.place.value, "mount") {
            declared.unit(origin, Dependency { unit, path: Path::Local });
        }
    }

    fn lower(name: &Located<ItemName>, spec: &spec::MountSpec, cx: &mut Lower<'_>) -> Option<Self> {
        lower::lower(name, spec, cx)
    }

    fn render(&self, out: &mut Output<'_>) {
        render::render(self, out);
    }
}
