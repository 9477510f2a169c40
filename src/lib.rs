//! hostwright: one TOML file that describes a hypervisor host, compiled to what the host needs.
//!
//! ```text
//!  text ──parse──▶ HostSpec ──lower──▶ Host ──render──▶ Artifacts ──plan──▶ Plan ──apply──▶ machine
//!                  diagnostics are collected beside, all at once       ▲                       │
//!                                                               Observed ◀──── observe ────────┘
//! ```
//!
//! Data moves right, imports point left. In reading order:
//!
//! * [`source`], [`diagnostic`], [`code`]: texts, places in them, what is wrong with them
//! * [`value`]: domain values, parsed once where the user wrote them
//! * [`spec`]: what the user wrote; keys are declared once and give struct, reader and reference
//! * [`kind`]: one folder for each kind: spec, lower, render, templates, tests; [`kind::KINDS`] lists them
//! * [`lower`], [`host`]: names declared and resolved; whoever holds a [`host::Host`] holds a valid one. `lower/check`
//!   has what can only be seen of a whole host: a rule or lint is one function there, a code, its page and a fixture
//! * [`template`], [`render`], [`xml`]: models to texts, escaped in one place
//! * [`artifact`]: outputs by form; [`emit`] writes those that are files
//! * [`ini`], [`takeover`]: files of others, read, and which of them lie aside for ours
//! * [`observed`], [`plan`]: what the machine has, and the difference as steps with effects and inverses
//! * [`effect`]: what networkd does to whom
//! * [`import`]: a picture of a host to the text of a spec that says the same
//! * [`review`]: artifacts as files to look at and to compare
//! * [`fleet`]: many hosts at once: what must differ, what must be the same
//! * [`graph`]: a host as a graph, for those who draw
//! * [`fix`], [`format`]: what is certainly meant, written into the texts; a text in its usual writing
//! * [`explain`], [`reference`], [`schema`]: keys and codes, for people and for editors
//!
//! Parsing never fails: it returns a value and diagnostics. A spec compiles whole or not at all. The same spec
//! and target give the same bytes, in any order of tables. The library does no input or output but in [`emit`],
//! has no clock, no environment, and does not log. Kinds do not know each other; the planner knows no kinds.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

pub mod artifact;
pub mod code;
pub mod diagnostic;
pub mod effect;
pub mod emit;
pub mod explain;
pub mod fix;
pub mod fleet;
pub mod format;
pub mod graph;
pub mod host;
pub mod import;
pub mod ini;
pub mod kind;
pub mod lower;
pub mod observed;
pub mod plan;
pub mod reference;
pub mod render;
pub mod review;
pub mod schema;
pub mod source;
pub mod spec;
pub mod takeover;
pub mod template;
pub mod value;
pub mod xml;

use artifact::Artifacts;
use diagnostic::Diagnostics;
use host::Target;
use spec::Sources;

/// Compiles a spec that was applied: artifacts where it is valid, and why it is not.
///
/// What the version that applied it accepted, this one renders: a rule over the whole host that came later must not
/// keep a host from its network. Such rules, lints and `[lints]` are for specs that are written.
#[must_use]
pub fn compile_applied(sources: &Sources, target: &Target) -> (Option<Artifacts>, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let spec = spec::document::parse(sources, &mut diagnostics);
    let host = lower::lower_applied(&spec, target, &mut diagnostics);
    let artifacts = host.map(|host| render::render(&host, &mut diagnostics));
    let artifacts = artifacts.filter(|_| !diagnostics.has_errors());
    (artifacts, diagnostics.sorted())
}

/// Compiles a spec: artifacts where it is valid, and everything that was found.
#[must_use]
pub fn compile(sources: &Sources, target: &Target) -> (Option<Artifacts>, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let spec = spec::document::parse(sources, &mut diagnostics);
    if spec.is_broken {
        diagnostics.leave_off();
        return (None, diagnostics.sorted());
    }
    let host = lower::lower(&spec, target, &mut diagnostics);
    let artifacts = host.map(|host| render::render(&host, &mut diagnostics));
    let artifacts = artifacts.filter(|_| !diagnostics.has_errors());
    (artifacts, diagnostics.sorted())
}

/// Returns the major version of the systemd that a spec is compiled for: written in it, else the target's.
#[must_use]
pub fn compiled_for(sources: &Sources, target: &Target) -> u32 {
    let spec = spec::document::parse(sources, &mut Diagnostics::default());
    let written = spec.main.as_ref().and_then(|it| it.host.value.systemd.as_ref());
    written.map_or(target.systemd, |it| it.value)
}
