//! Transient services and timers, as the properties that systemd takes for them.

use hostwright::value::UnitName;
use zbus::Variant;

/// Longest time that one phase of a stop may take, the commands after the main process included.
const STOP_LIMIT_MICROSECONDS: u64 = 30 * 60 * 1_000_000;
/// systemd's own default of a minute would let an undo come late.
const ACCURACY_MICROSECONDS: u64 = 100_000;

/// A property with its value.
pub(super) type Property = (&'static str, Variant<'static>);
/// A unit with its properties, as `StartTransientUnit` takes units beside the first.
pub(super) type Auxiliary<'name> = (&'name str, Vec<Property>);

/// A service without a file, gone once it has ended.
#[derive(Debug, Clone)]
pub(crate) struct TransientService {
    /// Name with suffix.
    pub(crate) name: UnitName,
    /// `Description=`.
    pub(crate) description: String,
    /// `ExecStart=`: the program's absolute path and its arguments. `$` is read as in a unit file.
    pub(crate) command: Vec<String>,
    /// `ExecStopPost=` in the same form, run however the command ended; empty: nothing is run.
    pub(crate) stop_post: Vec<String>,
    /// `NAME=value`.
    pub(crate) environment: Vec<String>,
    /// Units that a shutdown stops only after this one: those that the commands need.
    pub(crate) after: Vec<UnitName>,
}

/// A timer that starts a service once.
#[derive(Debug, Clone)]
pub(crate) struct TransientTimer {
    /// Name with suffix; up to the suffix it is the service's.
    pub(crate) name: UnitName,
    /// Time from now on, in seconds.
    pub(crate) seconds: u64,
    /// What it starts.
    pub(crate) service: TransientService,
}

impl TransientService {
    /// Returns the properties.
    pub(super) fn properties(&self) -> Vec<Property> {
        let mut properties = vec![
            text("Description", &self.description),
            text("Type", "exec"),
            ("ExecStart", Variant::new(execution(&self.command))),
            ("Environment", Variant::new(self.environment.clone())),
            ("After", Variant::new(names(&self.after))),
            // What the main process leaves behind is killed at once, so that it cannot hold up what comes after it.
            text("KillMode", "mixed"),
            ("TimeoutStopUSec", Variant::new(STOP_LIMIT_MICROSECONDS)),
            ("IgnoreOnIsolate", Variant::new(true)),
            text("CollectMode", "inactive-or-failed"),
        ];
        if !self.stop_post.is_empty() {
            properties.push(("ExecStopPost", Variant::new(execution(&self.stop_post))));
        }
        properties
    }
}

impl TransientTimer {
    /// Returns the properties of the timer itself.
    pub(super) fn properties(&self) -> Vec<Property> {
        let microseconds = self.seconds.saturating_mul(1_000_000);
        vec![
            text("Description", &self.service.description),
            ("TimersMonotonic", Variant::new(vec![("OnActiveSec".to_owned(), microseconds)])),
            ("AccuracyUSec", Variant::new(ACCURACY_MICROSECONDS)),
            ("RemainAfterElapse", Variant::new(false)),
            ("IgnoreOnIsolate", Variant::new(true)),
            text("CollectMode", "inactive-or-failed"),
        ]
    }

    /// Says whether systemd would start the service by the timer's name, the only way for transient timers.
    pub(super) fn fits(&self) -> bool {
        stem(&self.name) == stem(&self.service.name) && self.name.suffix() == "timer"
    }
}

fn text(name: &'static str, value: &str) -> Property {
    (name, Variant::new(value.to_owned()))
}

fn names(units: &[UnitName]) -> Vec<String> {
    units.iter().map(ToString::to_string).collect()
}

/// Writes a command as path, arguments with the path, and whether a failure is ignored.
fn execution(command: &[String]) -> Vec<(String, Vec<String>, bool)> {
    command.first().map(|program| (program.clone(), command.to_vec(), false)).into_iter().collect()
}

fn stem(name: &UnitName) -> &str {
    let text = name.as_str();
    text.rsplit_once('.').map_or(text, |(stem, _)| stem)
}
