//! From a spec to a plan for this machine: what `plan`, `apply` and `rollback` share.

use hostwright::artifact::Artifacts;
use hostwright::observed::{Observed, RoutingDaemon};
use hostwright::plan::{Plan, Reach, Terms, plan};

use crate::context::Context;
use crate::failure::Failure;
use crate::machine::Ports;
use crate::machine::real::Real;
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

/// Compares a compiled spec with the machine.
///
/// # Errors
/// What could not be read.
pub(crate) fn prepare(
    context: &Context,
    spec: String,
    new: Artifacts,
    terms: impl Into<Terms>,
) -> Result<Prepared, Failure> {
    let former = context.applied_text()?;
    let former_artifacts = context.artifacts_of("applied.toml", former.as_deref())?;
    let generations = store::generations(&context.layout)?;
    let machine = Real {
        ports: Ports::default(),
        layout: context.layout.clone(),
        spec,
        former: former_artifacts,
        new,
        program: context.program(),
        attempts: Vec::new(),
        tried: std::time::Duration::ZERO,
        after_reset: false,
    };
    let observed = machine.observe()?;
    let plan = plan(&machine.former, &machine.new, &observed, machine.reach(), terms);
    let number = |it: &store::Generation| it.header.generation;
    Ok(Prepared {
        machine,
        plan,
        observed,
        former,
        applied: generations.iter().rev().find(|it| it.was_applied()).map_or(0, number),
        next: generations.last().map_or(0, number) + 1,
    })
}

impl Prepared {
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

impl Prepared {
    /// Says in words what others have here.
    fn others(&self) -> String {
        let routes: usize = self.observed.foreign_routes.values().sum();
        format!("{} established BGP sessions, {routes} routes of others", self.observed.sessions.len())
    }
}

const fn daemon_name(daemon: RoutingDaemon) -> &'static str {
    match daemon {
        RoutingDaemon::Bird => "BIRD",
        RoutingDaemon::Frr => "FRR",
        RoutingDaemon::Other => "a routing daemon",
    }
}
