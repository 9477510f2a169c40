//! Keys of `[lints]`.

use crate::keys;
use crate::value::{Reason, Text};

keys! {
    /// `[lints]`: warnings that are meant so, by their codes: `single-portal = { allow = "the array has one controller" }`.
    /// For a warning of `check --fleet` the word of one of its hosts is enough.
    pub struct AllowSpec {
        /// Why it is meant so, for whoever reads the spec later.
        required allow: Reason,
        /// Tables that may do it, `kind.name`. An entry that allows nothing is a warning itself.
        ///
        /// Absent: all.
        list on: Text,
    }
}
