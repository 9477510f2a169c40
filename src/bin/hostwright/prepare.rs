//! From a spec to a plan for this machine: what `plan`, `apply` and `rollback` share.

use hostwright::artifact::Artifacts;
use hostwright::effect::{Disturbance, Operation, Situation, forecast};
use hostwright::observed::{Observed, RoutingDaemon};
use hostwright::plan::{Deferral, Plan, Reach, Terms, plan};
use std::collections::{BTreeMap, BTreeSet};

use crate::cli::SpecArgument;
use crate::context::Context;
use crate::failure::Failure;
use crate::late::joined;
use crate::machine::Ports;
use crate::machine::picture::Trials;
use crate::machine::real::Real;
use crate::service::WayBack;
use crate::spec::Compiled;
use crate::store;

/// A plan, the machine it is for, and what was seen of it.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// The machine with both specs.
    pub(crate) machine: Real,
    /// The plan.
    pub(crate) plan: Plan,
    /// What was seen.
    pub(crate) observed: Observed,
    /// Text of the former spec; absent: nothing was applied.
    pub(crate) former: Option<String>,
    /// Number of the generation that runs; 0: none.
    pub(crate) applied: u64,
    /// Number of the generation that an apply would make.
    pub(crate) next: u64,
}

/// What was applied before.
#[derive(Debug)]
pub(crate) struct Former {
    /// Its text; absent: nothing was applied.
    pub(crate) text: Option<String>,
    /// What it compiles to.
    pub(crate) artifacts: Artifacts,
}

impl Former {
    /// Reads and compiles it.
    ///
    /// # Errors
    /// It cannot be read, or has errors: what the host runs is not known.
    pub(crate) fn read(context: &Context) -> Result<Self, Failure> {
        let text = context.applied_text()?;
        let artifacts = context.artifacts_of("applied.toml", text.as_deref());
        if artifacts.is_err() && context.layout.applied_before().exists() {
            eprintln!(
                "hint: `{}` is what was applied before, and what boots: put it in the place of `{}`, or use the hostwright that applied that",
                context.layout.applied_before().display(),
                context.layout.applied().display()
            );
        }
        Ok(Self { text, artifacts: artifacts? })
    }

    /// As [`Former::read`], while the spec that a command names is compiled: of thousands of links each takes its time.
    ///
    /// # Errors
    /// The spec cannot be read. What was applied is an answer of its own: errors of the spec go before.
    pub(crate) fn read_beside(
        context: &Context,
        spec: &SpecArgument,
    ) -> Result<(Compiled, Result<Self, Failure>), Failure> {
        std::thread::scope(|scope| {
            let former = scope.spawn(|| Self::read(context));
            let compiled = context.compile(spec)?;
            Ok((compiled, joined(former)))
        })
    }
}

/// Compares what is applied with the machine.
///
/// # Errors
/// What could not be read.
pub(crate) fn prepare_applied(context: &Context) -> Result<Prepared, Failure> {
    let former = Former::read(context)?;
    let (spec, artifacts) = (former.text.clone().unwrap_or_default(), former.artifacts.clone());
    prepare(context, former, spec, artifacts, Deferral::Stop)
}

/// Compares a compiled spec with the machine.
///
/// # Errors
/// What could not be read.
pub(crate) fn prepare(
    context: &Context,
    former: Former,
    spec: String,
    new: Artifacts,
    terms: impl Into<Terms>,
) -> Result<Prepared, Failure> {
    let next = store::numbers(&context.layout)?.last().copied().unwrap_or(0) + 1;
    let mut machine = Real {
        ports: Ports::default(),
        layout: context.layout.clone(),
        spec,
        former_spec: former.text.clone(),
        former: former.artifacts.into(),
        new: new.into(),
        way_back: WayBack { program: context.program(), generation: next },
        trials: Trials::default(),
        waiting: BTreeMap::new(),
        with_steps: BTreeSet::new(),
        after_reset: false,
        neighbors: BTreeMap::new(),
        late_commit: None,
    };
    let observed = machine.observe()?;
    let plan = plan(&machine.former, &machine.new, &observed, machine.reach(), terms);
    machine.waiting = plan.waiting();
    Ok(Prepared {
        machine,
        plan,
        observed,
        former: former.text,
        applied: store::last_applied(&context.layout, 1)?.first().copied().unwrap_or(0),
        next,
    })
}

