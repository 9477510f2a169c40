//! A machine and a journal in memory, with all that can go wrong on them.

use std::collections::{BTreeMap, BTreeSet};
use std::panic;
use std::time::Duration;

use hostwright::observed::{ForeignRoute, Nexthop};
use hostwright::plan::Action;
use hostwright::value::{Harm, InterfaceName};

use crate::apply::churn::{Claim, Routes};
use crate::apply::guard::{Baseline, Carrier, Fate, Running, Verdict};
use crate::apply::journal::{Log, Record};
use crate::apply::{Machine, Of};
use crate::failure::Failure;

/// A machine whose state is a set of words.
#[derive(Debug, Default, Clone)]
pub(super) struct Fake {
    pub(super) state: BTreeSet<String>,
    pub(super) wanted: BTreeSet<String>,
    pub(super) former: BTreeSet<String>,
    pub(super) committed: bool,
    /// Seconds since the boot.
    pub(super) seconds: u64,
    /// When somebody confirms.
    pub(super) confirmed_at: Option<u64>,
    /// When a trial fails from.
    pub(super) fails_at: Option<u64>,
    /// Whether the disk takes no spec.
    pub(super) full: bool,
    /// Seconds that were waited for the machine to settle.
    pub(super) settled: u64,
    /// Time until the new spec shows.
    pub(super) shows_after: Duration,
    /// What of the time is no whole second.
    pub(super) fraction: Duration,
    pub(super) armed: Option<Duration>,
    /// Time that units have together while everything is taken back.
    pub(super) hurry: Option<Duration>,
    pub(super) told: u32,
    /// Word that cannot be brought about: when it is tried, the machine refuses.
    pub(super) refuses: Option<String>,
    /// Word that disturbs somebody when it is there.
    pub(super) disturbs: Option<String>,
    /// What the daemon of the disturbed says.
    pub(super) fate: Option<Fate>,
    /// When what was disturbed is back.
    pub(super) back_at: Option<u64>,
    /// Route that flaps while churn is learned.
    pub(super) flaps: Option<u32>,
    /// When the kernel lacks routes.
    pub(super) lacking: BTreeMap<u32, std::ops::Range<u64>>,
    /// What the daemon of the routes says.
    pub(super) claim: Option<Claim>,
    /// When a guest was started anew.
    pub(super) anew_at: Option<u64>,
    /// When a guest does not run any more, and whether it ended by itself.
    pub(super) ends_at: Option<u64>,
    pub(super) by_itself: bool,
    /// When a container does not run.
    pub(super) stopped: std::ops::Range<u64>,
    /// When a card has no carrier.
    pub(super) unplugged: std::ops::Range<u64>,
    /// How often the daemon was asked.
    pub(super) asked: u32,
    /// Seconds that a look takes.
    pub(super) look: u64,
    /// When a look takes 20 s from.
    pub(super) slow_from: Option<u64>,
    /// Link that somebody made behind the plan.
    pub(super) strange: Option<InterfaceName>,
    /// Word beside which no link is set up.
    pub(super) rival: Option<String>,
    /// Word whose removal is refused.
    pub(super) sticks: Option<String>,
    /// When the machine goes down from.
    pub(super) goes_down_at: Option<u64>,
    /// What was done that a reset does not take back.
    pub(super) lasting: Vec<Action>,
}

