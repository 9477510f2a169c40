//! The port against a faked manager.

mod fake;

use std::time::{Duration, Instant};

use hostwright::value::TextValue;

use super::bus::Limits;
use super::*;
use crate::moment::Moment;
use fake::{PAUSE, fake};

fn unit(name: &str) -> UnitName {
    UnitName::parse(name).expect("a unit name")
}

fn service(name: &str) -> TransientService {
    TransientService {
        name: unit(name),
        description: "hostwright: apply".to_owned(),
        command: vec!["/bin/true".to_owned(), "x".to_owned()],
        stop_post: vec!["/bin/false".to_owned()],
        environment: vec!["A=1".to_owned()],
        after: vec![unit("dbus.service")],
    }
}

const RUNS: Release = Release { major: 252, point: Some(39) };

#[test]
fn the_running_manager_tells_its_version() {
    assert_eq!(fake().0.version(), Ok(RUNS));
}

#[test]
fn a_start_waits_for_its_own_job() {
    let (systemd, calls) = fake();
    let begun = Instant::now();
    assert_eq!(systemd.start(&unit("slow-done.service")), Ok(()));
    assert!(begun.elapsed() >= PAUSE);
    assert_eq!(systemd.start(&unit("quick-done.service")), Ok(()));
    assert_eq!(systemd.start(&unit("quick-skipped.service")), Ok(()));
    assert_eq!(calls.lock().expect("no panic")[0], "start slow-done.service replace");
}

#[test]
fn a_failed_job_names_unit_and_result() {
    let (systemd, _) = fake();
    for (name, expected) in [
        ("slow-failed.service", "start slow-failed.service: job failed, result exit-code"),
        ("absent-dependency.service", "start absent-dependency.service: job dependency"),
        ("quick-timeout.mount", "start quick-timeout.mount: job timeout"),
    ] {
        let failure = systemd.start(&unit(name)).expect_err("a failed job");
        assert_eq!(failure.to_string(), expected);
    }
}

#[test]
fn a_job_that_does_not_end_is_given_up() {
    let (systemd, _) = fake();
    let body = ("slow-done.service", "replace");
    let late = jobs::run(&systemd.bus, "StartUnit", &body, Duration::ZERO).expect_err("too late");
    assert!(late.to_string().contains("the job still runs"), "{late}");
    assert_eq!(systemd.start(&unit("slow-done.service")), Ok(()));
}

#[test]
fn jobs_in_a_hurry_have_a_time_together() {
    let (mut systemd, _) = fake();
    assert_eq!(systemd.job_limit(), JOB_LIMIT);
    systemd.hurry(LEAST * 3);
    let limit = systemd.job_limit();
    assert!(limit > LEAST * 2 && limit <= LEAST * 3, "{limit:?}");
    systemd.hurry(Duration::ZERO);
    assert_eq!(systemd.job_limit(), LEAST);
    assert_eq!(systemd.start(&unit("slow-done.service")), Ok(()));
}

#[test]
fn a_unit_that_is_not_loaded_is_stopped() {
    let (systemd, _) = fake();
    let absent = unit("absent-done.service");
    assert_eq!(systemd.stop(&absent), Ok(()));
    assert_eq!(systemd.disarm(&unit("absent-done.timer")), Ok(()));
    assert_eq!(systemd.main_process_started(&absent), Ok(None));
    assert_eq!(systemd.stop(&unit("slow-done.service")), Ok(()));
    assert!(systemd.stop(&unit("slow-canceled.service")).is_err());
}

#[test]
fn a_service_says_when_it_started() {
    let (systemd, _) = fake();
    let name = unit("web.service");
    let started = systemd.main_process_started(&name);
    assert_eq!(started, Ok(Some(Moment { real: 1_700_000_000_000_000, monotonic: 5_000_000 })));
}