impl Prepared {
    /// Looks again, and says whether the plan would be the same.
    ///
    /// # Errors
    /// What could not be read.
    pub(crate) fn still_holds(&self, terms: impl Into<Terms>) -> Result<bool, Failure> {
        let machine = &self.machine;
        let now = machine.observe()?;
        Ok(plan(&machine.former, &machine.new, &now, machine.reach(), terms) == self.plan)
    }

    /// Returns the seconds that an apply is watched where nobody confirms it: the hold time of its sessions, if no spec says.
    pub(crate) fn watch(&self) -> u32 {
        self.machine.new.safety.watch_for(self.observed.told.hold_time())
    }

    /// Returns the first line of a plan: who, from which generation to which, what runs there.
    pub(crate) fn headline(&self) -> String {
        let mut parts = vec![format!("{}, generation {} → {}", self.plan.host, self.applied, self.next)];
        if self.machine.reach() == Reach::Directory {
            parts.push(format!("below {}", self.machine.layout.root().display()));
            return parts.join(" · ");
        }
        let version = self.observed.networkd.as_ref().map(|it| it.version);
        parts.push(version.map_or_else(|| "networkd does not run".to_owned(), |it| format!("systemd {it}")));
        let names: Vec<_> = self.observed.daemons.iter().map(|it| daemon_name(*it)).collect();
        let daemons = if names.is_empty() { "no routing daemon".to_owned() } else { names.join(", ") };
        parts.push(format!("{daemons}: {}", self.others()));
        parts.join(" · ")
    }
}

/// What an operation disturbs, and on which links.
#[derive(Debug)]
pub(crate) struct Foretold {
    /// What is disturbed, and why.
    pub(crate) disturbance: Disturbance,
    /// Links whose part in the operation disturbs it; empty: any link's does.
    pub(crate) links: Vec<String>,
}

impl Prepared {
    /// Foretells an operation on each link that networkd has loaded; nothing where networkd does not run.
    pub(crate) fn forecast(&self, operation: Operation) -> Vec<Foretold> {
        let observed = &self.observed;
        let Some(situation) = Situation::of(observed, operation) else { return Vec::new() };
        let anywhere = |disturbance| Foretold { disturbance, links: Vec::new() };
        let mut found: Vec<_> = forecast(operation, &situation).into_iter().map(anywhere).collect();
        let everywhere = found.len();
        for name in observed.networkd.iter().flat_map(|it| it.loaded.keys()) {
            let ours: Vec<_> = self.machine.new.links().filter(|it| it.name.as_str() == name).collect();
            let here = situation.clone().about(observed, name, &ours);
            for disturbance in forecast(operation, &here) {
                match found.iter().position(|it| it.disturbance == disturbance) {
                    Some(at) if at < everywhere => {}
                    Some(at) => found[at].links.push(name.clone()),
                    None => found.push(Foretold { disturbance, links: vec![name.clone()] }),
                }
            }
        }
        found
    }

    /// Says in words what others have here.
    fn others(&self) -> String {
        let routes: usize = self.observed.foreign_routes.values().sum();
        let bfd = self.observed.told.bfd.iter().filter(|it| it.up).count();
        let bfd = if bfd == 0 { String::new() } else { format!("{bfd} of BFD, ") };
        let sessions = self.observed.sessions.len();
        format!("{sessions} established BGP sessions, {bfd}{routes} routes of others")
    }
}

const fn daemon_name(daemon: RoutingDaemon) -> &'static str {
    match daemon {
        RoutingDaemon::Bird => "BIRD",
        RoutingDaemon::Frr => "FRR",
        RoutingDaemon::Other => "a routing daemon",
    }
}
