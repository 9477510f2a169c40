//! `status`: what the host runs, what waits, and how it came there.

use hostwright::artifact::OWN_FILES;
use serde_json::json;

use crate::apply::journal::{self, Header, Outcome, Record};
use crate::cli::Format;
use crate::context::{Context, Exit};
use crate::failure::Failure;
use crate::prepare::prepare_applied;
use crate::report::FORMAT_VERSION;
use crate::service::NOT_KEPT;
use crate::{clock, recovery, service, sessions, store};

/// Says what the host runs, what waits, and how the last apply ended.
///
/// # Errors
/// What could not be read.
pub(super) fn status(context: &Context) -> Result<Exit, Failure> {
    let mut lines = Vec::new();
    let records = recovery::records(&context.layout);
    lines.push(applied(context, records.as_ref().ok().and_then(Option::as_ref))?);
    match records {
        Ok(Some((header, records))) => lines.extend(unfinished(context, &header, &records)?),
        Ok(None) => lines.extend(last(context)?),
        Err(failure) => lines.push(format!("torn: cannot {failure}")),
    }
    if let Some(text) = store::read_if_there(&context.layout.fallback())? {
        lines.push(format!("boot: {}", text.trim()));
    }
    // What is known is said where the machine cannot be compared, too: that may be why somebody asks.
    let compared = machine(context).map(|it| lines.extend(it));
    print(context, "status", &lines);
    compared.map(|()| Exit::Done)
}

/// Says which generation is applied, and since when; the history may lack the last one.
fn applied(context: &Context, unkept: Option<&(Header, Vec<Record>)>) -> Result<String, Failure> {
    let line = |header: &Header| {
        format!("applied: generation {}, {}", header.generation, clock::in_words(header.time))
    };
    if let Some((header, records)) = unkept
        && journal::outcome(records) == Some(&Outcome::Applied)
    {
        return Ok(line(header));
    }
    let Some(number) = store::last_applied(&context.layout, 1)?.first().copied() else {
        return Ok("applied: nothing".to_owned());
    };
    Ok(match store::generation(&context.layout, number) {
        Ok(Some(it)) => line(&it.header),
        _ => format!("applied: generation {number}"),
    })
}

/// Says how the last apply ended that the history can tell of, and which later ones it cannot.
fn last(context: &Context) -> Result<Vec<String>, Failure> {
    let mut lines = Vec::new();
    for (_, found) in store::newest_first(&context.layout)? {
        match found {
            Ok(it) => {
                lines.push(format!("last: {}", service::told(&it.header, Some(&it.outcome))));
                break;
            }
            Err(failure) => lines.push(format!("history: cannot {failure}")),
        }
    }
    Ok(lines)
}

/// Says how far an apply is that the history does not have yet.
fn unfinished(context: &Context, header: &Header, records: &[Record]) -> Result<Vec<String>, Failure> {
    if let Some(outcome) = journal::outcome(records) {
        let told = format!("last: {}", service::told(header, Some(outcome)));
        return Ok(vec![told, format!("history: without generation {}; {}", header.generation, NOT_KEPT)]);
    }
    let generation = header.generation;
    let begun = journal::undoing(records);
    if service::is_at_work(context)? {
        return Ok(match begun {
            Some(why) => vec![format!("generation {generation} is being taken back: {why}")],
            None => [service::told(header, None)].into_iter().chain(waits(header, records)).collect(),
        });
    }
    let way = if journal::is_verified(records) { "finishes it" } else { "takes it back" };
    let why = begun.map(|why| format!(": {why}")).unwrap_or_default();
    Ok(vec![format!("torn: generation {generation} did not end, the next apply or boot {way}{why}")])
}

/// Says how long an apply waits for `hostwright confirm`.
fn waits(header: &Header, records: &[Record]) -> Option<String> {
    let left =
        journal::watched_until(records).map(clock::seconds_until).filter(|_| header.safety.confirm.is_some());
    left.map(|it| format!("waits: `hostwright confirm` keeps it, in {it} s it is taken back"))
}

/// Compares the machine with the applied spec.
fn machine(context: &Context) -> Result<Vec<String>, Failure> {
    let Some(text) = context.applied_text()? else { return Ok(Vec::new()) };
    let prepared = prepare_applied(context)?;
    let plan = &prepared.plan;
    let mut lines = Vec::new();
    if plan.is_empty() {
        lines.push("machine: as applied".to_owned());
    }
    lines.extend(
        plan.changes.iter().map(|it| format!("differs: {} {}: {}", it.origin.kind, it.origin.name, it.what)),
    );
    let obstacles = plan.blocked.iter().chain(&plan.problems);
    lines.extend(
        obstacles.map(|it| format!("differs: {} {}: {}", it.origin.kind, it.origin.name, it.message)),
    );
    lines.extend(
        plan.pending
            .iter()
            .map(|it| format!("pending: {} {}: {}", it.origin.kind, it.origin.name, it.message)),
    );
    lines.extend(stale(&prepared));
    lines.extend(prepared.observed.missing.iter().map(|it| {
        format!("missing: no boot starts {it}, and without it none brings what is applied, `hostwright install` has it started")
    }));
    let failed = prepared.observed.networkd.iter().flat_map(|it| &it.failed);
    lines.extend(failed.map(|it| {
        format!("failed: networkd configures `{it}` no further, `journalctl -u systemd-networkd` says why")
    }));
    lines.extend(sessions::lines(&prepared.observed));
    let candidate = store::read_if_there(&context.layout.candidate())?;
    if candidate.is_some_and(|it| it != text) {
        lines.push(
            "spec: host.toml is not what is applied, `hostwright plan` says what it would change".to_owned(),
        );
    }
    Ok(lines)
}

/// Names links that left the spec and that networkd still holds files for: they would come back if it crashed.
fn stale(prepared: &crate::prepare::Prepared) -> Vec<String> {
    let files = prepared.observed.leftovers.iter();
    let names = files.filter_map(|it| it.path.strip_prefix(OWN_FILES)?.strip_suffix(".netdev"));
    let pending = |name| {
        format!(
            "pending: networkd forgets link {name} at the next boot; if it crashed before, the link would come back"
        )
    };
    names.map(pending).collect()
}

/// Prints lines, or a list of them for programs.
pub(super) fn print(context: &Context, word: &str, lines: &[String]) {
    if context.global.format == Format::Json {
        println!("{:#}", json!({ "format-version": FORMAT_VERSION, word: lines }));
    } else {
        lines.iter().for_each(|it| println!("{it}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::tests::{empty_plan, header};

    #[test]
    fn what_the_history_does_not_have_is_applied_all_the_same() {
        let root = tempfile::tempdir().expect("a folder");
        let context = Context::below(root.path());
        store::keep(&context.layout, header(empty_plan()), Outcome::Applied, &[]).expect("kept");
        let said = |outcome| {
            let header = Header { generation: 2, time: 60, ..header(empty_plan()) };
            applied(&context, Some(&(header, vec![Record::Outcome(outcome)]))).expect("readable")
        };
        assert_eq!(said(Outcome::Applied), "applied: generation 2, 1970-01-01 00:01:00 UTC");
        let taken_back = Outcome::TakenBack("lost".to_owned());
        assert_eq!(said(taken_back), "applied: generation 1, 1970-01-01 00:00:00 UTC");
    }
}