impl Machine for Fake {
    fn run(&mut self, action: &Action) -> Result<(), Failure> {
        let refused = |cause: &str| Err(Failure::new(action.to_string(), cause));
        match action {
            Action::StartUnit(name) if self.refuses.as_deref() == Some(name.as_str()) => refused("no"),
            Action::StopUnit(name) if self.sticks.as_deref() == Some(name.as_str()) => refused("busy"),
            Action::SetUp(_) if self.rival.as_ref().is_some_and(|it| self.state.contains(it)) => {
                refused("in the way")
            }
            Action::StartUnit(name) => {
                self.state.insert(name.to_string());
                Ok(())
            }
            Action::StopUnit(name) => {
                assert!(self.hurry.is_some(), "it stops where everything is taken back");
                self.state.remove(name.as_str());
                Ok(())
            }
            _ if action.survives_reset() => {
                self.lasting.push(action.clone());
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn baseline(&mut self, before: Option<&Baseline>) -> Result<Baseline, Failure> {
        let is_slow = self.slow_from.is_some_and(|it| self.seconds >= it);
        self.seconds += if is_slow { 20 } else { self.look };
        let late = before.is_some() && self.fails_at.is_some_and(|it| self.seconds >= it);
        let trial = if late { Verdict::Fails } else { Verdict::Works };
        Ok(Baseline {
            nexthops: self.nexthops()?,
            machines: self.machines(),
            carriers: self.carriers(),
            routes: self.routes()?,
            trials: [("ping".to_owned(), trial)].into(),
            ..Baseline::default()
        })
    }

    fn learn(&mut self, baseline: &mut Baseline) -> Result<(), Failure> {
        if let Some(flap) = self.flaps {
            let still = Routes::new((0..6).filter(|it| *it != flap).map(route).collect(), self.now());
            baseline.routes.learn(&still);
        }
        Ok(())
    }

    fn routes(&mut self) -> Result<Routes, Failure> {
        let all = (0..6).filter(|it| !self.lacking.get(it).is_some_and(|it| it.contains(&self.seconds)));
        Ok(Routes::new(all.map(route).collect(), Duration::from_secs(self.seconds)))
    }

    fn claims(&mut self, gone: &[ForeignRoute], _: &Routes) -> BTreeMap<ForeignRoute, Claim> {
        gone.iter().filter_map(|it| Some((*it, self.claim?))).collect()
    }

    fn nexthops(&mut self) -> Result<BTreeSet<Nexthop>, Failure> {
        let disturbed = self.disturbs.as_ref().is_some_and(|it| self.state.contains(it));
        let is_back = self.back_at.is_some_and(|it| self.seconds >= it);
        Ok(if disturbed && !is_back { BTreeSet::new() } else { [nexthop()].into() })
    }

    fn machines(&mut self) -> BTreeSet<Running> {
        let (container, guest) = ("container ci-1".to_owned(), "domain db1".to_owned());
        let container = Running { harm: Harm::Containers, what: container, start: None };
        let number = self.anew_at.filter(|it| self.seconds >= *it).unwrap_or_default();
        let start = Some(format!("qemu-{number}-db1").into());
        let guest = Running { harm: Harm::Guests, what: guest, start };
        let has_ended = self.ends_at.is_some_and(|it| self.seconds >= it);
        let container = (!self.stopped.contains(&self.seconds)).then_some(container);
        container.into_iter().chain((!has_ended).then_some(guest)).collect()
    }

    fn ended(&mut self, gone: &[Running]) -> BTreeSet<Running> {
        if self.by_itself { gone.iter().cloned().collect() } else { BTreeSet::new() }
    }

    fn carriers(&mut self) -> BTreeMap<String, Carrier> {
        let is_gone = self.unplugged.contains(&self.seconds);
        [("eno7".to_owned(), if is_gone { Carrier::Gone } else { Carrier::There })].into()
    }

    fn fates(&mut self, gone: &[Nexthop], _: &BTreeSet<Nexthop>) -> BTreeMap<u32, Fate> {
        self.asked += 1;
        gone.iter().filter_map(|it| Some((it.id, self.fate?))).collect()
    }

    fn has_link(&mut self, name: &InterfaceName) -> Result<bool, Failure> {
        Ok(self.strange.as_ref() == Some(name))
    }

    fn now(&mut self) -> Duration {
        Duration::from_secs(self.seconds) + self.fraction
    }

    fn pause(&mut self, time: Duration) {
        self.seconds += time.as_secs();
    }

    fn hurry(&mut self, units: Duration) {
        self.hurry = Some(units);
    }

    fn arm(&mut self, after: Duration) -> Result<(), Failure> {
        self.armed = Some(after);
        Ok(())
    }

    fn is_confirmed(&mut self, generation: u64) -> bool {
        generation == 1 && self.confirmed_at.is_some_and(|it| self.seconds >= it)
    }

    fn goes_down(&mut self) -> bool {
        self.goes_down_at.is_some_and(|it| self.seconds >= it)
    }

    fn tell_everybody(&mut self, _: &str) {
        self.told += 1;
    }

    fn has_committed(&mut self) -> bool {
        self.committed
    }

    fn drift(&mut self) -> Result<Vec<String>, Failure> {
        Ok(self.former.symmetric_difference(&self.state).cloned().collect())
    }

    fn lacks(&mut self, of: Of, known: &[String]) -> Result<Vec<String>, Failure> {
        let whole = if of == Of::New { &self.wanted } else { &self.former };
        let lacks = whole.symmetric_difference(&self.state).filter(|it| !known.contains(it));
        let lacks: Vec<_> = lacks.cloned().collect();
        self.settled += if lacks.is_empty() { 0 } else { 20 };
        let time = self.now() + self.shows_after;
        (self.seconds, self.fraction) = (time.as_secs(), Duration::from_nanos(time.subsec_nanos().into()));
        Ok(lacks)
    }

    fn commit(&mut self) -> Result<(), Failure> {
        if self.full {
            return Err(Failure::new("write applied.toml", "no space left on device"));
        }
        self.committed = true;
        Ok(())
    }
}

fn route(number: u32) -> ForeignRoute {
    let to = ipnet::Ipv4Net::new(std::net::Ipv4Addr::from_bits(number << 8), 24).expect("a network");
    ForeignRoute { table: 254, protocol: 12, to: to.into() }
}

pub(super) fn nexthop() -> Nexthop {
    let rest = "family 2 scope global protocol 11 dev eno1".to_owned();
    Nexthop {
        id: 8,
        protocol: 11,
        device: Some("eno1".to_owned()),
        via: None,
        members: BTreeSet::new(),
        rest,
    }
}

/// A journal in memory. At a line the process can be killed, or the disk begin to hang.
#[derive(Debug, Default, Clone)]
pub(super) struct Memory {
    pub(super) records: Vec<Record>,
    pub(super) killed_at: Option<usize>,
    pub(super) hangs_at: Option<usize>,
    /// How many records a reset leaves.
    pub(super) synced: usize,
}

/// What a process that is killed ends with here.
pub(super) struct Killed;

impl Log for Memory {
    fn append(&mut self, record: Record) -> Result<(), Failure> {
        self.append_unsynced(record)?;
        self.synced = self.records.len();
        Ok(())
    }

    fn append_unsynced(&mut self, record: Record) -> Result<(), Failure> {
        self.note(record);
        if self.hangs_at == Some(self.records.len() - 2) {
            return Err(Failure::new("write the journal", "the disk hangs"));
        }
        Ok(())
    }

    fn note(&mut self, record: Record) {
        if self.killed_at == Some(self.records.len() - 1) {
            panic::resume_unwind(Box::new(Killed));
        }
        self.records.push(record);
    }

    fn records(&self) -> &[Record] {
        &self.records
    }
}
