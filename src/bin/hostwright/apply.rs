//! Applying a plan: journal, steps, undo. Generic over the machine, so that each failure can be tried.

pub(crate) mod churn;
pub(crate) mod execute;
mod finish;
pub(crate) mod guard;
pub(crate) mod journal;
mod stop;
pub(crate) mod undo;
pub(crate) mod watch;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hostwright::observed::{ForeignRoute, Nexthop};
use hostwright::plan::Action;
use hostwright::value::InterfaceName;

use crate::failure::Failure;
use churn::{Claim, Routes};
use guard::{Baseline, Carrier, Fate, Running};

/// What an apply does to a machine and asks of it.
pub(crate) trait Machine {
    /// Does one thing; doing it again changes nothing and succeeds.
    ///
    /// # Errors
    /// What could not be done, and why.
    fn run(&mut self, action: &Action) -> Result<(), Failure>;

    /// Takes a picture of what others own and must keep; a later one tries what worked in the one before.
    ///
    /// # Errors
    /// What could not be read.
    fn baseline(&mut self, before: Option<&Baseline>) -> Result<Baseline, Failure>;

    /// Has a picture know how many routes come and go by themselves, from what is there a second after it.
    ///
    /// # Errors
    /// What could not be read.
    fn learn(&mut self, baseline: &mut Baseline) -> Result<(), Failure>;

    /// Returns the routes of others alone.
    ///
    /// # Errors
    /// What could not be read.
    fn routes(&mut self) -> Result<Routes, Failure>;

    /// Says of some routes that the kernel lacks, where it has others now, what their daemons say; of the others nobody tells.
    fn claims(&mut self, gone: &[ForeignRoute], now: &Routes) -> BTreeMap<ForeignRoute, Claim>;

    /// Returns the nexthop objects alone.
    ///
    /// # Errors
    /// What could not be read.
    fn nexthops(&mut self) -> Result<BTreeSet<Nexthop>, Failure>;

    /// Returns the guests and containers that run alone.
    fn machines(&mut self) -> BTreeSet<Running>;

    /// Returns those of some guests that are gone which ended by themselves, or as their owners wanted, and that no step is for.
    fn ended(&mut self, gone: &[Running]) -> BTreeSet<Running>;

    /// Returns links and their carriers alone.
    fn carriers(&mut self) -> BTreeMap<String, Carrier>;

    /// Says, by their numbers, of which nexthop objects that the kernel lacks or has with other content their daemon tells
    /// what it did to them; the others somebody else took, or nobody tells.
    fn fates(&mut self, gone: &[Nexthop], now: &BTreeSet<Nexthop>) -> BTreeMap<u32, Fate>;

    /// Says whether a link has a name.
    ///
    /// # Errors
    /// The kernel's.
    fn has_link(&mut self, name: &InterfaceName) -> Result<bool, Failure>;

    /// Returns the time since the boot, sleep included.
    fn now(&mut self) -> Duration;

    /// Waits.
    fn pause(&mut self, time: Duration);

    /// Gives units a time for all that they are to do from now on.
    fn hurry(&mut self, units: Duration);

    /// Has everything taken back by somebody else if this process does not end within a time.
    ///
    /// # Errors
    /// systemd refuses.
    fn arm(&mut self, after: Duration) -> Result<(), Failure>;

    /// Says whether somebody confirmed a generation.
    fn is_confirmed(&mut self, generation: u64) -> bool;

    /// Says whether it goes down: what others own goes with it then, by nobody's fault.
    fn goes_down(&mut self) -> bool;

    /// Writes to all terminals.
    fn tell_everybody(&mut self, message: &str);

    /// Says what of the former spec the machine does not show before the first step.
    ///
    /// # Errors
    /// What could not be read.
    fn drift(&mut self) -> Result<Vec<String>, Failure>;

    /// Says what of the new spec, or of the former one, the machine does not show yet beyond what is known, which is not
    /// waited for; nothing: it is whole.
    ///
    /// # Errors
    /// What could not be read.
    fn lacks(&mut self, of: Of, known: &[String]) -> Result<Vec<String>, Failure>;

    /// Makes the new spec the applied one, now or never.
    ///
    /// # Errors
    /// What could not be written, or the disk hangs; then the former spec stays the applied one.
    fn commit(&mut self) -> Result<(), Failure>;

    /// Says whether the new spec is the applied one.
    fn has_committed(&mut self) -> bool;
}

/// Which spec is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    /// The one that is brought about.
    New,
    /// The one that was applied before.
    Former,
}
