//! Timers that take back an apply whose executor hangs.

use std::time::Duration;

use hostwright::artifact::Safety;

use super::{service, unit};
use crate::context::Context;
use crate::failure::Failure;
use crate::machine::systemd::{Systemd, TransientTimer};

/// Service that ends an apply that hangs; its timer has the same name.
pub(super) const UNDO: &str = "hostwright-undo.service";
/// The same for the time in which an apply is watched; its timer is armed beside the other, so that one always is.
pub(super) const WINDOW: &str = "hostwright-window.service";
/// Time after which an apply counts as hung.
const DEADLINE: Duration = Duration::from_secs(20 * 60);

/// What timers start to take back an apply that hangs.
#[derive(Debug)]
pub(crate) struct WayBack {
    /// Path of hostwright itself.
    pub(crate) program: String,
    /// Number of the generation that the apply brings about: a timer that goes off late may find that of another.
    pub(crate) generation: u64,
}

impl WayBack {
    /// Arms the timer for a whole apply.
    ///
    /// # Errors
    /// systemd refuses.
    pub(super) fn arm(&self, safety: &Safety) -> Result<(), Failure> {
        self.start(UNDO, DEADLINE + Duration::from_secs(safety.window().into()))
    }

    /// Arms the timer for the time in which an apply is watched, and the other one behind it: steps may have taken most of the
    /// time that was left until that.
    ///
    /// # Errors
    /// systemd refuses.
    pub(crate) fn arm_window(&self, after: Duration) -> Result<(), Failure> {
        self.start(WINDOW, after)?;
        // It is the net below the first one: that it cannot be spread takes nothing back.
        if let Err(failure) = self.start(UNDO, DEADLINE + after) {
            eprintln!("error: cannot {failure}");
        }
        Ok(())
    }

    /// Starts the timer of a service, in place of one that runs.
    fn start(&self, undo: &str, after: Duration) -> Result<(), Failure> {
        let systemd = Systemd::default();
        let description = "hostwright takes back an apply that hangs";
        let command = ["undo", "--stop", "--generation", &self.generation.to_string()];
        let timer = TransientTimer {
            name: unit(&timer_of(undo)),
            seconds: after.as_secs(),
            service: service(&self.program, undo, description, &command, &[]),
        };
        systemd.disarm(&timer.name)?;
        systemd.arm_timer(&timer)
    }
}

/// Stops the timers; below a directory there are none.
///
/// # Errors
/// systemd refuses.
pub(crate) fn disarm(context: &Context) -> Result<(), Failure> {
    if !context.layout.is_machine() {
        return Ok(());
    }
    let systemd = Systemd::default();
    let [undo, window] = [UNDO, WINDOW].map(|it| systemd.disarm(&unit(&timer_of(it))));
    undo.and(window)
}

fn timer_of(service: &str) -> String {
    service.replace(".service", ".timer")
}
