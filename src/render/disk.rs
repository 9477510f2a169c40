//! Disks that the host sees: where a mount or a guest's disk comes from.

use crate::artifact::Origin;
use crate::keys;
use crate::lower::{Declared, Lower};
use crate::source::Located;
use crate::spec::Namespace;
use crate::value::{AbsolutePath, Volume};

keys! {
    /// Where the bytes are; exactly one key.
    pub struct BlockSource {
        /// Logical volume, `group/volume`.
        optional volume: Volume,
        /// Device by a path that names the same disk at every boot: `/dev/disk/by-id/…`.
        optional device: AbsolutePath,
    }
}

impl BlockSource {
    /// Takes the disk, so that no other table writes it too.
    pub fn declare(&self, declared: &mut Declared, origin: &Located<Origin>) {
        let volume = self.volume.as_ref().map(|it| (it.value.device(), it.span));
        let device = self.device.as_ref().map(|it| (it.value.clone(), it.span));
        for (path, span) in volume.into_iter().chain(device) {
            declared.claim(Namespace::Disk, path.as_str(), &Located::new(origin.value.clone(), span));
        }
    }

    /// Returns the path of the device.
    pub fn lower(source: &Located<Self>, cx: &mut Lower<'_>) -> Option<AbsolutePath> {
        let Self { volume, device } = &source.value;
        let keys =
            [("volume", volume.as_ref().map(|it| it.span)), ("device", device.as_ref().map(|it| it.span))];
        if !cx.exactly_one(source.span, &keys) {
            return None;
        }
        volume.as_ref().map(|it| it.value.device()).or_else(|| device.as_ref().map(|it| it.value.clone()))
    }
}
