//! `unit`: what units call.

use hostwright::value::{ItemName, TextValue};

use crate::apply::execute::execute;
use crate::apply::journal::{Journal, Story};
use crate::cli::{LoginArguments, UnitCommand};
use crate::context::{Context, Exit};
use crate::failure::{During, Failure};
use crate::late::{self, DISK_LIMIT};
use crate::machine::iscsi;
use crate::machine::libvirt::Libvirt;
use crate::memory::{self, Libraries};
use crate::recovery::{self, Ended};
use crate::{author, lock, service, store};

/// Runs what a unit calls.
///
/// # Errors
/// What could not be done.
pub(super) fn run(context: &Context, command: &UnitCommand) -> Result<Exit, Failure> {
    match command {
        UnitCommand::Execute => steps(context),
        UnitCommand::Undo { stop: _, generation: Some(it) } if is_over(context, *it) => Ok(Exit::Done),
        UnitCommand::Undo { stop: true, .. } => {
            // What cannot be stopped may be gone, and who has the lock is waited for.
            if let Err(failure) = service::stop() {
                eprintln!("error: cannot {failure}");
            }
            behind_the_steps(context, "the process that applied it hung")
        }
        UnitCommand::Undo { stop: false, .. } => behind_the_steps(context, end_of_executor()),
        UnitCommand::Recover if runs_now(context)? => Ok(Exit::Done),
        UnitCommand::Recover => undo(context, "the machine was reset"),
        UnitCommand::StartDomain { name } => {
            let name = ItemName::parse(name).during(|| "start a guest".to_owned())?;
            Libvirt::default().start_domain(&name).during(|| format!("start guest {name}"))?;
            Ok(Exit::Done)
        }
        UnitCommand::IscsiLogin(arguments) => said(login(arguments)),
        UnitCommand::IscsiLogout { target } => iscsi::logout::logout(target).map(|it| stays(&it)),
        UnitCommand::OpenIscsiStop => iscsi::logout::logout_others().map(|it| stays(&it)),
        UnitCommand::LunCheck { lun, target, wwn } => said(iscsi::login::check_disk(lun, target, wwn)),
    }
}

/// Says whether the apply of a generation has ended, and another one may have begun; not where nobody knows: the disk may hang.
fn is_over(context: &Context, generation: u64) -> bool {
    let layout = context.layout.clone();
    let unfinished = late::begin(move || recovery::unfinished(&layout)).within(DISK_LIMIT);
    matches!(unfinished, Some(Ok(it)) if it.as_ref().is_none_or(|it| it.generation != generation))
}

/// Says whether the journal is that of an apply that runs: whoever starts the target again starts the unit with it, and guests
/// that the apply starts would wait for its end.
fn runs_now(context: &Context) -> Result<bool, Failure> {
    let boot = recovery::unfinished(&context.layout)?.map(|it| it.boot);
    Ok(boot == Some(author::boot()?) && service::is_applying(context)?)
}

/// Ends what the executor did not. Of a machine that goes down each part may be gone already, and the next boot begins with what
/// was before.
fn behind_the_steps(context: &Context, why: &str) -> Result<Exit, Failure> {
    if context.layout.is_machine() && service::machine_stops() {
        let Some(_lock) = recovery::lock(&context.layout)? else { return Ok(Exit::Done) };
        match recovery::leave_to_boot(&context.layout) {
            Ok(true) => return Ok(Exit::Done),
            Ok(false) => {}
            Err(failure) => eprintln!("error: cannot {failure}"),
        }
    }
    undo(context, why)
}

/// Says how the executor ended; `$EXIT_CODE`, systemd.exec(5).
fn end_of_executor() -> &'static str {
    match std::env::var("EXIT_CODE").as_deref() {
        Ok("exited") => "the process that applied it failed, `journalctl --unit hostwright-apply` says why",
        _ => "the process that applied it was killed",
    }
}

