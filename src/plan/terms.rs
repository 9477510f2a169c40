//! What whoever asks for a plan agrees to.

use std::collections::BTreeSet;

use crate::value::Harm;

/// What becomes of a change that no harmless way leads to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Deferral {
    /// It stops the plan.
    #[default]
    Stop,
    /// It is accepted now and active from the next boot.
    AtBoot,
    /// Nothing may change: files of others are taken over for the next boot.
    TakeOver,
}

/// What a plan may do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    /// What becomes of what has no harmless way.
    pub deferral: Deferral,
    /// What may be disturbed beside what the spec allows.
    pub allow: BTreeSet<Harm>,
}

impl From<Deferral> for Terms {
    fn from(deferral: Deferral) -> Self {
        Self { deferral, allow: BTreeSet::new() }
    }
}
