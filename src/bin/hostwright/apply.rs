//! Applying a plan: journal, steps, undo. Generic over the machine, so that each failure can be tried.

pub(crate) mod execute;
mod finish;
pub(crate) mod guard;
pub(crate) mod journal;
pub(crate) mod undo;

#[cfg(test)]
mod tests;

use hostwright::plan::Action;

use crate::failure::Failure;
use guard::Baseline;

/// What an apply does to a machine and asks of it.
pub(crate) trait Machine {
    /// Does one thing; doing it again changes nothing and succeeds.
    ///
    /// # Errors
    /// What could not be done, and why.
    fn run(&mut self, action: &Action) -> Result<(), Failure>;

    /// Takes a picture of what others own and must keep.
    ///
    /// # Errors
    /// What could not be read.
    fn baseline(&mut self) -> Result<Baseline, Failure>;

    /// Says what of the new spec, or of the former one, the machine does not show yet; nothing: it is whole.
    ///
    /// # Errors
    /// What could not be read.
    fn lacks(&mut self, of: Of) -> Result<Vec<String>, Failure>;

    /// Makes the new spec the applied one.
    ///
    /// # Errors
    /// What could not be written.
    fn commit(&mut self) -> Result<(), Failure>;
}

/// Which spec is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    /// The one that is brought about.
    New,
    /// The one that was applied before.
    Former,
}
