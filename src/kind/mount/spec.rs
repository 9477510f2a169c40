//! Keys of `[mount.NAME]`.

use crate::keys;
use crate::render::BlockSource;
use crate::value::{AbsolutePath, FileSystem, MountOption};

keys! {
    /// `[mount.NAME]`: a file system on a directory.
    pub struct MountSpec {
        /// Directory to mount on; made where it is missing. `Where=`, systemd.mount(5).
        required place: AbsolutePath as "where",
        /// What is mounted.
        required source: BlockSource,
        /// File system. `Type=`, systemd.mount(5).
        required file_system: FileSystem as "type",
        /// Options of mount(8). `Options=`, systemd.mount(5).
        ///
        /// Absent: the kernel's defaults.
        list options: MountOption,
        /// Whether it is mounted on first use, by an automount unit, instead of at boot.
        default on_demand: bool = "false",
    }
}
