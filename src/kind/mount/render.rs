//! A mount's units.

use super::Mount;
use crate::render::Output;

pub(super) fn render(mount: &Mount, out: &mut Output<'_>) {
    out.mount(&mount.0);
}
