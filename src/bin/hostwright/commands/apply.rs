//! `apply`: brings the host to what a spec says, or takes everything back.

use std::io::{BufRead, IsTerminal};
use std::path::Path;

use super::plan::show;
use super::plan::stored::{Refusal, Stored};
use hostwright::value::TimeSpan;

use crate::apply::execute::execute;
use crate::apply::journal::{Header, Journal, Outcome};
use crate::cli::{Consent, SpecArgument};
use crate::context::{Context, Exit};
use crate::failure::{During, Failure};
use crate::lock::{self, Lock, NoLock};
use crate::prepare::{Former, Prepared, prepare};
use crate::recovery::{self, Ended};
use crate::{author, caller, clock, service, store};

/// Applies a spec.
///
/// # Errors
/// What could not be read or written before the first step.
pub(super) fn run(
    context: &Context,
    spec: &SpecArgument,
    stored: Option<&Path>,
    consent: &Consent,
) -> Result<Exit, Failure> {
    let lock = match locked(context)? {
        Ok(lock) => lock,
        Err(exit) => return Ok(exit),
    };
    let (compiled, former) = Former::read_beside(context, spec)?;
    let Some(artifacts) = compiled.artifacts else { return Ok(Exit::Errors) };
    let prepared =
        prepare(context, former?, compiled.sources.concatenated(), artifacts, consent.acceptance.terms())?;
    if let Some(path) = stored {
        let terms = consent.acceptance.terms();
        let refusal = Stored::read(path)?.refusal(&prepared.machine.spec, &prepared.plan, &terms);
        if let Some(Refusal { what, hint }) = refusal {
            let path = path.display();
            eprintln!("error: {what} not what {path} was made for: nothing was changed\nhint: {hint}");
            return Ok(Exit::Stopped);
        }
    }
    bring_about(context, prepared, consent, "apply", lock)
}

/// Takes the lock and ends an apply that was torn before; the inner error is the exit.
///
/// # Errors
/// The lock cannot be taken at all.
pub(super) fn locked(context: &Context) -> Result<Result<Lock, Exit>, Failure> {
    let lock = match taken(context)? {
        Ok(lock) if recovery::unfinished(&context.layout)?.is_none() && service::is_active(context)? => {
            // The end of the last apply needs the lock once more.
            drop(lock);
            service::await_end()?;
            taken(context)?
        }
        taken => taken,
    };
    let lock = match lock {
        Ok(lock) => lock,
        Err(exit) => return Ok(Err(exit)),
    };
    if let Some(header) = recovery::unfinished(&context.layout)? {
        if service::is_active(context)? {
            eprintln!(
                "error: locked by {}, {}, since {}\nhint: `hostwright status` says how far it is",
                header.author,
                header.reason,
                clock::in_words(header.time)
            );
            return Ok(Err(Exit::Locked));
        }
        if let Some(ended) = recovery::recover(context, "the process that applied it was gone")? {
            eprintln!("{}", service::told(&ended.header, Some(&ended.outcome)));
            service::disarm(context)?;
            ended.keep(context)?;
        }
    }
    Ok(Ok(lock))
}

fn taken(context: &Context) -> Result<Result<Lock, Exit>, Failure> {
    match lock::take(&context.layout, &format!("{}, hostwright apply", author::name())) {
        Ok(lock) => Ok(Ok(lock)),
        Err(NoLock::Failed(failure)) => Err(failure),
        Err(NoLock::Held(holder)) => {
            eprintln!("error: locked by {holder}\nhint: `hostwright status` says how far it is");
            Ok(Err(Exit::Locked))
        }
    }
}

