//! `adopt`: marks a thing that was there before as hostwright's, and changes nothing else.

use hostwright::artifact::Origin;
use hostwright::plan::{Deferral, adopt};

use super::apply::locked;
use crate::apply::Machine;
use crate::cli::SpecArgument;
use crate::context::{Context, Exit};
use crate::failure::Failure;
use crate::prepare::{Former, prepare};

/// Marks what a table of the spec describes.
///
/// # Errors
/// The name is none, or what could not be read or marked.
pub(super) fn run(context: &Context, thing: &str, spec: &SpecArgument) -> Result<Exit, Failure> {
    let Some((kind, name)) = thing.split_once('.') else {
        return Err(Failure::new(format!("adopt {thing}"), "it is not KIND.NAME, like network.guests"));
    };
    if !context.layout.is_machine() {
        return Err(Failure::new(
            format!("adopt {thing}"),
            "with `--root` there is no machine whose things could be marked",
        ));
    }
    let _lock = match locked(context)? {
        Ok(lock) => lock,
        Err(exit) => return Ok(exit),
    };
    let (compiled, former) = Former::read_beside(context, spec)?;
    let Some(artifacts) = compiled.artifacts else { return Ok(Exit::Errors) };
    let mut prepared = prepare(context, former?, compiled.sources.concatenated(), artifacts, Deferral::Stop)?;
    let actions = match adopt(&prepared.machine.new, &prepared.observed, &Origin::new(kind, name)) {
        Ok(actions) => actions,
        Err(obstacle) => {
            eprintln!("error: {}: {}", obstacle.origin, obstacle.message);
            obstacle.hint.iter().for_each(|it| eprintln!("hint: {it}"));
            return Ok(Exit::Stopped);
        }
    };
    if actions.is_empty() {
        println!("{thing} is hostwright's already");
    }
    for action in actions {
        prepared.machine.run(&action)?;
        println!("{action}");
    }
    Ok(Exit::Done)
}
