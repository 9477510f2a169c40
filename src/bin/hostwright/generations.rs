//! Which generation was before the present one, and which are kept.

use std::fs;

use crate::apply::journal::Header;
use crate::context::Context;
use crate::failure::{During, Failure};
use crate::store;

/// Generations that were applied and are kept, the one that runs and the one before it not counted.
const KEPT: usize = 50;
/// Those that were taken back or failed: a count of their own, so that no number of tries takes the way back.
const KEPT_TRIES: usize = 50;

/// What was applied before.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Before {
    /// Generation that tells of it.
    pub(crate) told_by: u64,
    /// What it is called.
    pub(crate) name: String,
    /// Text of its spec; empty: the host had none.
    pub(crate) spec: String,
}

/// Returns what was applied before; before the first generation the host had no spec, an empty one. One that cannot be read
/// may be what was applied before: further back nobody goes unasked.
///
/// # Errors
/// A generation cannot be read, or a spec of one does not compile.
pub(crate) fn before(context: &Context, applied: &str) -> Result<Option<Before>, Failure> {
    let present = context.artifacts_of("applied.toml", Some(applied))?;
    let mut first = None;
    for (number, found) in store::newest_first(&context.layout)? {
        let generation = match found {
            Ok(generation) if generation.was_applied() => generation,
            Ok(_) => continue,
            Err(failure) => return Err(unknown(number, &failure)),
        };
        let Header { generation, spec, former, .. } = generation.header;
        let name = format!("generation {generation}");
        // An edit that changes nothing is none to return from.
        if spec != applied && context.artifacts_of(&name, Some(&spec))? != present {
            return Ok(Some(Before { told_by: number, name: generation.to_string(), spec }));
        }
        first = Some((number, former));
    }
    let first = first.filter(|(_, former)| former.is_none() && !applied.is_empty());
    Ok(first.map(|(told_by, _)| Before {
        told_by,
        name: "the host as it was".to_owned(),
        spec: String::new(),
    }))
}

fn unknown(number: u64, failure: &Failure) -> Failure {
    let hint = "say which generation to return to, `hostwright history` lists them";
    Failure::new(
        "roll back",
        format!("generation {number} may be the one before, and cannot {failure}; {hint}"),
    )
}

/// Removes the oldest generations.
///
/// # Errors
/// The file system's.
pub(crate) fn prune(context: &Context) -> Result<(), Failure> {
    let layout = &context.layout;
    // To read them all takes a while, and the next apply waits for it.
    let numbers = store::numbers(layout)?;
    if numbers.len() <= KEPT.min(KEPT_TRIES) {
        return Ok(());
    }
    let applied = store::last_applied(layout, usize::MAX)?;
    let tries = numbers.into_iter().rev().filter(|it| !applied.contains(it));
    let mut superfluous: Vec<u64> = tries.skip(KEPT_TRIES).collect();
    let old = applied.get(KEPT + 2..).unwrap_or_default();
    if !old.is_empty() {
        superfluous.extend(without_way_back(context, old));
    }
    for number in superfluous {
        let directory = store::directory(layout, number);
        fs::remove_dir_all(&directory).during(|| format!("remove {}", directory.display()))?;
    }
    Ok(())
}

/// Leaves out of old generations the one that a rollback would return to: all younger ones may be edits that change nothing.
/// Where nobody knows which that is, none is left.
fn without_way_back(context: &Context, old: &[u64]) -> Vec<u64> {
    let applied = context.applied_text().map(Option::unwrap_or_default);
    match applied.and_then(|it| before(context, &it)) {
        Ok(before) => {
            let told_by = before.map(|it| it.told_by);
            old.iter().copied().filter(|it| Some(*it) != told_by).collect()
        }
        Err(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::journal::Outcome;
    use crate::apply::tests::{empty_plan, header};

    const FIRST: &str = "[host]\nname = \"a\"\n[nic.eno1]\n";
    const SECOND: &str = "[host]\nname = \"a\"\n[nic.eno2]\n";

    /// Keeps a generation as the newest.
    fn keep(context: &Context, spec: &str, outcome: Outcome) {
        let generation = store::numbers(&context.layout).expect("readable").last().map_or(1, |it| it + 1);
        let former = (generation > 1).then(String::new);
        let header = Header { generation, former, spec: spec.to_owned(), ..header(empty_plan()) };
        if outcome == Outcome::Applied {
            store::commit(&context.layout, spec).expect("written");
        }
        store::keep(&context.layout, header, outcome, &[]).expect("kept");
        prune(context).expect("pruned");
    }

    fn numbers(context: &Context) -> Vec<u64> {
        store::numbers(&context.layout).expect("readable")
    }

    #[test]
    fn failed_tries_push_nothing_out_that_was_applied() {
        let root = tempfile::tempdir().expect("a folder");
        let context = Context::below(root.path());
        keep(&context, FIRST, Outcome::Applied);
        keep(&context, SECOND, Outcome::Applied);
        keep(&context, FIRST, Outcome::Applied);
        for _ in 0..=KEPT_TRIES {
            keep(&context, SECOND, Outcome::TakenBack("lost".to_owned()));
        }
        let expected: Vec<u64> = [1, 2, 3].into_iter().chain(5..=54).collect();
        assert_eq!(numbers(&context), expected);
    }

    #[test]
    fn edits_that_change_nothing_do_not_push_out_the_way_back() {
        let root = tempfile::tempdir().expect("a folder");
        let context = Context::below(root.path());
        keep(&context, FIRST, Outcome::Applied);
        let edits = u64::try_from(KEPT).expect("few") + 4;
        for edit in 0..edits {
            keep(&context, &format!("# edit {edit}\n{SECOND}"), Outcome::Applied);
        }
        let expected: Vec<u64> = [1].into_iter().chain(4..=edits + 1).collect();
        assert_eq!(numbers(&context), expected);
        let applied = context.applied_text().expect("readable").expect("there");
        let found = before(&context, &applied).expect("readable").expect("there");
        assert_eq!(found, Before { told_by: 1, name: "1".to_owned(), spec: FIRST.to_owned() });
        keep(&context, FIRST, Outcome::Applied);
        assert_eq!(numbers(&context).first(), Some(&5), "the way back is another one");
    }
}
