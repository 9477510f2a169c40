//! A mount's units.

use minijinja::context;

use super::Mount;
use crate::render::Output;
use crate::value::{MountOption, UnitName};

/// Target that waits for local file systems.
const TARGET: &str = "local-fs.target";

pub(super) fn render(mount: &Mount, out: &mut Output<'_>) {
    let options: Vec<_> = mount.options.iter().map(MountOption::as_str).collect();
    out.unit_file(
        &mount.unit,
        "mount.mount",
        context! {
            place => mount.place.as_str(),
            device => mount.device.as_str(),
            type => mount.file_system.as_str(),
            options => (!options.is_empty()).then(|| options.join(",")),
            check => mount.check.as_ref().map(UnitName::as_str),
        },
    );
    let Some(automount) = &mount.automount else {
        out.wanted_by(TARGET, &mount.unit);
        return out.unit(mount.unit.clone(), Vec::new());
    };
    out.unit_file(automount, "mount.automount", context! { place => mount.place.as_str() });
    out.wanted_by(TARGET, automount);
    out.unit(automount.clone(), vec![mount.unit.clone()]);
}
