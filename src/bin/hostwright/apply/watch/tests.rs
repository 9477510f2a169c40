//! Waits between looks.

use std::time::Duration;

use super::Window;

/// Waits where looks take a time, and returns when the last one begins and the longest wait.
fn watched(window: Duration, look: Duration) -> (Duration, Duration) {
    let state = Window { end: window, slowest: look, last: look, warned: true, awaits: false };
    let (mut now, mut longest) = (Duration::ZERO, Duration::ZERO);
    loop {
        let begun = now;
        now += look;
        if now >= window {
            return (begun, longest);
        }
        let wait = state.pause(window.saturating_sub(now));
        (now, longest) = (now + wait, longest.max(wait));
    }
}

#[test]
fn the_last_look_begins_as_the_window_ends() {
    for (window, look) in [(5_000, 0), (5_000, 120), (9_000, 230), (30_000, 700), (300_000, 50)] {
        let (begun, longest) = watched(Duration::from_millis(window), Duration::from_millis(look));
        let late = Duration::from_millis(window).abs_diff(begun);
        assert!(late < Duration::from_millis(10), "{window} ms with looks of {look}: {late:?} off");
        assert!(longest < Duration::from_secs(2), "{longest:?}");
    }
}