#[test]
fn states_of_units_that_exist() {
    let (systemd, _) = fake();
    let names: Vec<UnitName> = (0..8).map(|it| unit(&format!("u{it}.service"))).collect();
    let states = systemd.states(&names).expect("states");
    let found: Vec<Option<&UnitState>> = names.iter().map(|it| states.get(it)).collect();
    let expected = [
        Some(&UnitState::Active),
        Some(&UnitState::Active),
        Some(&UnitState::Changing),
        Some(&UnitState::Changing),
        Some(&UnitState::Inactive),
        Some(&UnitState::Failed),
        None,
        Some(&UnitState::Active),
    ];
    assert_eq!(found, expected);
}

#[test]
fn transient_units_have_the_types_that_systemd_reads() {
    let (systemd, calls) = fake();
    let name = |suffix: &str| unit(&format!("quick-done.{suffix}"));
    let timer = TransientTimer { name: name("timer"), seconds: 300, service: service("quick-done.service") };
    assert_eq!(systemd.start_transient(&timer.service), Ok(()));
    assert_eq!(systemd.arm_timer(&timer), Ok(()));
    let properties = "Description:s Type:s ExecStart:a(sasb) Environment:as After:as KillMode:s \
        TimeoutStopUSec:t IgnoreOnIsolate:b CollectMode:s ExecStopPost:a(sasb)";
    let clock = "Description:s TimersMonotonic:a(st) AccuracyUSec:t RemainAfterElapse:b \
        IgnoreOnIsolate:b CollectMode:s";
    let calls = calls.lock().expect("no panic");
    assert_eq!(calls[0], format!("quick-done.service fail {properties}"));
    assert_eq!(calls[1], format!("quick-done.timer fail {clock}"));
    assert_eq!(calls[2], format!("quick-done.service {properties}"));
}

#[test]
fn a_timer_starts_the_service_of_its_name() {
    let (systemd, _) = fake();
    let timer = TransientTimer { name: unit("undo.timer"), seconds: 1, service: service("apply.service") };
    let failure = systemd.arm_timer(&timer).expect_err("another name");
    assert_eq!(failure.to_string(), "start undo.timer: a timer of this name cannot start apply.service");
}

#[test]
fn a_reload_is_one_call() {
    let (systemd, calls) = fake();
    assert_eq!(systemd.daemon_reload(), Ok(()));
    assert_eq!(*calls.lock().expect("no panic"), ["reload"]);
}

/// A manager hangs here as long as somebody holds its list of calls.
#[test]
fn a_manager_that_hangs_is_waited_for_once() {
    let (mut systemd, calls) = fake();
    let (limit, life) = (Duration::from_millis(300), Duration::from_millis(100));
    systemd.bus.limits = Limits { units: limit, life, ..Limits::default() };
    let hanging = calls.lock().expect("no panic");
    let begun = Instant::now();
    let failure = systemd.daemon_reload().expect_err("it hangs");
    assert_eq!(failure.to_string(), "load units again: I/O error: no reply within 0.3 s");
    assert!(begun.elapsed() >= limit);
    for _ in 0..5 {
        let failure = systemd.version().expect_err("it hangs");
        assert_eq!(failure.to_string(), "read the version of systemd: I/O error: no reply within 0.1 s");
        assert!(systemd.stop(&unit("slow-done.service")).is_err());
    }
    assert!(begun.elapsed() < Limits::default().reply / 2, "asked for a sign of life, not waited for");
    drop(hanging);
    let wakes = (0..100).any(|_| systemd.version() == Ok(RUNS));
    assert!(wakes, "it is asked again once it gives a sign of life");
    assert_eq!(systemd.stop(&unit("slow-done.service")), Ok(()));
}

#[test]
fn a_reload_may_take_longer_than_a_reply() {
    let (mut systemd, calls) = fake();
    systemd.bus.limits = Limits { reply: PAUSE, ..Limits::default() };
    let hanging = calls.lock().expect("no panic");
    std::thread::scope(|scope| {
        let reload = scope.spawn(|| systemd.daemon_reload());
        std::thread::sleep(PAUSE * 4);
        drop(hanging);
        assert_eq!(reload.join().expect("no panic"), Ok(()));
    });
}