/// Shows a plan, asks, and runs it.
///
/// # Errors
/// What could not be written before the first step.
pub(super) fn bring_about(
    context: &Context,
    prepared: Prepared,
    consent: &Consent,
    reason: &str,
    lock: Lock,
) -> Result<Exit, Failure> {
    show(context, &prepared);
    if !prepared.plan.may_be_applied() {
        eprintln!("\nstopped before the first step: nothing was changed");
        return Ok(Exit::Stopped);
    }
    if prepared.plan.is_empty() {
        return commit(context, &prepared, consent, reason);
    }
    if !agreed(consent)? {
        return Ok(Exit::Unusable);
    }
    if !consent.yes && !prepared.still_holds(consent.acceptance.terms())? {
        eprintln!(
            "error: the machine changed while the plan was shown: nothing was changed\nhint: plan again"
        );
        return Ok(Exit::Stopped);
    }
    let mut header = header(&prepared, consent, reason)?;
    header.safety.watch = Some(prepared.watch());
    header.safety.confirm = consent.confirm.map(TimeSpan::seconds).or(header.safety.confirm);
    prepare_journal(context)?;
    let journal = Journal::create(&context.layout, header.clone())?;
    if !context.layout.is_machine() {
        return in_process(context, prepared, journal, &header);
    }
    if let Err(failure) = service::start(context, &header) {
        let _ = service::disarm(context);
        store::remove(&context.layout.journal())?;
        return Err(failure);
    }
    drop(lock);
    service::follow(context, &header)
}

/// Makes a spec that changes nothing on the host the applied one. The history takes it, too: with `[safety]` it may say how the
/// next one is watched.
fn commit(context: &Context, prepared: &Prepared, consent: &Consent, reason: &str) -> Result<Exit, Failure> {
    let (layout, spec) = (&context.layout, &prepared.machine.spec);
    store::commit(layout, spec)?;
    if store::newest_applied_spec(layout)?.unwrap_or_default() == *spec {
        return Ok(Exit::Done);
    }
    let header = header(prepared, consent, reason)?;
    context.tell(&format!("\n{}", service::told(&header, Some(&Outcome::Applied))));
    Ended { header, outcome: Outcome::Applied, records: Vec::new() }.keep(context)?;
    Ok(Exit::Done)
}

fn prepare_journal(context: &Context) -> Result<(), Failure> {
    let directory = context.layout.generations();
    std::fs::create_dir_all(&directory).during(|| format!("make {}", directory.display()))
}

fn in_process(
    context: &Context,
    mut prepared: Prepared,
    mut journal: Journal,
    header: &Header,
) -> Result<Exit, Failure> {
    let outcome = execute(&mut prepared.machine, &mut journal, &mut |_| {})?;
    context.tell(&format!("\n{}", service::told(header, Some(&outcome))));
    prepared.machine.await_disk();
    let exit = service::exit(&outcome);
    let ended = Ended { header: header.clone(), outcome, records: journal.into_records() };
    if let Err(failure) = ended.keep(context) {
        eprintln!("error: cannot {failure}\nhint: the next apply writes the history");
    }
    Ok(exit)
}

fn header(prepared: &Prepared, consent: &Consent, reason: &str) -> Result<Header, Failure> {
    Ok(Header {
        format_version: crate::report::FORMAT_VERSION,
        generation: prepared.next,
        author: author::name(),
        time: clock::now(),
        boot: author::boot()?,
        reason: reason.to_owned(),
        message: consent.message.clone(),
        spec: prepared.machine.spec.clone(),
        former: prepared.former.clone(),
        plan: prepared.plan.clone(),
        safety: prepared.machine.new.safety.clone(),
        caller: caller::connection(),
    })
}

fn agreed(consent: &Consent) -> Result<bool, Failure> {
    if consent.yes {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() {
        eprintln!("error: no terminal to ask on\nhint: `--yes` agrees to the plan above");
        return Ok(false);
    }
    // Beside the plan, which may go into a file.
    eprint!("\napply this? [y/N] ");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).during(|| "ask".to_owned())?;
    let agreed = matches!(answer.trim(), "y" | "yes");
    if !agreed {
        eprintln!("nothing was changed");
    }
    Ok(agreed)
}
