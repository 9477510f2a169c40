//! Keys of `[mount.NAME]`.

use crate::keys;
use crate::render::MountSettings;
use crate::spec::UnitOf;
use crate::value::AbsolutePath;

keys! {
    /// `[mount.NAME]`: a file system on a directory.
    pub struct MountSpec {
        /// Directory to mount on; made where it is missing. `Where=`, systemd.mount(5).
        #[also("mount-point", "target", "directory", "path")]
        required place: AbsolutePath as "where",
        /// Whether it is mounted on first use, by an automount unit, instead of at boot.
        #[also("automount", "autofs")]
        default on_demand: bool = "false",
        /// Tables whose units bring the device: `iscsi.NAME` for a volume on its disks. What `source` names is
        /// waited for anyway. `Wants=` and `After=`, systemd.unit(5).
        list needs: UnitOf,
        block settings: MountSettings,
    }
}
