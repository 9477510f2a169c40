//! The twin of a build without libvirt.

use std::collections::BTreeSet;

use hostwright::artifact::{Domain, Network};
use hostwright::observed::ObservedLibvirt;
use hostwright::value::ItemName;

use super::Failure;

/// A libvirt that this build does not have.
#[derive(Debug, Default)]
pub(crate) struct Libvirt {}

impl Libvirt {
    /// Whether this build has libvirt.
    pub(crate) const IS_BUILT: bool = false;

    /// Says that no connection was lost.
    #[allow(clippy::unused_self, reason = "the linked twin uses it")]
    pub(super) const fn is_lost(&self) -> bool {
        false
    }
}

macro_rules! refuse {
    ($($name:ident($($argument:ty),*) -> $result:ty;)*) => {
        #[allow(clippy::unused_self, reason = "the linked twin uses it")]
        impl Libvirt {
            $(
                /// Fails.
                pub(crate) fn $name(&self $(, _: $argument)*) -> Result<$result, Failure> {
                    Err(not_built())
                }
            )*
        }
    };
}

refuse! {
    observe() -> ObservedLibvirt;
    define_network(&Network) -> ();
    mark_network(&Network) -> ();
    mark_domain(&Domain) -> ();
    start_network(&ItemName) -> ();
    stop_network(&ItemName) -> ();
    undefine_network(&ItemName) -> ();
    set_default_network(bool, bool) -> ();
    define_domain(&Domain) -> ();
    undefine_domain(&ItemName) -> ();
    start_domain(&ItemName) -> ();
    destroy_domain(&ItemName) -> ();
    ended(&BTreeSet<String>, fn(&str) -> String) -> BTreeSet<String>;
}

fn not_built() -> Failure {
    Failure("this build has no libvirt: build it with `--features libvirt`".to_owned())
}
