//! libvirt, as observed and changed; without the feature every call says that it is not built in.

#[cfg(feature = "libvirt")]
mod domains;
#[cfg(feature = "libvirt")]
mod ends;
mod failure;
#[cfg(feature = "libvirt")]
mod linked;
#[cfg(feature = "libvirt")]
mod networks;
#[cfg(feature = "libvirt")]
mod owner;
mod patience;
#[cfg(not(feature = "libvirt"))]
mod unlinked;

pub(crate) use failure::Failure;
#[cfg(feature = "libvirt")]
pub(crate) use linked::Libvirt;
pub(crate) use patience::{LIMIT, Patience};
#[cfg(not(feature = "libvirt"))]
pub(crate) use unlinked::Libvirt;