/// Says in the journal which sessions stay, and why: a stop must not fail for it, or the shutdown would wait.
fn stays(users: &[String]) -> Exit {
    users.iter().for_each(|it| println!("kept: {it}"));
    Exit::Done
}

/// Has systemd show why a unit failed.
fn said(result: Result<(), Failure>) -> Result<Exit, Failure> {
    result.inspect_err(|failure| iscsi::status::say(&failure.to_string())).map(|()| Exit::Done)
}

fn login(arguments: &LoginArguments) -> Result<(), Failure> {
    iscsi::login::login(&iscsi::login::Login {
        name: &arguments.name,
        target: &arguments.target,
        portals: &arguments.portals,
        initiator: arguments.initiator.as_ref(),
        chap: arguments.chap.as_ref(),
        mutual_chap: arguments.mutual_chap.as_ref(),
        timeouts: iscsi::record::Timeouts {
            replacement: arguments.replacement_timeout,
            login: arguments.login_timeout,
            noop_interval: arguments.noop_out_interval,
            noop: arguments.noop_out_timeout,
        },
    })
}

fn steps(context: &Context) -> Result<Exit, Failure> {
    let who =
        recovery::unfinished(&context.layout)?.map_or_else(|| "hostwright apply".to_owned(), |it| it.who());
    let _lock = lock::wait(&context.layout, &who)?;
    let Some(mut journal) = Journal::open(&context.layout)? else { return Ok(Exit::Done) };
    let Some(header) = journal.header().cloned() else { return Ok(Exit::Done) };
    let is_of_libvirt = header.plan.steps.iter().any(|it| it.action.is_of_libvirt());
    memory::lock(if is_of_libvirt { Libraries::All } else { Libraries::Basic })?;
    store::remove(&context.layout.confirmed())?;
    let mut machine = recovery::machine(context, &header)?;
    let outcome = execute(&mut machine, &mut journal, &mut test_switches())?;
    // The host is what it is: what is left to do is the disk's, which may hang.
    disarm(context);
    machine.await_disk();
    Ok(keep(context, Ended { header, outcome, records: journal.into_records() }))
}

fn undo(context: &Context, why: &str) -> Result<Exit, Failure> {
    // One whose memory cannot be locked may wait for a disk; one that is not begun takes nothing back.
    if let Err(failure) = memory::lock(Libraries::All) {
        eprintln!("error: cannot {failure}");
    }
    let Some(_lock) = recovery::lock(&context.layout)? else { return Ok(Exit::Done) };
    let ended = recovery::recover(context, why)?;
    // Where the undo is what a timer started, stopping the timers is all that is left to do.
    disarm(context);
    Ok(ended.map_or(Exit::Done, |it| keep(context, it)))
}

/// Says how it ended, for the journal, writes the history, and returns the exit of what the host is, whether that can be done or
/// not.
fn keep(context: &Context, ended: Ended) -> Exit {
    println!("{}", service::told(&ended.header, Some(&ended.outcome)));
    let exit = service::exit(&ended.outcome);
    if let Err(failure) = ended.keep(context) {
        eprintln!("error: cannot {failure}");
    }
    exit
}

/// Stops the timers; one that goes off all the same finds an apply that has ended.
fn disarm(context: &Context) {
    if let Err(failure) = service::disarm(context) {
        eprintln!("error: cannot {failure}");
    }
}

/// Returns a hook that kills or halts the executor behind a step, as the tests ask for.
fn test_switches() -> impl FnMut(usize) {
    let number = |name: &str| std::env::var(name).ok().and_then(|it| it.parse::<usize>().ok());
    let kill = number("HOSTWRIGHT_KILL_AFTER_STEP");
    let pause = number("HOSTWRIGHT_PAUSE_AFTER_STEP");
    move |step| {
        if kill == Some(step + 1) {
            let _ = nix::sys::signal::kill(nix::unistd::getpid(), nix::sys::signal::Signal::SIGKILL);
        }
        if pause == Some(step + 1) {
            std::thread::sleep(std::time::Duration::from_secs(3600));
        }
    }
}
